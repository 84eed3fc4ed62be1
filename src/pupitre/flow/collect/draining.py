"""From the journal to the lake: `drain → stamp → append`, each event once.

A round is written down before it begins, appended under its own name, and entered in the books in
one transaction. Killed at any point, it is done again with the same events under the same name: the
lake takes a name once, and what the books had seen before the round they have still seen.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.intake.books import (
    LATEST_KEPT,
    MINUTE_US,
    LatestRow,
    Plan,
    QuarantineRow,
    Round,
    period_of,
)
from pupitre.flow.collect.intake.home import Desk
from pupitre.flow.collect.intake.records import (
    MAX_QUARANTINED_BYTES,
    Parcel,
    Record,
    unseal,
)
from pupitre.flow.collect.stamping import rows_to_table
from pupitre.lake.contracts import LakeError, NotTheWriter
from pupitre.lake.services import Writer

ACCEPTED, DUPLICATE = "accepted", "duplicate"  # outcomes, beside refusals and treatments
DIGEST_BYTES = 16  # of a message's id within its source: no two will ever meet
TRIES_BEFORE_SPLITTING = 3
MAX_BAD_ALONE = 20  # events that cannot be appended before any that can: the lake is ill
log = logging.getLogger("pupitre.collect")


@dataclass
class Load:
    """What a round has in hand."""

    parcels: list[Parcel] = field(default_factory=list)  # without duplicates
    fresh: list[bytes] = field(default_factory=list)
    counts: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    quarantine: list[QuarantineRow] = field(default_factory=list)

    @property
    def events(self) -> int:
        return len(self.fresh)


@dataclass
class Drain:
    """One process's. ``failures`` counts how often the round in hand could not be appended."""

    desk: Desk
    failures: int = 0

    def has_work(self) -> bool:
        return self.desk.books.planned() is not None or self.desk.waiting_since_us() is not None

    def once(self, writer: Writer, *, at_us: int) -> int:
        """Move what waits, up to a bound; how many entries were moved. Raises LakeError."""
        plan = self.desk.books.planned()
        if plan is None:
            plan = self.desk.propose(f"drain-{secrets.token_hex(12)}")
            if plan is None:
                return 0
            self.desk.books.plan(plan)
        entries = self.desk.read(plan)
        load = self.without_duplicates(opened(entries), at_us)
        try:
            self._append(writer, plan, load)
        except NotTheWriter:
            raise
        except Exception:
            self.failures += 1
            if self.failures < TRIES_BEFORE_SPLITTING:
                raise
            log.exception("A round cannot be appended whole; it is taken apart")
            self._append_apart(writer, plan, load)
        self.desk.finish(plan, _round(load, period_of(at_us)))
        self.failures = 0
        return len(entries)

    def without_duplicates(self, load: Load, at_us: int) -> Load:
        """Keep of each message the first that came, ever."""
        digests = [_digests(parcel) for parcel in load.parcels]
        every = [digest for some in digests for digest in some]
        taken = self.desk.books.seen(period_of(at_us), every)
        parcels = []
        for parcel, some in zip(load.parcels, digests, strict=True):
            kept = []
            for record, digest in zip(parcel.records, some, strict=True):
                if digest not in taken:
                    taken.add(digest)
                    load.fresh.append(digest)
                    kept.append(record)
            minute = parcel.received_us // MINUTE_US
            doubles = len(some) - len(kept)
            if doubles:
                load.counts[parcel.source, minute, DUPLICATE] += doubles
                parcel = msgspec.structs.replace(parcel, records=kept)
            if kept:
                load.counts[parcel.source, minute, ACCEPTED] += len(kept)
                parcels.append(parcel)
        load.parcels = parcels
        return load

    def _append(self, writer: Writer, plan: Plan, load: Load) -> None:
        if load.parcels:
            writer.append(rows_to_table(load.parcels), batch=plan.batch)

    def _append_apart(self, writer: Writer, plan: Plan, load: Load) -> None:
        """Find what cannot be appended, and let the rest in.

        Halves have names of their own, made of the round's: done again they are the same halves.
        Nothing is judged unless something else went in: else it is the lake that is ill.
        """
        bad: list[tuple[int, str]] = []
        well = 0
        singles = [
            msgspec.structs.replace(parcel, records=[record], refused=[], treated={})
            for parcel in load.parcels
            for record in parcel.records
        ]
        spans = [(0, len(singles))]
        while spans:
            start, end = spans.pop()
            try:
                table = rows_to_table(singles[start:end])
                writer.append(table, batch=f"{plan.batch}:{start}-{end}")
                well += end - start
            except NotTheWriter:
                raise
            except Exception as error:
                if end - start == 1:
                    bad.append((start, str(error)))
                    if not well and len(bad) >= MAX_BAD_ALONE:
                        raise
                    continue
                middle = (start + end) // 2
                spans += [(start, middle), (middle, end)]
        if bad and not well:
            raise LakeError("append events", "", "none of a round's events could be appended")
        for index, why in sorted(bad, reverse=True):
            self._to_quarantine(load, singles[index], why)
            del load.fresh[index]  # mended and sent again, it must not be taken for a duplicate

    @staticmethod
    def _to_quarantine(load: Load, parcel: Parcel, why: str) -> None:
        minute = parcel.received_us // MINUTE_US
        load.counts[parcel.source, minute, ACCEPTED] -= 1
        load.counts[parcel.source, minute, Refusal.UNREADABLE.value] += 1
        raw = msgspec.json.encode(parcel.records[0])[:MAX_QUARANTINED_BYTES]
        load.quarantine.append(
            QuarantineRow(
                parcel.source, parcel.received_us, Refusal.UNREADABLE.value, why[:500], raw, False
            )
        )
        load.parcels = [_without(kept, parcel.records[0]) for kept in load.parcels]


def _without(parcel: Parcel, record: Record) -> Parcel:
    kept = [one for one in parcel.records if one is not record]
    return msgspec.structs.replace(parcel, records=kept)


def opened(entries: Iterable[bytes]) -> Load:
    """The parcels of a round. One that cannot be opened stops nothing: it goes to quarantine."""
    load = Load()
    for entry in entries:
        try:
            parcel = unseal(entry)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            log.exception("A parcel of the journal cannot be opened")
            raw = entry[:MAX_QUARANTINED_BYTES]
            load.quarantine.append(
                QuarantineRow("", 0, Refusal.UNREADABLE.value, str(error)[:500], raw, False)
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


def _digests(parcel: Parcel) -> list[bytes]:
    prefix = parcel.source.encode() + b"\0"
    return [
        blake2b(prefix + record.message_id.encode(), digest_size=DIGEST_BYTES).digest()
        for record in parcel.records
    ]


def _round(load: Load, period: int) -> Round:
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
