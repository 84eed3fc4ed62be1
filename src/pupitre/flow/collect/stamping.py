"""From what the journal holds to what the lake keeps: columns instead of rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.collect.intake.records import Parcel, Record
from pupitre.lake.contracts import EVENT_SCHEMA, EventType

AMOUNT_SCALE = 10_000  # the lake keeps four decimals
MAX_AMOUNT = 10**14  # as DECIMAL(18, 4) does
CURRENCY_CHARACTERS = 3  # ISO 4217
_TRACK = EventType.TRACK.value


class _Money(msgspec.Struct, gc=False):
    """Where an amount may stand in properties, by order of preference: Segment's own words."""

    revenue: Any = None
    total: Any = None
    value: Any = None
    currency: Any = None


_money = msgspec.json.Decoder(_Money)


def rows_to_table(parcels: Iterable[Parcel]) -> pa.Table:
    """The records of these parcels as the lake appends them, in their order."""
    records: list[Record] = []
    sources: list[str] = []
    channels: list[str] = []
    received: list[int] = []
    for parcel in parcels:
        count = len(parcel.records)
        records += parcel.records
        sources += [parcel.source] * count
        channels += [parcel.channel] * count
        received += [parcel.received_us] * count
    types = [record.type for record in records]
    properties = [record.properties for record in records]
    amounts, currencies = money(types, properties)
    user = _text([record.user_id for record in records])
    anonymous = _text([record.anonymous_id for record in records])
    of_lake = {
        "message_id": _text([record.message_id for record in records]),
        "source": _text(sources),
        "type": _text(types),
        "name": _text([record.name for record in records]),
        "channel": _text(channels),
        "identity": _identity(user, anonymous),
        "user_id": user,
        "anonymous_id": anonymous,
        "previous_id": _text([record.previous_id for record in records]),
        "group_id": _text([record.group_id for record in records]),
        "original_at": _instants([record.original_us for record in records]),
        "sent_at": _instants([record.sent_us for record in records]),
        "received_at": _instants(received),
        "corrected_at": _instants([record.corrected_us for record in records]),
        "properties": _text(properties),
        "traits": _text([record.traits for record in records]),
        "context": _text([record.context for record in records]),
        "extra": _text([record.extra for record in records]),
        "amount": amounts,
        "currency": _text(currencies),
    }
    return pa.Table.from_arrays([of_lake[name] for name in EVENT_SCHEMA.names], schema=EVENT_SCHEMA)


def _text(values: Sequence[str | None]) -> pa.Array:
    return pa.array(values, type=pa.string())


def _instants(microseconds: Sequence[int | None]) -> pa.Array:
    return pa.array(microseconds, type=pa.int64()).view(pa.timestamp("us"))


def _identity(user: pa.Array, anonymous: pa.Array) -> pa.Array:
    """The strongest identifier that an event came with."""
    named = pc.binary_join_element_wise("user_id", user, ":")
    device = pc.binary_join_element_wise("anonymous_id", anonymous, ":")
    return pc.coalesce(named, device)


def money(types: Sequence[str], properties: Sequence[str]) -> tuple[pa.Array, list[str | None]]:
    """The amount and the currency of each event that has one."""
    units = np.zeros(len(types), dtype=np.int64)
    known = np.zeros(len(types), dtype=bool)
    currencies: list[str | None] = [None] * len(types)
    for index, text in enumerate(properties):
        if len(text) > 2 and types[index] == _TRACK and _may_hold_money(text):
            amount, currencies[index] = _amount(text)
            if amount is not None:
                units[index], known[index] = amount, True
    return decimals(units, known), currencies


def _may_hold_money(text: str) -> bool:
    return '"revenue"' in text or '"total"' in text or '"value"' in text


def _amount(text: str) -> tuple[int | None, str | None]:
    """An amount in ten-thousandths, and its currency; a currency alone is nobody's amount."""
    try:
        found = _money.decode(text)
    except msgspec.MsgspecError:  # a number that no machine has, such as 1e999
        return None, None
    for said in (found.revenue, found.total, found.value):
        units = _ten_thousandths(said)
        if units is not None:
            break
    else:
        return None, None
    code = found.currency
    well = isinstance(code, str) and len(code) == CURRENCY_CHARACTERS and code.isalpha()
    return units, code.upper() if well and code.isascii() else None


def _ten_thousandths(said: object) -> int | None:
    if isinstance(said, bool) or said is None:
        return None
    if isinstance(said, int | float):
        well = math.isfinite(said) and abs(said) < MAX_AMOUNT
        return round(said * AMOUNT_SCALE) if well else None
    if isinstance(said, str) and len(said) <= 30:
        try:
            exact = Decimal(said.strip())
        except InvalidOperation:
            return None
        well = exact.is_finite() and abs(exact) < MAX_AMOUNT
        return round(exact * AMOUNT_SCALE) if well else None
    return None


def decimals(units: np.ndarray[Any, Any], known: np.ndarray[Any, Any]) -> pa.Array:
    """DECIMAL(18, 4) from whole ten-thousandths: 128 bits, little end first, sign extended."""
    wide = np.empty((len(units), 2), dtype="<i8")
    wide[:, 0] = units
    wide[:, 1] = units >> 63
    validity = pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
    return pa.Array.from_buffers(
        pa.decimal128(18, 4), len(units), [validity, pa.py_buffer(wide.tobytes())]
    )
