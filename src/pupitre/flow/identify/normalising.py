"""An identifier as it came → the one spelling under which it is known, or why it names nobody."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from types import MappingProxyType

import phonenumbers

from pupitre.flow.identify.kinds import Kind

MAX_CHARACTERS = 255
SHORTEST_PHONE = 6  # digits; below, one that repeats may be real
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
# Good enough to tell an address from what is none; whether it exists only a message can tell.
_LOCAL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
_NOUGHTS = re.compile(r"[0-]+")
_FILLER = re.compile(r"(.)\1*|0*|[0-]+|(0123456789|1234567890?|123456?)")

_WORDS = resources.files("pupitre.flow.identify") / "words"
# What programs and forms say where they know nobody, and what stands before the @ of no person.
NOBODY = frozenset((_WORDS / "nobody.txt").read_text("utf-8").splitlines())
_NOT_PEOPLE = frozenset((_WORDS / "not_people.txt").read_text("utf-8").splitlines())
# Domains that RFC 2606 and RFC 6761 keep for documentation and tests, and that people type into
# forms. Not the top level ``example``: nobody types it, and demonstrations live on it.
_NOWHERE = re.compile(r"(.*\.)?(example\.(com|net|org|edu|fr)|test|invalid|localhost|local)")


class Named(enum.StrEnum):
    """What a value is worth."""

    ONE = "one"
    EMPTY = "empty"
    BLOCKED = "blocked"  # said of many who are nobody
    MALFORMED = "malformed"  # not a value of its kind
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a company adds to the rules. ``region``: ISO 3166, of telephones without a prefix.
    ``blocked``: by kind, in their one spelling. ``own_domains``: of the company, whose addresses
    are its people's and not customers'."""

    region: str = "FR"
    blocked: Mapping[Kind, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    own_domains: frozenset[str] = frozenset()


def normalised(kind: Kind, raw: str, setting: Setting) -> tuple[str, Named]:
    """The spelling under which it is known; empty where it names nobody."""
    text = _plain(raw)
    if not text:
        return "", Named.EMPTY
    if len(text) > MAX_CHARACTERS:
        return "", Named.TOO_LONG
    if text.casefold() in NOBODY:
        return "", Named.BLOCKED
    spell = _SPELLINGS.get(kind, _as_it_is)
    value, named = spell(text, setting)
    if len(value) > MAX_CHARACTERS:  # some letters have longer small ones
        return "", Named.TOO_LONG
    if named is Named.ONE and value in setting.blocked.get(kind, ()):
        return "", Named.BLOCKED
    return value, named


def _plain(raw: str) -> str:
    if raw.isascii() and raw.isprintable():  # nearly all: nothing in it to compose or to leave out
        return raw.strip()
    return _CONTROL.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFC", raw))).strip()


def _as_it_is(text: str, _setting: Setting) -> tuple[str, Named]:
    """Case stays: systems tell ``a1`` from ``A1``, and we cannot know which do not."""
    if _FILLER.fullmatch(text) and (len(text) > 3 or not text.isdigit()):
        return "", Named.BLOCKED
    return text, Named.ONE


def _number(text: str, _setting: Setting) -> tuple[str, Named]:
    """Accounts and cards that are numbered one after the other have a 1111 and a 12345 among them:
    of figures, nothing but noughts names nobody."""
    letters = not text.isdigit() and len(text) > 3 and _FILLER.fullmatch(text)
    return ("", Named.BLOCKED) if letters or _NOUGHTS.fullmatch(text) else (text, Named.ONE)


def _email(text: str, setting: Setting) -> tuple[str, Named]:
    """Lower case throughout: RFC 5321 lets a host tell cases apart in the local part, none does.
    What comes after a plus stays, and so do dots: elsewhere than at one provider they matter."""
    text = text.removeprefix("mailto:").strip("<> ")
    local, at, domain = text.casefold().rpartition("@")
    try:
        domain = domain.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return "", Named.MALFORMED
    if not (at and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        return "", Named.MALFORMED
    if local in _NOT_PEOPLE or _NOWHERE.fullmatch(domain) or domain in setting.own_domains:
        return "", Named.BLOCKED
    value = f"{local}@{domain}"
    return (value, Named.ONE) if len(value) <= MAX_CHARACTERS else ("", Named.TOO_LONG)


def _phone(text: str, setting: Setting) -> tuple[str, Named]:
    return _e164(text, setting.region)


def _e164(text: str, region: str) -> tuple[str, Named]:
    """ITU-T E.164, by the metadata of Google's libphonenumber: whether a number is possible, not
    whether it was given out. Ranges are given out faster than metadata are, and those that a
    regulator keeps for fiction are never."""
    digits = [character for character in text if character.isdigit()]
    if len(digits) >= SHORTEST_PHONE and len(set(digits)) == 1:
        return "", Named.BLOCKED
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return "", Named.MALFORMED
    national = str(number.national_number)
    if len(national) >= SHORTEST_PHONE and (_FILLER.fullmatch(national) or len(set(national)) <= 2):
        return "", Named.BLOCKED
    if not phonenumbers.is_possible_number(number):
        return "", Named.MALFORMED
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), Named.ONE


def _device(text: str, setting: Setting) -> tuple[str, Named]:
    """Advertising ids come in either case; of one who has opted out it is all zeros."""
    return _as_it_is(text.casefold(), setting)


_SPELLINGS: Mapping[Kind, Callable[[str, Setting], tuple[str, Named]]] = MappingProxyType(
    {
        Kind.USER_ID: _number,
        Kind.CUSTOMER_NUMBER: _number,
        Kind.LOYALTY_CARD: _number,
        Kind.EMAIL: _email,
        Kind.PHONE: _phone,
        Kind.DEVICE: _device,
    }
)
