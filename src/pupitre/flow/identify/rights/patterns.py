"""How somebody is looked for in text: expressions that RE2 and Python read alike, in lower case.

``mentions`` is for what events say: it must take nobody else's event, so a number counts only where
it is a whole value. ``traces`` is for text of unknown make, a refused event or a line of a file:
there a number counts wherever it stands alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress

import phonenumbers

from pupitre.flow.identify.kinds import Kind

SHORTEST = 4  # characters of a number that is looked for by itself
_BETWEEN = r"[\s.\-/()]*"
_BEFORE, _AFTER = r"(?:^|[^0-9])", r"(?:$|[^0-9])"
_ALONE_BEFORE, _ALONE_AFTER = r"(?:^|[^a-z0-9_\-])", r"(?:$|[^a-z0-9_\-])"
NAMED_IN_EVENTS = frozenset(
    {Kind.CUSTOMER_NUMBER, Kind.LOYALTY_CARD, Kind.SOCIAL, Kind.ORDER, Kind.DEVICE}
)


def mentions(identifiers: Iterable[tuple[str, str]]) -> str:
    found = []
    for kind, value in identifiers:
        if kind == Kind.EMAIL:
            found.append(_email(value))
        elif kind == Kind.PHONE:
            found.append(_phone(value))
        elif kind in NAMED_IN_EVENTS and len(value) >= SHORTEST:
            found.append(_whole(value))
    return "|".join(dict.fromkeys(found))


def traces(identifiers: Iterable[tuple[str, str]]) -> str:
    found = []
    for kind, value in identifiers:
        if kind == Kind.EMAIL:
            found.append(_email(value))
        elif kind == Kind.PHONE:
            found.append(_phone(value))
        elif len(value) >= SHORTEST:
            found.append(_ALONE_BEFORE + _escaped(value) + _ALONE_AFTER)
        else:
            found.append(_under_a_name(value))
    return "|".join(dict.fromkeys(found))


def _escaped(value: str) -> str:
    """Only signs of ASCII are escaped: the two engines agree on those."""
    return "".join(
        "\\" + one if one.isascii() and not one.isalnum() and not one.isspace() else one
        for one in value.casefold()
    )


def _email(value: str) -> str:
    """An internationalised domain is looked for as it is written, and as it is known."""
    local, _at, domain = value.partition("@")
    domains = {domain}
    with suppress(UnicodeError):
        domains.add(domain.encode("ascii").decode("idna").casefold())
    either = "|".join(_escaped(one) for one in sorted(domains))
    return rf"(?:^|[^a-z0-9._%+\-]){_escaped(local)}(?:@|%40)(?:{either})\.?(?:$|[^a-z0-9.\-])"


def _phone(value: str) -> str:
    """``+33612345678`` is also 06 12 34 56 78, 0033 6…, +33 (0)6…"""
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return _BEFORE + _escaped(value) + _AFTER
    country = _BETWEEN.join(str(number.country_code))
    national = _BETWEEN.join(str(number.national_number))
    prefix = rf"(?:(?:\+|0{_BETWEEN}0{_BETWEEN})?{country}{_BETWEEN}(?:0{_BETWEEN})?|0{_BETWEEN})"
    return _BEFORE + prefix + national + _AFTER


def _whole(value: str) -> str:
    """A value of a JSON object, as text or as a number."""
    text = _escaped(json.dumps(value, ensure_ascii=False)[1:-1])
    quoted = f'"{text}"'
    return f"{quoted}|[:\\[,]\\s*{text}\\s*[,}}\\]]" if value.isdecimal() else quoted


def _under_a_name(value: str) -> str:
    """Too short to be looked for by itself: under the names that ids have."""
    names = "user_?id|anonymous_?id|previous_?id|customer_?id|client_?id"
    return rf'"(?:{names})"\s*:\s*"?{_escaped(value)}"?\s*[,}}\n]'
