"""What a round of the drain has in hand, made ready without touching anything that is kept."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import pyarrow as pa

from pupitre.flow.collect.contracts import ACCEPTED, DUPLICATE, Refusal
from pupitre.flow.collect.details import Wrong, detail, written
from pupitre.flow.collect.intake.books import (
    LATEST_KEPT,
    MINUTE_US,
    LatestRow,
    QuarantineRow,
    Round,
)
from pupitre.flow.collect.intake.fingerprints import fingerprints
from pupitre.flow.collect.intake.records import MAX_QUARANTINED_BYTES, Parcel, Record, unseal
from pupitre.flow.collect.stamping import rows_to_table

log = logging.getLogger("pupitre.collect")


@dataclass
class Load:
    """What a round has in hand."""

    parcels: list[Parcel] = field(default_factory=list)  # without duplicates
    fresh: list[bytes] = field(default_factory=list)
    counts: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    quarantine: list[QuarantineRow] = field(default_factory=list)
    # Beside the parcels, as long as none of their records was found to be a duplicate.
    table: pa.Table | None = None
    digests: list[list[bytes]] = field(default_factory=list)
    entries: int = 0


def prepared(entries: Sequence[bytes]) -> Load:
    """Opened, fingerprinted and stamped, as if no event in it had ever been seen."""
    load = opened(entries)
    load.entries = len(entries)
    load.digests = [digests_of(parcel) for parcel in load.parcels]
    try:
        load.table = rows_to_table(load.parcels)
    except Exception:
        log.exception("A round cannot be stamped whole")  # found out again when it is appended
    return load


def without_duplicates(load: Load, taken: set[bytes]) -> None:
    """Keep of each message the first that came, ever. ``taken``: those that were seen before."""
    every = [digest for some in load.digests for digest in some]
    if not taken and len(set(every)) == len(every):
        load.fresh = every
        for parcel in load.parcels:
            _accept(load, parcel, len(parcel.records))
        return
    load.table = None
    parcels = []
    for parcel, some in zip(load.parcels, load.digests, strict=True):
        kept = []
        for record, digest in zip(parcel.records, some, strict=True):
            if digest not in taken:
                taken.add(digest)
                load.fresh.append(digest)
                kept.append(record)
        if len(kept) < len(some):
            minute = parcel.received_us // MINUTE_US
            load.counts[parcel.source, minute, DUPLICATE] += len(some) - len(kept)
            parcel = msgspec.structs.replace(parcel, records=kept)
        _accept(load, parcel, len(kept))
        parcels.append(parcel)
    load.parcels = parcels


def _accept(load: Load, parcel: Parcel, events: int) -> None:
    if events:
        load.counts[parcel.source, parcel.received_us // MINUTE_US, ACCEPTED] += events


def opened(entries: Iterable[bytes]) -> Load:
    """The parcels of a round. One that cannot be opened stops nothing: it goes to quarantine."""
    load = Load()
    for entry in entries:
        try:
            parcel = unseal(entry)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            log.exception("A parcel of the journal cannot be opened")
            raw = entry[:MAX_QUARANTINED_BYTES]
            wrong = written(detail(Wrong.NOT_OPENED, engine=str(error)))
            load.quarantine.append(
                QuarantineRow("", 0, Refusal.UNREADABLE.value, wrong, raw, False)
            )
            load.counts["", 0, Refusal.UNREADABLE.value] += 1
            continue
        _count(load, parcel)
        load.parcels.append(parcel)
    return load


def _count(load: Load, parcel: Parcel) -> None:
    minute = parcel.received_us // MINUTE_US
    for treatment, events in parcel.treated.items():
        load.counts[parcel.source, minute, treatment] += events
    for refused in parcel.refused:
        load.counts[parcel.source, minute, refused.reason] += 1
        load.quarantine.append(
            QuarantineRow(
                parcel.source,
                parcel.received_us,
                refused.reason,
                refused.detail,
                refused.raw,
                refused.whole,
                refused.type,
                refused.sent_us,
            )
        )


def digests_of(parcel: Parcel) -> list[bytes]:
    return fingerprints(parcel.source, [record.message_id for record in parcel.records])


def round_of(load: Load, period: int) -> Round:
    return Round(period, load.fresh, load.counts, load.quarantine, _latest(load.parcels))


def _latest(parcels: Sequence[Parcel]) -> list[LatestRow]:
    """The last events of each source, oldest first."""
    room: Counter[str] = Counter()
    rows = []
    for parcel in reversed(parcels):
        for record in reversed(parcel.records):
            if room[parcel.source] >= LATEST_KEPT:
                break
            room[parcel.source] += 1
            rows.append(
                LatestRow(
                    parcel.source,
                    parcel.received_us,
                    record.type,
                    record.name,
                    record.message_id,
                    msgspec.json.encode(dict(zip(_SHOWN, _shown(record), strict=True))).decode(),
                )
            )
    return rows[::-1]


_SHOWN = Record.__struct_fields__


def _shown(record: Record) -> tuple[object, ...]:
    return tuple(msgspec.structs.astuple(record))
