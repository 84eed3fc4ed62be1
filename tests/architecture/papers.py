"""What documents and pins must say, compared with what the code says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_HEADING = re.compile(r"^#{2,4} `(pupitre [^`]+)`$", re.M)
_OPTION = re.compile(r"`(--[a-z][a-z-]*)")
_SETTING = re.compile(r"^\| `([A-Z0-9_]+)` \|([^|]*)\|", re.M)


def command_tree(group: Any, name: str = "pupitre") -> dict[str, frozenset[str]]:
    """Every command that can be typed, with the long options that its help shows."""
    found: dict[str, frozenset[str]] = {}
    for word in group.list_commands(None):
        command = group.get_command(None, word)
        if hasattr(command, "list_commands"):
            found |= command_tree(command, f"{name} {word}")
        elif not command.hidden:
            shown = [p for p in command.params if not getattr(p, "hidden", False)]
            flags = [flag for p in shown for flag in (*p.opts, *p.secondary_opts)]
            found[f"{name} {word}"] = frozenset(flag for flag in flags if flag.startswith("--"))
    return found


def documented_commands(text: str) -> dict[str, frozenset[str]]:
    """Each heading that names a command, with the options named under it."""
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return {
        " ".join(
            word for word in heading[1].split() if word[0] not in "[-<" and not word.isupper()
        ): frozenset(_OPTION.findall(text[heading.end() : end]))
        for heading, end in zip(headings, ends, strict=True)
    }


def command_gaps(
    real: Mapping[str, frozenset[str]], documented: Mapping[str, frozenset[str]]
) -> list[str]:
    found = [f"{name} is not documented" for name in real.keys() - documented.keys()]
    found += [
        f"{name} is documented and does not exist" for name in documented.keys() - real.keys()
    ]
    for name in real.keys() & documented.keys():
        found += [f"{name} {flag} is not documented" for flag in real[name] - documented[name]]
        found += [
            f"{name} {flag} is documented and does not exist"
            for flag in documented[name] - real[name] - {"--help"}
        ]
    return sorted(found)


def documented_settings(text: str) -> dict[str, str]:
    """Variable → default, from the rows of the tables."""
    return {name: default.strip(" `") for name, default in _SETTING.findall(text)}


def setting_gaps(real: Mapping[str, str], documented: Mapping[str, str]) -> list[str]:
    found = [f"{name} is not documented" for name in real.keys() - documented.keys()]
    found += [
        f"{name} is documented and does not exist" for name in documented.keys() - real.keys()
    ]
    found += [
        f"{name} is {real[name]!r} by default, not {documented[name]!r}"
        for name in real.keys() & documented.keys()
        if real[name] != documented[name]
    ]
    return sorted(found)


# --- pins ----------------------------------------------------------------------------------------


def pins(text: str) -> dict[str, tuple[str, int]]:
    """Name → its version and how many hashes it has; raises ValueError on any other line."""
    found: dict[str, tuple[str, int]] = {}
    name = ""
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        pin = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==([\w.!+]+)(?: ; [^\\]+)? \\", bare)
        if pin:
            name = pin[1].lower()
            found[name] = (pin[2], 0)
        elif re.fullmatch(r"--hash=sha256:[0-9a-f]{64}(?: \\)?", bare) and name:
            found[name] = (found[name][0], found[name][1] + 1)
        else:
            raise ValueError(f"neither a pin nor a hash: {bare}")
    return found


def wanted(text: str) -> set[str]:
    """The names that a .in file asks for."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return {re.split(r"[^\w.-]", line)[0].lower() for line in lines if line and line[0] != "-"}


def pin_gaps(asked: Iterable[str], pinned: Mapping[str, tuple[str, int]]) -> list[str]:
    found = [f"{name} is asked for and not pinned" for name in set(asked) - pinned.keys()]
    found += [f"{name} has no hash" for name, (_, hashes) in pinned.items() if not hashes]
    return sorted(found)


# --- what must not be written down ---------------------------------------------------------------

# Written so that this file does not hold what it looks for.
_FORBIDDEN = (
    (
        re.compile(r"(?<![\w.~/])/(?:home|roo[t]|Users|wor[k]|workspaces?|builds)/[\w.-]"),
        "a path of one machine",
    ),
    (
        re.compile(r"\b(?:pyp[i]\.org|pythonhoste[d]\.org|regist[r]y\.npmjs|de[b]\.debian\.org)"),
        "where packages come from",
    ),
    (re.compile(r"(?:extra-)?index-ur[l][ =]https?:|find-link[s][ =]"), "where packages come from"),
)


def private_words(path: str, text: str, checkout: str = "") -> list[str]:
    """Paths of a machine and addresses of package registries, by line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        found += [
            f"{path}:{number}: {what}: {match.group()}"
            for pattern, what in _FORBIDDEN
            for match in pattern.finditer(line)
        ]
        if checkout and re.search(rf"{re.escape(checkout.rstrip('/'))}(?![\w-])", line):
            found.append(f"{path}:{number}: the path of this checkout")
    return found
