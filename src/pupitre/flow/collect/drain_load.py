"""What a round of the drain has in hand, made ready without touching anything that is kept.

Parcels become columns at once and are let go of: from here on an event is a row of ``table`` and,
at the same place, one of ``digests``.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.collect.contracts import ACCEPTED, DUPLICATE, Refusal
from pupitre.flow.collect.details import Wrong, detail, written
from pupitre.flow.collect.intake.books import MINUTE_US, QuarantineRow, Round
from pupitre.flow.collect.intake.fingerprints import DIGEST_BYTES, fingerprints
from pupitre.flow.collect.intake.records import (
    MAX_QUARANTINED_BYTES,
    Parcel,
    Record,
    Refused,
    unseal,
)
from pupitre.flow.collect.showing import latest_of, plain, shown
from pupitre.flow.collect.stamping import rows_to_table

log = logging.getLogger("pupitre.collect")
Counts = Counter[tuple[str, int, str]]  # (source, minute, outcome) → events


@dataclass
class Load:
    """What a round has in hand."""

    table: pa.Table
    digests: list[bytes]  # of the table's events, in their order
    counts: Counts = field(default_factory=Counter)  # without what is accepted
    quarantine: list[QuarantineRow] = field(default_factory=list)
    entries: int = 0

    def without_duplicates(self, taken: set[bytes]) -> None:
        """Keep of each message the first that came, ever. ``taken``: those seen before."""
        if not taken and len(set(self.digests)) == len(self.digests):
            return
        first = []
        for digest in self.digests:
            first.append(digest not in taken)
            taken.add(digest)
        self._keep(first, others=DUPLICATE)

    def refuse(self, index: int, why: str) -> None:
        """To quarantine with the event at this place, and no longer as one that was seen: mended
        and sent again, it must not be taken for a duplicate."""
        self._refuse(self.table.slice(index, 1), why)
        kept = [place != index for place in range(len(self.digests))]
        self._keep(kept, others=Refusal.UNREADABLE.value)

    def _keep(self, which: Sequence[bool], *, others: str) -> None:
        mask = pa.array(which, pa.bool_())
        self.counts += _counted(self.table.filter(pc.invert(mask)), others)
        self.table = self.table.filter(mask)
        self.digests = [one for one, kept in zip(self.digests, which, strict=True) if kept]

    def _refuse(self, event: pa.Table, why: str) -> None:
        source, received_us = event["source"][0].as_py(), event["received_at"][0].value
        raw = shown(plain(event)[0]).encode()[:MAX_QUARANTINED_BYTES]
        self.quarantine.append(_not_appended(source, received_us, raw, why))

    def round(self, period: int) -> Round:
        """What the books are told of it."""
        counts = self.counts + _counted(self.table, ACCEPTED)
        return Round(period, self.digests, counts, self.quarantine, latest_of(self.table))


def _counted(events: pa.Table, outcome: str) -> Counts:
    """How many there are of each source and minute."""
    minutes = pc.divide(events["received_at"].cast(pa.int64()), MINUTE_US)
    of_each = (
        pa.table({"source": events["source"], "minute": minutes})
        .group_by(["source", "minute"])
        .aggregate([([], "count_all")])
    )
    columns = (of_each[name].to_pylist() for name in ("source", "minute", "count_all"))
    return Counter(
        {(source, minute, outcome): n for source, minute, n in zip(*columns, strict=True)}
    )


def prepared(entries: Sequence[bytes]) -> Load:
    """Opened, fingerprinted and stamped, as if no event in it had ever been seen."""
    load = Load(rows_to_table(()), [], entries=len(entries))
    parcels = opened(entries, load)
    try:
        load.table = rows_to_table(parcels)
    except Exception:
        log.exception("A round cannot be stamped whole; each event is looked at")
        parcels = [_stampable(parcel, load) for parcel in parcels]
        load.table = rows_to_table(parcels)
    load.digests = [digest for parcel in parcels for digest in _digests(parcel)]
    return load


def _digests(parcel: Parcel) -> list[bytes]:
    raw = parcel.fingerprints
    if len(raw) == DIGEST_BYTES * len(parcel.records):
        return [raw[at : at + DIGEST_BYTES] for at in range(0, len(raw), DIGEST_BYTES)]
    return fingerprints(parcel.source, [record.message_id for record in parcel.records])


def opened(entries: Iterable[bytes], load: Load) -> list[Parcel]:
    """The parcels of a round. One that cannot be opened stops nothing: it goes to quarantine."""
    parcels = []
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
        minute = parcel.received_us // MINUTE_US
        for treatment, events in parcel.treated.items():
            load.counts[parcel.source, minute, treatment] += events
        for refused in parcel.refused:
            load.counts[parcel.source, minute, refused.reason] += 1
            load.quarantine.append(_refused(parcel, refused))
        parcels.append(parcel)
    return parcels


def _refused(parcel: Parcel, refused: Refused) -> QuarantineRow:
    return QuarantineRow(
        parcel.source,
        parcel.received_us,
        refused.reason,
        refused.detail,
        refused.raw,
        refused.whole,
        refused.type,
        refused.sent_us,
    )


def _stampable(parcel: Parcel, load: Load) -> Parcel:
    """Without its events that no table can hold; none passes the door, or should."""
    kept: list[Record] = []
    for record in parcel.records:
        try:
            rows_to_table([msgspec.structs.replace(parcel, records=[record])])
        except Exception as error:  # whatever it is, the others must not wait for it
            raw = msgspec.json.encode(record)[:MAX_QUARANTINED_BYTES]
            load.quarantine.append(
                _not_appended(parcel.source, parcel.received_us, raw, str(error))
            )
            minute = parcel.received_us // MINUTE_US
            load.counts[parcel.source, minute, Refusal.UNREADABLE.value] += 1
        else:
            kept.append(record)
    return msgspec.structs.replace(parcel, records=kept, fingerprints=b"")


def _not_appended(source: str, received_us: int, raw: bytes, why: str) -> QuarantineRow:
    wrong = written(detail(Wrong.NOT_APPENDED, engine=why))
    return QuarantineRow(source, received_us, Refusal.UNREADABLE.value, wrong, raw, False)
