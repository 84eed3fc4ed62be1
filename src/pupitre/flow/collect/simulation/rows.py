"""The ledger of a block: what happened, as numbers; and how it becomes the lake's rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.streams import Flags, Ints, mixed, stream
from pupitre.flow.collect.simulation.text import Book, hexadecimal, join
from pupitre.lake.contracts import EVENT_NAMES, Channel, EventType


class Sort(NamedTuple):
    """One kind of event: all that its rows have in common."""

    source: str
    type: EventType
    name: str | None
    channel: Channel
    group: str | None = None


SORTS: list[Sort] = []


def sort(
    source: str, type_: EventType, name: str | None, channel: Channel, group: str | None = None
) -> int:
    """Declare a kind of event; its number."""
    SORTS.append(Sort(source, type_, name, channel, group))
    return len(SORTS) - 1


def track(source: str, name: str, channel: Channel) -> int:
    return sort(source, EventType.TRACK, name, channel)


WEB, APP, TILLS = "web-shop", "app", "tills"
DESK, MAIL, SOCIAL = "service-desk", "email-tool", "social-listening"
SOURCES = (WEB, APP, TILLS, DESK, MAIL, SOCIAL)
ORDER, REFUND = "Order Completed", "Order Refunded"
# Steps of a session, in this order for each family: they are reached by family + step.
OPEN, IDENTIFY, VIEW, ADD, CHECKOUT, PAY = range(6)
FAMILIES = (
    (WEB, Channel.WEB, EventType.PAGE, "Accueil", "Product Added"),
    (APP, Channel.APP, EventType.SCREEN, "Accueil", "Product Added"),
    (APP, Channel.STORE, EventType.SCREEN, "Borne", "Stock Checked"),
)
for _source, _channel, _type, _home, _add in FAMILIES:
    sort(_source, _type, _home, _channel)
    sort(_source, EventType.IDENTIFY, None, _channel)
    track(_source, "Product Viewed", _channel)
    track(_source, _add, _channel)
    track(_source, "Checkout Started", _channel)
    track(_source, ORDER, _channel)
WEB_REFUND = track(WEB, REFUND, Channel.WEB)
WEB_SIGNED_UP = track(WEB, "Signed Up", Channel.WEB)
WEB_ALIAS = sort(WEB, EventType.ALIAS, None, Channel.WEB)
TILL_ORDER = track(TILLS, ORDER, Channel.STORE)
TILL_REFUND = track(TILLS, REFUND, Channel.STORE)
TILL_IDENTIFY = sort(TILLS, EventType.IDENTIFY, None, Channel.STORE)
TILL_GROUP = sort(TILLS, EventType.GROUP, None, Channel.STORE, "carte-ardoise")
CALLED = track(DESK, "Case Opened", Channel.SERVICE)
CLOSED = track(DESK, "Case Closed", Channel.SERVICE)
MAIL_SENT, MAIL_BOUNCED, MAIL_OPENED, MAIL_CLICKED, MAIL_LEFT = (
    track(MAIL, name, Channel.EMAIL)
    for name in (
        "Email Sent",
        "Email Bounced",
        "Email Opened",
        "Email Link Clicked",
        "Unsubscribed",
    )
)
SMS_SENT, SMS_CLICKED, SMS_LEFT = (
    track(MAIL, name, Channel.SMS) for name in ("SMS Sent", "SMS Link Clicked", "SMS Stopped")
)
MENTIONED = track(SOCIAL, "Brand Mentioned", Channel.SOCIAL)
# Consents by where they are told: web, tills, e-mail tool, telephone.
GIVEN, REFUSED, WITHDRAWN = range(3)
CONSENTS = {
    (source, what): track(source, f"Consent {word}", channel)
    for source, channel in (
        (WEB, Channel.WEB),
        (TILLS, Channel.STORE),
        (MAIL, Channel.EMAIL),
        (DESK, Channel.SERVICE),
    )
    for what, word in enumerate(("Given", "Refused", "Withdrawn"))
}


@dataclass(frozen=True)
class Frame:
    """Events as columns of numbers: places in the books, and microseconds since 1970."""

    sort: Ints
    at: Ints
    person: Ints
    signed: Flags  # with the person's user id
    anon: Ints  # -1 for none
    properties: Ints
    traits: Ints
    context: Ints
    cents: Ints  # -1 for none

    def where(self, mask: Any) -> Frame:
        return Frame(*(getattr(self, name)[mask] for name in FRAME_FIELDS))


FRAME_FIELDS = tuple(Frame.__dataclass_fields__)
NOTHING = 0  # the place of {} in the books


class Ledger:
    """Everything that happened to a block's people, noted in any order."""

    def __init__(self) -> None:
        self.anons, self.properties = Book(), Book("{}")
        self.traits, self.contexts = Book("{}"), Book("{}")
        self._frames: list[Frame] = []

    def note(
        self,
        kind: int | Ints,
        at: Ints,
        person: Ints,
        *,
        signed: bool | Flags = False,
        anon: int | Ints = -1,
        properties: int | Ints = NOTHING,
        traits: int | Ints = NOTHING,
        context: int | Ints = NOTHING,
        cents: int | Ints = -1,
    ) -> None:
        def full(value: Any, dtype: npt.DTypeLike) -> Any:
            return np.broadcast_to(np.asarray(value, dtype=dtype), at.shape)

        self._frames.append(
            Frame(
                full(kind, np.int64),
                at,
                person,
                full(signed, np.bool_),
                *(full(value, np.int64) for value in (anon, properties, traits, context, cents)),
            )
        )

    def everything(self) -> Frame:
        return Frame(
            *(np.concatenate([getattr(f, name) for f in self._frames]) for name in FRAME_FIELDS)
        )


