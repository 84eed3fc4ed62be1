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
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.identify.kinds import HELD, Kind
from pupitre.flow.identify.normalising import Named, Setting, normalised
from pupitre.lake.contracts import EventType

Ints = npt.NDArray[np.int64]
Raw = tuple[Kind, str]
Identifier = tuple[Kind, str]  # in its one spelling
Trait = tuple[str, str]  # name and value

NAME_CHARACTERS = 100
TEXT_CHARACTERS = 500
MOST_TRAITS = 100  # of one event
WRITTEN = frozenset({Kind.USER_ID, Kind.ANONYMOUS_ID})  # what the lake's identities are of

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


class Said(NamedTuple):
    """What said it first: earlier is less, and of one instant the least message."""

    first_us: int
    source: str
    message_id: str


class Valued(NamedTuple):
    """A trait: of whom, its name as the source writes it, the source, the value as text."""

    naming: int
    name: str
    source: str
    value: str


@dataclass(frozen=True, slots=True)
class Moments:
    """Instants at which somebody said on a device who they were. ``itself``: in events that rest
    under the device in the lake, so that nothing but the instant tells whose they are."""

    device: int
    naming: int
    at_us: Ints
    itself: bool


@dataclass
class Claimed:
    """What some events say, over identifiers that are numbered here, from 0.

    ``links``: two identifiers, the strongest first → what said it first. ``values``: trait → when
    it was said first and last. ``identities``: how the lake writes an identifier, where that is not
    how we do. ``turned_away``: what named nobody, by kind and why. ``forgotten``: what was erased,
    and is heard of no more, nor what is said beside it; ``late``: source and message of those.
    """

    setting: Setting
    forgotten: frozenset[Identifier] = frozenset()
    late: list[tuple[str, str]] = field(default_factory=list)
    identifiers: dict[Identifier, int] = field(default_factory=dict)
    links: dict[tuple[int, int], Said] = field(default_factory=dict)
    moments: list[Moments] = field(default_factory=list)
    values: dict[Valued, tuple[int, int]] = field(default_factory=dict)
    identities: dict[str, int] = field(default_factory=dict)
    turned_away: dict[tuple[Kind, Named], int] = field(default_factory=dict)
    _spellings: dict[Raw, tuple[str, Named]] = field(default_factory=dict)

    def number(self, one: Identifier) -> int:
        return self.identifiers.setdefault(one, len(self.identifiers))

    def spoken_of(self) -> frozenset[Identifier]:
        """Every identifier that was said, whether or not it named somebody."""
        return frozenset(
            (kind, value)
            for (kind, _), (value, named) in self._spellings.items()
            if named is Named.ONE
        )

    def spelt(self, kind: Kind, raw: str) -> tuple[str, Named]:
        """What is said is said over and over."""
        known = self._spellings.get((kind, raw))
        if known is None:
            known = self._spellings[kind, raw] = normalised(kind, raw, self.setting)
        return known


def kind_of(name: str) -> Kind | None:
    """What a field or an external id of this name is."""
    return _NAMES.get(name.translate(_PUNCTUATION).casefold())


SAYING = ["type", "source", "user_id", "anonymous_id", "previous_id", "traits", "context"]


def claimed(events: pa.Table, into: Claimed) -> Ints:
    """Hear what these events say; ``events`` has the lake's columns.

    (n) For each event the number of the strongest identifier that named somebody, or ``NAMELESS``.
    Events that say the same are looked at once: a visit says who it is fifty times.
    """
    at = events["corrected_at"].cast(pa.int64()).to_numpy()
    groups = (
        _what_is_said(events)
        .append_column("row", pa.array(np.arange(len(events))))
        .group_by(SAYING)
        .aggregate([("row", "list")])
    )
    rows = groups["row_list"].combine_chunks()
    messages = events["message_id"].to_pylist()
    ends, places = rows.offsets.to_numpy(), rows.values.to_numpy()
    strongest = np.full(len(events), NAMELESS, np.int64)
    sayings = zip(*(groups[name].to_pylist() for name in SAYING), strict=True)
    for number, (type_, source, user, anonymous, previous, traits, context) in enumerate(sayings):
        mine = places[ends[number] : ends[number + 1]]
        instants = at[mine]
        first = int(instants.min())
        said = Said(first, source, min(messages[row] for row in mine[instants == first].tolist()))
        raws = _raw(type_, user, previous, traits, context)
        naming, erased = _hear(into, said, instants, anonymous, raws, itself=user is None)
        _spellings(into, user, anonymous)
        if erased:
            into.late += [(source, messages[row]) for row in mine.tolist()]
        if naming != NAMELESS:
            strongest[mine] = naming
            span = first, int(instants.max())
            _values(into, naming, source, span, _traits(type_, traits, context))
    return strongest


