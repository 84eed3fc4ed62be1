"""What events say of consents → lines of the ledger. No input, no output.

Heard are tracked events, whatever their case:

* ``Consent Given``, ``Consent Refused``, ``Consent Withdrawn`` with ``purpose`` and ``channel``
  among their properties (one, or a list under ``purposes``, ``channels``), and the proof:
  ``wording``, ``version`` (or ``wording_version``), ``language``, ``place`` (or ``shop``, ``url``;
  else the page of the event's context).
* ``Unsubscribed``, ``Email Unsubscribed``, ``Email Marked as Spam``, ``SMS Stopped``,
  ``SMS Unsubscribed``, which withdraw.

What is unclear takes away and never gives: a refusal or a withdrawal that names no purpose, or no
channel, or one that we do not know, is about all of them; a consent that names none is not heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.identify.consents.law import ALL, channels_of
from pupitre.flow.identify.consents.ledger import Line, Proof
from pupitre.flow.identify.models import By, Said
from pupitre.lake.contracts import EventType

# Name in lower case → what it says, and the channel that the name itself is about.
EVENTS: Mapping[str, tuple[Said, str]] = MappingProxyType(
    {
        "consent given": (Said.GIVEN, ""),
        "consent refused": (Said.REFUSED, ""),
        "consent withdrawn": (Said.WITHDRAWN, ""),
        "unsubscribed": (Said.WITHDRAWN, "email"),
        "email unsubscribed": (Said.WITHDRAWN, "email"),
        "email marked as spam": (Said.WITHDRAWN, "email"),
        "sms stopped": (Said.WITHDRAWN, "sms"),
        "sms unsubscribed": (Said.WITHDRAWN, "sms"),
    }
)
Ints = npt.NDArray[np.int64]
MOST_OF_ONE_EVENT = 50  # purposes × channels that one event may name
_NAMES = pa.array(EVENTS)
# What is older when it is received is history, whichever door it came by: files are marked as such,
# what is posted is not. No clock that its sender corrects is that far behind.
_LIVE_US = timedelta(days=31) // timedelta(microseconds=1)
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_COLUMNS = (
    *(
        "source",
        "message_id",
        "name",
        "corrected_at",
        "received_at",
        "properties",
        "context",
        "extra",
    ),
)


def from_events(events: pa.Table, naming: Ints) -> tuple[Line, ...]:
    """The lines that these events say; ``events`` has the lake's columns.

    ``naming``: for each event, the key of the strongest identifier by which it names somebody, or
    a number below 0. What was said by nobody that we know is nobody's consent.
    """
    named = pa.array(naming, type=pa.int64())
    names, types = (events[column].cast(pa.string()) for column in ("name", "type"))
    told = pc.is_in(pc.utf8_trim_whitespace(pc.utf8_lower(names)), value_set=_NAMES)
    track = pc.equal(types, EventType.TRACK.value)
    mask = pc.and_(pc.and_(told, track), pc.greater_equal(named, 0))
    rows = events.select(_COLUMNS).append_column("pk", named).filter(mask)
    for column in ("corrected_at", "received_at"):
        rows = rows.set_column(
            rows.column_names.index(column), column, rows[column].cast(pa.int64())
        )
    return tuple(line for row in rows.to_pylist() for line in _lines(row))


def _lines(row: Mapping[str, Any]) -> Iterator[Line]:
    event = EVENTS.get(row["name"].lower().strip())
    if event is None:  # engines do not agree on what every letter's small one is
        return
    said, channel_of_name = event
    properties, context = _object(row["properties"]), _object(row["context"])
    purposes = _purposes(properties, "" if said is Said.GIVEN else ALL)
    channels = _channels(properties, said, channel_of_name)
    if len(purposes) * len(channels) > MOST_OF_ONE_EVENT:
        purposes, channels = ((), ()) if said is Said.GIVEN else ((ALL,), (ALL,))
    proof = Proof(
        by=By.EVENT,
        place=_place(properties, context),
        wording=_text(properties.get("wording")),
        version=_text(properties.get("version", properties.get("wording_version"))),
        language=_text(properties.get("language")),
        source=row["source"],
        message_id=row["message_id"],
    )
    at_us = _when(row, said)
    for purpose in purposes:
        for channel in channels:
            yield Line(row["pk"], purpose, channel, said, at_us, proof)


def _when(row: Mapping[str, Any], said: Said) -> int:
    """When a line counts from. Never later than it was received: a sender's clock that runs ahead
    must not outlive what is said later. What takes away counts from when it was received: a clock
    that runs behind must not lose it. History keeps its own time: it was received at one instant.
    """
    own = min(row["corrected_at"], row["received_at"])
    if (
        said is Said.GIVEN
        or row["received_at"] - own > _LIVE_US
        or "import" in _object(row["extra"])
    ):
        return int(own)
    return int(row["received_at"])


def _named(properties: Mapping[str, Any], one: str, many: str) -> list[Any]:
    given = properties.get(one)
    if given is None:
        given = properties.get(many)
    return given if isinstance(given, list) else [] if given is None else [given]


def _purposes(properties: Mapping[str, Any], unclear: str) -> tuple[str, ...]:
    """What is named, in the shape of a key. ``unclear`` where nothing is, or not all is readable;
    empty: then what is unreadable is left out."""
    values = _named(properties, "purpose", "purposes")
    words = [value.strip().lower() for value in values if isinstance(value, str)]
    readable = tuple(dict.fromkeys(word for word in words if _WORD.fullmatch(word)))
    if unclear and (not readable or len(readable) < len(set(map(str, values)))):
        return (*readable, unclear) if unclear not in readable else readable
    return readable


def _channels(properties: Mapping[str, Any], said: Said, of_name: str) -> tuple[str, ...]:
    """The channels that are named, and that of the event's name. What takes away by a word that is
    no channel of ours takes away on all: at a place of its own nothing would ever read it."""
    gives = said is Said.GIVEN
    values = _named(properties, "channel", "channels")
    meant = [channels_of(v, gives=gives) if isinstance(v, str) else () for v in values]
    found = tuple(dict.fromkeys(channel for channels in meant for channel in channels))
    if gives:
        return found
    if of_name and of_name not in found:
        found = (*found, of_name)
    return found if found and all(meant) else (*found, ALL)


def _place(properties: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    for name in ("place", "shop", "url"):
        if text := _text(properties.get(name)):
            return _without_query(text)
    page = context.get("page")
    if isinstance(page, dict):
        return _without_query(_text(page.get("url")) or _text(page.get("path")))
    return ""


def _without_query(text: str) -> str:
    """What comes after a question mark may name anybody."""
    return re.split(r"[?#]", text, maxsplit=1)[0] if text.startswith(("http", "/")) else text


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _CONTROL.sub("", value).strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
