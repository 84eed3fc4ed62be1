"""What an event says of who did it: the identifiers that it came with, and their links.

Where they stand is Segment's specification: ``userId``, ``anonymousId``, ``previousId`` of an
alias; ``traits`` of an identify and ``context.traits`` of anything else; ``context.externalIds``;
``context.device``. What one event says of one person, it says as a star: its strongest identifier
beside each of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pupitre.flow.identify.kinds import HELD, Kind
from pupitre.flow.identify.normalising import Named, Setting, normalised

Ints = npt.NDArray[np.int64]
Raw = tuple[Kind, str]
Identifier = tuple[Kind, str]  # in its one spelling

STRENGTH: Mapping[Kind, int] = MappingProxyType(
    {kind: place + 1 for place, kind in enumerate(Kind)}
)
# How sources name what they send; compared without case, spaces, hyphens and underscores.
_NAMES: Mapping[str, Kind] = MappingProxyType(
    {
        "userid": Kind.USER_ID,
        "customerid": Kind.CUSTOMER_NUMBER,
        "customernumber": Kind.CUSTOMER_NUMBER,
        "clientid": Kind.CUSTOMER_NUMBER,
        "numeroclient": Kind.CUSTOMER_NUMBER,
        "crmid": Kind.CUSTOMER_NUMBER,
        "loyaltycard": Kind.LOYALTY_CARD,
        "loyaltyid": Kind.LOYALTY_CARD,
        "cardnumber": Kind.LOYALTY_CARD,
        "cartefidelite": Kind.LOYALTY_CARD,
        "email": Kind.EMAIL,
        "emailaddress": Kind.EMAIL,
        "mail": Kind.EMAIL,
        "phone": Kind.PHONE,
        "phonenumber": Kind.PHONE,
        "mobile": Kind.PHONE,
        "telephone": Kind.PHONE,
        "handle": Kind.SOCIAL,
        "twitter": Kind.SOCIAL,
        "instagram": Kind.SOCIAL,
        "facebook": Kind.SOCIAL,
    }
)
NAMELESS = -1
_PUNCTUATION = str.maketrans("", "", " -_")
_TO_LOOK_AT = ('"traits"', '"externalIds"', '"device"')


class _Context(msgspec.Struct, gc=False, rename="camel"):
    traits: Any = None
    external_ids: Any = None
    device: Any = None


_context = msgspec.json.Decoder(_Context)
_anything = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Said:
    """How often something was said, when first and last, and the message that said it first."""

    first_us: int
    last_us: int
    times: int
    message_id: str

    def with_(self, other: Said) -> Said:
        first_us, message_id = min(
            (self.first_us, self.message_id), (other.first_us, other.message_id)
        )
        last_us = max(self.last_us, other.last_us)
        return Said(first_us, last_us, self.times + other.times, message_id)


@dataclass(frozen=True, slots=True)
class Moments:
    """Instants at which a device was used, and the naming identifier that was said, if any."""

    device: int
    at_us: Ints
    naming: int


@dataclass
class Claimed:
    """What some events say, over identifiers that are numbered here, from 0.

    ``links``: (two identifiers, strength) → how it was said. ``turned_away``: what named nobody, by
    kind and why.
    """

    setting: Setting
    identifiers: dict[Identifier, int] = field(default_factory=dict)
    links: dict[tuple[int, int, int], Said] = field(default_factory=dict)
    moments: list[Moments] = field(default_factory=list)
    turned_away: dict[tuple[Kind, Named], int] = field(default_factory=dict)
    _spellings: dict[Raw, tuple[str, Named]] = field(default_factory=dict)

    def number(self, one: Identifier) -> int:
        return self.identifiers.setdefault(one, len(self.identifiers))

    def spelt(self, kind: Kind, raw: str) -> tuple[str, Named]:
        """What is said is said over and over."""
        known = self._spellings.get((kind, raw))
        if known is None:
            known = self._spellings[kind, raw] = normalised(kind, raw, self.setting)
        return known


def kind_of(name: str) -> Kind | None:
    """What a field or an external id of this name is."""
    return _NAMES.get(name.translate(_PUNCTUATION).casefold())


SAYING = ["type", "user_id", "anonymous_id", "previous_id", "traits", "context"]


def claimed(events: pa.Table, setting: Setting, into: Claimed | None = None) -> Claimed:
    """What these events say; ``events`` has the lake's columns.

    Events that say the same are looked at once: a visit says who it is fifty times.
    """
    found = into or Claimed(setting)
    at = events["corrected_at"].cast(pa.int64()).to_numpy()
    groups = (
        events.select(SAYING)
        .append_column("row", pa.array(np.arange(len(events))))
        .group_by(SAYING)
        .aggregate([("row", "list")])
    )
    rows = groups["row_list"].combine_chunks()
    messages = events["message_id"].to_pylist()
    ends, places = rows.offsets.to_numpy(), rows.values.to_numpy()
    sayings = zip(*(groups[name].to_pylist() for name in SAYING), strict=True)
    for number, (type_, user, anonymous, previous, traits, context) in enumerate(sayings):
        mine = places[ends[number] : ends[number + 1]]
        instants = at[mine]
        first = instants.min()
        message = min(messages[row] for row in mine[instants == first].tolist())
        said = Said(int(first), int(instants.max()), len(mine), message)
        raws = _raw(type_, user, previous, traits, context)
        _hear(found, said, instants, anonymous, raws)
    return found


def _raw(
    type_: str, user: str | None, previous: str | None, traits: str, context: str
) -> Iterator[Raw]:
    if user is not None:
        yield Kind.USER_ID, user
    if type_ == "alias" and previous is not None:
        yield Kind.ANONYMOUS_ID, previous
    if type_ == "identify" and len(traits) > 2:
        yield from _of_traits(traits)
    if any(word in context for word in _TO_LOOK_AT):
        yield from _of_context(context)


@lru_cache(maxsize=4_096)
def _of_context(text: str) -> tuple[Raw, ...]:
    try:
        found = _context.decode(text)
    except msgspec.MsgspecError:  # a number that no machine has
        return ()
    raws = list(_named(found.traits))
    if isinstance(found.external_ids, list):
        for one in found.external_ids:
            if isinstance(one, dict) and isinstance(one.get("type"), str):
                raws += _named({one["type"]: one.get("id")})
    if isinstance(found.device, dict):
        for name in ("id", "advertisingId"):
            raws += [(Kind.DEVICE, text) for text in _texts(found.device.get(name))]
    return tuple(raws)


@lru_cache(maxsize=4_096)
def _of_traits(text: str) -> tuple[Raw, ...]:
    try:
        return tuple(_named(_anything.decode(text)))
    except msgspec.MsgspecError:
        return ()


def _named(traits: Any) -> Iterable[Raw]:
    if isinstance(traits, dict):
        for name, value in traits.items():
            kind = kind_of(name)
            if kind is not None:
                yield from ((kind, text) for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    """A value as text; a card's number may come as a number, and a truth value is none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)


def _hear(
    found: Claimed, said: Said, instants: Ints, anonymous: str | None, raws: Iterable[Raw]
) -> None:
    naming: set[Identifier] = set()
    held: set[Identifier] = set()
    for kind, raw in raws if anonymous is None else (*raws, (Kind.ANONYMOUS_ID, anonymous)):
        value, named = found.spelt(kind, raw)
        if named is Named.ONE:
            (held if kind in HELD else naming).add((kind, value))
        elif named is not Named.EMPTY:
            found.turned_away[kind, named] = found.turned_away.get((kind, named), 0) + said.times
    strongest = NAMELESS
    if naming:
        first, *others = sorted(naming, key=lambda one: (STRENGTH[one[0]], one[1]))
        strongest = found.number(first)
        for other in others:
            link = strongest, found.number(other), STRENGTH[other[0]]
            known = found.links.get(link)
            found.links[link] = said if known is None else known.with_(said)
    for device in sorted(held):
        found.moments.append(Moments(found.number(device), instants, strongest))