def _what_is_said(events: pa.Table) -> pa.Table:
    """Without what is not looked at (the page that was visited, the browser), which would keep
    apart events that say the same."""
    context, traits = events["context"], events["traits"]
    nothing = pa.scalar("{}", pa.string())
    told = [pc.match_substring(context, word) for word in _TO_LOOK_AT]
    speaking = pc.or_(pc.or_(told[0], told[1]), told[2])
    identifies = pc.equal(events["type"], EventType.IDENTIFY.value)
    columns = {name: events[name] for name in SAYING}
    columns["context"] = pc.if_else(speaking, context, nothing)
    columns["traits"] = pc.if_else(identifies, traits, nothing)
    return pa.table(columns)


def _spellings(into: Claimed, user: str | None, anonymous: str | None) -> None:
    """Under which identities the lake has what we write otherwise; of known identifiers alone."""
    for kind, raw in ((Kind.USER_ID, user), (Kind.ANONYMOUS_ID, anonymous)):
        if raw is not None:
            value, named = into.spelt(kind, raw)
            number = into.identifiers.get((kind, value))
            if value != raw and named is Named.ONE and number is not None:
                into.identities[f"{kind}:{raw}"] = number


def _values(
    into: Claimed, naming: int, source: str, span: tuple[int, int], traits: Iterable[Trait]
) -> None:
    for name, value in traits:
        key = Valued(naming, name, source, value)
        first, last = into.values.get(key, span)
        into.values[key] = min(first, span[0]), max(last, span[1])


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


def _traits(type_: str, traits: str, context: str) -> Iterator[Trait]:
    """An identify's own, and those that any other event carries in its context."""
    if type_ == "identify" and len(traits) > 2:
        yield from _plain_traits(traits)
    elif '"traits"' in context:
        yield from _context_traits(context)


@lru_cache(maxsize=4_096)
def _plain_traits(text: str) -> tuple[Trait, ...]:
    try:
        return flattened(_anything.decode(text))
    except msgspec.MsgspecError:
        return ()


@lru_cache(maxsize=4_096)
def _context_traits(text: str) -> tuple[Trait, ...]:
    try:
        return flattened(_context.decode(text).traits)
    except msgspec.MsgspecError:
        return ()


def flattened(traits: Any) -> tuple[Trait, ...]:
    """Name and value of each trait as text, an address's parts as "address.city"; bounded."""
    if not isinstance(traits, dict):
        return ()
    found: list[Trait] = []
    for name, value in traits.items():
        parts = value.items() if isinstance(value, dict) else ((None, value),)
        for part, one in parts:
            text = _told(one)
            if text:
                whole = name if part is None else f"{name}.{part}"
                found.append((_kept(whole, NAME_CHARACTERS), _kept(text, TEXT_CHARACTERS)))
    return tuple(found[:MOST_TRAITS])


def _told(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else msgspec.json.encode(value).decode()


def _kept(text: str, most: int) -> str:
    """What a database takes as text, and no more of it than it takes."""
    return text.replace("\x00", "")[:most]


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


def let_go() -> None:
    """What is said over and over is kept at hand for the length of a round, and no longer: among it
    is what somebody may have erased the minute after."""
    for kept in (_plain_traits, _context_traits, _of_context, _of_traits):
        kept.cache_clear()


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
    found: Claimed,
    said: Said,
    instants: Ints,
    anonymous: str | None,
    raws: Iterable[Raw],
    *,
    itself: bool,
) -> tuple[int, bool]:
    """The strongest that names somebody, and whether the event is somebody's who was erased: then
    it is to go, and nothing is taken from it. Said beside somebody who was not, what was erased is
    left out; on a device that they left behind, an event is theirs until somebody else says who
    they are."""
    left_behind = False
    naming: set[Identifier] = set()
    held: set[Identifier] = set()
    under = found.spelt(Kind.ANONYMOUS_ID, anonymous)[0] if itself and anonymous else None
    for kind, raw in raws if anonymous is None else (*raws, (Kind.ANONYMOUS_ID, anonymous)):
        value, named = found.spelt(kind, raw)
        left_behind |= kind in HELD and (kind, value) in found.forgotten
        if named is Named.ONE:
            (held if kind in HELD else naming).add((kind, value))
        elif named is not Named.EMPTY:
            found.turned_away[kind, named] = found.turned_away.get((kind, named), 0) + len(instants)
    if not naming:
        return NAMELESS, left_behind
    first, *others = sorted(naming, key=lambda one: (STRENGTH[one[0]], one[1]))
    if first in found.forgotten:
        return NAMELESS, True
    strongest = found.number(first)
    for other in others:
        if other in found.forgotten:
            continue
        link = strongest, found.number(other)
        known = found.links.get(link)
        found.links[link] = said if known is None else min(known, said)
    for device in sorted(held):
        own = device == (Kind.ANONYMOUS_ID, under)
        found.moments.append(Moments(found.number(device), strongest, instants, own))
    return strongest, False