# --- times ---------------------------------------------------------------------------------------

BATCHED = (TILLS, DESK, SOCIAL)  # systems that send by the quarter of an hour
SKEWED_CLOCKS, SKEW_US = 0.04, 900_000_000  # devices whose clock is off, by up to 15 minutes
LATE_SHARE, LATE_US = 0.03, 8 * 3_600_000_000  # of an application's events, sent when back on line


@dataclass(frozen=True)
class Times:
    original: Ints
    sent: Ints
    received: Ints
    corrected: Ints


def times(chance: np.random.Generator, events: Frame) -> Times:
    """The four times of each event; the corrected one undoes the sender's wrong clock."""
    count = len(events.at)
    batched = np.array([kind.source in BATCHED for kind in SORTS])[events.sort]
    roaming = np.array([kind.source == APP for kind in SORTS])[events.sort]
    draw = chance.random((2, count))
    lag = (-np.log1p(-draw[0]) * 3_000_000).astype(np.int64)
    lag = np.where(batched, (draw[0] * 900_000_000).astype(np.int64), lag)
    lag = np.where(roaming & (draw[1] < LATE_SHARE), (draw[0] * LATE_US).astype(np.int64), lag)
    latency = 20_000 + (draw[1] * 400_000).astype(np.int64)
    told = mixed(events.anon, 77)
    share = (told % np.uint64(10_000)).astype(np.int64)
    wrong = (events.anon >= 0) & ~batched & (share < SKEWED_CLOCKS * 10_000)
    skew = np.where(wrong, ((told >> np.uint64(20)) % np.uint64(2 * SKEW_US)).astype(np.int64), 0)
    skew = np.where(wrong, skew - SKEW_US, 0)
    original = events.at + skew
    sent = original + lag
    received = events.at + lag + latency
    return Times(original, sent, received, received - (sent - original))


# --- rows ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Laid:
    """A block's rows in the order of month, identity and time, and how many each month has."""

    events: Frame
    table: Any  # pyarrow.Table, EVENT_COLUMNS
    months: tuple[tuple[str, int], ...]  # "2025-01", rows


