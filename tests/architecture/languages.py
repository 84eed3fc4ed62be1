"""Whether the French says all that the code says, with the same blanks, set as French is set."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping

from babel.messages.catalog import Catalog, Message

from scripts.messages import is_translated

NO_BREAK = "\u00a0\u202f"
_PLACEHOLDER = re.compile(
    r"%\(\w+\)[#0\- +]?\d*(?:\.\d+)?[a-zA-Z]|%%|\{\w*(?:![rsa])?(?::[^{}]*)?\}|%[sd]"
)
_TAG = re.compile(r"<[^<>]+>")
_ADDRESS = re.compile(r"\w[\w.+-]*(?:://|@)\S+|/[\w/.-]+")
_CLOCK = re.compile(r"(?<=\d):(?=\d)")

Key = tuple[str | None, str]


def keyed(catalogue: Catalog) -> dict[Key, Message]:
    return {
        (message.context, message.id if isinstance(message.id, str) else message.id[0]): message
        for message in catalogue
        if message.id
    }


def gaps(name: str, said: Catalog, translated: Catalog) -> list[str]:
    """What the code says and the catalogue does not, or no longer needs to, or leaves in doubt."""
    wanted, there = keyed(said), keyed(translated)
    found = [f"{name}: not in the catalogue: {key[1]!r}" for key in wanted.keys() - there.keys()]
    found += [f"{name}: said nowhere: {key[1]!r}" for key in there.keys() - wanted.keys()]
    for key, message in there.items():
        if message.fuzzy:
            found.append(f"{name}: in doubt (fuzzy): {key[1]!r}")
        elif not is_translated(message):
            found.append(f"{name}: not translated: {key[1]!r}")
    return sorted(found)


def blanks(name: str, catalogue: Catalog) -> list[str]:
    """Placeholders that a translation dropped or invented; a plural may leave its number out."""
    found = []
    for (_, key), message in keyed(catalogue).items():
        if not is_translated(message):
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        allowed = {blank for text in ids for blank in _PLACEHOLDER.findall(text)}
        needed = set(_PLACEHOLDER.findall(ids[0])) if len(ids) == 1 else set()
        for text in strings(message):
            has = set(_PLACEHOLDER.findall(text))
            if has - allowed or needed - has:
                found.append(f"{name}: {key!r} has other blanks in {text!r}")
    return found


def conflicts(catalogues: Mapping[str, Catalog]) -> list[str]:
    """One thing said in two rooms and translated differently: only one of them would be shown."""
    first: dict[tuple[Key, bool], tuple[str, list[str]]] = {}
    found = []
    for name, catalogue in catalogues.items():
        for key, message in keyed(catalogue).items():
            if not is_translated(message):
                continue
            # What is counted and what is not are looked up apart.
            counted = bool(message.pluralizable)
            where, before = first.setdefault((key, counted), (name, strings(message)))
            if before != strings(message):
                found.append(f"{key[1]!r}: {where} says {before}, {name} says {strings(message)}")
    return found


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def typography(name: str, texts: Iterable[str]) -> list[str]:
    return [f"{name}: {said} in {text!r}" for text in texts for said in _misprints(text)]


def _misprints(text: str) -> list[str]:
    bare = html.unescape(_TAG.sub("", _ADDRESS.sub("x", _PLACEHOLDER.sub("0", text))))
    bare = _CLOCK.sub("h", bare)
    said = []
    if "'" in bare:
        said.append("a straight apostrophe, for ’")
    if '"' in bare:
        said.append("straight quotes, for « »")
    if "..." in bare:
        said.append("three dots, for …")
    for match in re.finditer(r"[:;!?»]", bare):
        before = bare[match.start() - 1] if match.start() else ""
        if before and before not in NO_BREAK + "!?":
            said.append(f"no no-break space before {match.group()}")
    for match in re.finditer("«", bare):
        if bare[match.end() : match.end() + 1] not in (*NO_BREAK, ""):
            said.append("no no-break space after «")
    if re.search(r"\d [%€]", bare):
        said.append("an ordinary space before % or €")
    return said