def lay(scenario: Scenario, block: int, ledger: Ledger, user_ids: Any) -> Laid:
    """Sort what happened, and write it as the lake's events."""
    events = ledger.everything()
    clock = times(stream(scenario.seed, "clocks", block), events)
    kept = (clock.corrected < scenario.end_us) & (events.at >= scenario.origin_us)
    events = events.where(kept)
    clock = Times(*(getattr(clock, name)[kept] for name in Times.__dataclass_fields__))
    anons = ledger.anons.bound()
    identities = pa.concat_arrays([join("user_id:", user_ids), join("anonymous_id:", anons)])
    whose = np.where(events.signed, events.person, len(user_ids) + events.anon)
    rank = np.empty(len(identities), dtype=np.int64)
    rank[pc.array_sort_indices(identities).to_numpy()] = np.arange(len(identities))
    stamps = clock.corrected.view("datetime64[us]")
    month = stamps.astype("datetime64[M]").astype(np.int64)
    order = np.lexsort((events.sort, events.at, month * len(identities) + rank[whose]))
    events = events.where(order)
    clock = Times(*(getattr(clock, name)[order] for name in Times.__dataclass_fields__))
    table = write(scenario, block, events, clock, ledger, anons, user_ids, identities, whose[order])
    found, counts = np.unique(month[order], return_counts=True)
    names = [str(np.datetime64(int(m), "M")) for m in found]
    return Laid(events, table, tuple(zip(names, (int(c) for c in counts), strict=True)))


def constant(which: Ints, field: str) -> Any:
    """A column that depends on the kind of event alone: a few texts, told by number."""
    values = [getattr(kind, field) for kind in SORTS]
    texts = sorted({str(v) for v in values if v is not None})
    place = np.array([texts.index(str(v)) if v is not None else -1 for v in values])
    indices = place[which].astype(np.int32)
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, mask=indices < 0), pa.array(texts, pa.string())
    )


def gathered(texts: Any, which: Ints, mask: Flags | None = None) -> Any:
    """Texts by their number; null where the mask says so."""
    return texts.take(pa.array(which.astype(np.int32), mask=mask))


def write(
    scenario: Scenario,
    block: int,
    events: Frame,
    clock: Times,
    ledger: Ledger,
    anons: Any,
    user_ids: Any,
    identities: Any,
    whose: Ints,
) -> Any:
    count = len(events.at)
    is_alias = np.array([kind.type is EventType.ALIAS for kind in SORTS])[events.sort]
    no_anon = (events.anon < 0) | is_alias
    same = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array(["{}"]))
    priced = events.cents >= 0
    euro = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(count, np.int32), mask=~priced), pa.array(["EUR"])
    )
    prefix = f"{scenario.fingerprint}-{block:05x}-"
    columns = {
        "message_id": join(prefix, hexadecimal(np.arange(count), 7)),
        "source": constant(events.sort, "source"),
        "type": constant(events.sort, "type"),
        "name": constant(events.sort, "name"),
        "channel": constant(events.sort, "channel"),
        "identity": gathered(identities, whose),
        "user_id": gathered(user_ids, events.person, ~events.signed),
        "anonymous_id": gathered(anons, events.anon, no_anon),
        "previous_id": gathered(anons, events.anon, ~is_alias),
        "group_id": constant(events.sort, "group"),
        **{
            f"{name}_at": pa.array(getattr(clock, name)).view(pa.timestamp("us"))
            for name in ("original", "sent", "received", "corrected")
        },
        "properties": gathered(ledger.properties.bound(), events.properties),
        "traits": gathered(ledger.traits.bound(), events.traits),
        "context": gathered(ledger.contexts.bound(), events.context),
        "extra": same,
        "amount": amounts(events.cents),
        "currency": euro,
    }
    return pa.table([columns[name] for name in EVENT_NAMES], names=list(EVENT_NAMES))


def amounts(cents: Ints) -> Any:
    """Cents as DECIMAL(18, 4), written as the 128-bit numbers that they are in memory."""
    words = np.zeros((len(cents), 2), dtype=np.int64)
    words[:, 0] = np.where(cents >= 0, cents * 100, 0)
    valid = pa.array(cents >= 0)
    return pa.Array.from_buffers(
        pa.decimal128(18, 4), len(cents), [valid.buffers()[1], pa.py_buffer(words)]
    )
