"""The audit's chain: how a line is sealed, and how the whole is proved.

Each line's hash is an HMAC-SHA256, keyed by the installation's secret, over the line and the
hash before it. Whoever can write to the database and has not the key cannot change, insert
or remove a line unseen. Lines cut off the end leave a shorter chain that is sound in itself:
the ledger's row counts them, and a witness file beside the database remembers the furthest
line ever committed, so cutting both the lines and the counter is found too. A witness that is
gone or forged is never replaced by an act, only by the operator: it stays a finding until then.

What this machine alone cannot find: whoever cuts the last lines, sets the ledger's row back and
puts an older genuine witness in its place returns all three to a state that was once true; and
whoever empties all three leaves what a new installation looks like. Nothing here remembers more.
Hence keep the number of lines that ``pupitre audit verify`` prints, or a copy of the witness,
where whoever rules this machine cannot reach: a number that went down is the proof.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.db import DatabaseError, transaction

from pupitre.core.contributions import Unhealthy
from pupitre.rules.mandate.models import AuditLine, Ledger

GENESIS = "0" * 64
_FIELDS = (
    "seq",
    "verb",
    "activity",
    "action",
    "subject",
    "title_fr",
    "title_en",
    "member_id",
    "actor",
    "seat_id",
    "seat_name",
    "decision_id",
    "matrix",
    "detail",
    "previous",
)
_BATCH_ROWS = 2_000
# A crash between a commit and its witness leaves it behind by the lines of one act, until the next.
_WITNESS_LAGS_LINES = 100
# What Django and SQLite raise for a value that is not of its column's type.
_UNREADABLE = (ValueError, TypeError, AttributeError, DatabaseError)


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of a verification. ``broken_at`` is the first line that does not hold."""

    lines: int
    broken_at: int | None = None
    why: str = ""

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def seal(line: AuditLine) -> str:
    """Hex HMAC-SHA256 of a line, every field but its own hash, in a fixed order."""
    values: list[Any] = [_told_apart(getattr(line, name)) for name in _FIELDS]
    # In UTC, as the database gives it back, whatever zone the act came with.
    values.append(line.at.astimezone(UTC).isoformat(timespec="microseconds"))
    return hmac.new(_key(), msgspec.json.encode(values), hashlib.sha256).hexdigest()


def _told_apart(value: object) -> object:
    """JSON writes bytes as text; SQLite may hold them where text was, which is a change."""
    return ["bytes", value] if isinstance(value, bytes) else value


def append(ledger: Ledger, line: AuditLine) -> int:
    """Chain a line to the ledger, whose row the caller has locked. Returns its number."""
    line.seq = ledger.seq + 1
    line.previous = ledger.hash
    line.hash = seal(line)
    line.save(force_insert=True)
    ledger.seq, ledger.hash = line.seq, line.hash
    ledger.save(update_fields=["seq", "hash"])
    if not ledger.witness_due:
        ledger.witness_due = True
        _witness_at_commit(ledger, first=line.seq)
    return line.seq


def _witness_at_commit(ledger: Ledger, *, first: int) -> None:
    """Once for a transaction, however many lines it writes: each costs a write to the disk.

    What is committed is done: a disk that takes no witness is a finding of ``check_witness``, and
    no reason to tell the person that their act failed.
    """
    transaction.on_commit(
        lambda: write_witness(ledger.seq, ledger.hash, anew=first == 1), robust=True
    )


def verify() -> Proof:
    """Prove the whole chain, or name the first broken line. Reads everything, in batches."""
    return _prove(_remembered(), witness_needed=True)


def verify_chain() -> Proof:
    """The same where no genuine witness is left: for the day when a new one has to be started."""
    return _prove(_remembered(), witness_needed=False)


def _prove(witnessed: tuple[int, str] | None, *, witness_needed: bool) -> Proof:
    checked, previous, counted = 0, GENESIS, -1
    while True:
        further = _prove_lines(checked, previous, witnessed)
        if isinstance(further, Proof):
            return further
        checked, previous = further
        # Read after the lines. Where it counts more of them, people acted meanwhile: read those.
        ledger = Ledger.objects.filter(pk=1).first()
        if ledger is None or ledger.seq <= checked or ledger.seq == counted:
            break
        counted = ledger.seq
    proof = _prove_end(checked, previous, ledger, witnessed)
    if proof.whole and checked and witnessed is None and witness_needed:
        return Proof(checked, checked, "the witness file is missing or forged")
    return proof


def _prove_lines(
    checked: int, previous: str, witnessed: tuple[int, str] | None
) -> tuple[int, str] | Proof:
    """The last line that there is and its hash; or the first one that does not hold."""
    for seq, line in _lines(after=checked):
        expected = checked + 1
        if not isinstance(seq, int) or seq < expected:
            return Proof(checked, expected, f"a line numbered {seq!r} was put in")
        if seq != expected:
            return Proof(checked, expected, f"line {expected} is missing")
        if line is None or not isinstance(line.at, datetime):
            return Proof(checked, seq, f"line {seq} was changed, and cannot be read any more")
        if line.previous != previous:
            return Proof(checked, seq, f"line {seq} does not follow the one before")
        if not _same(seal(line), line.hash):
            return Proof(checked, seq, f"line {seq} was changed")
        if witnessed is not None and seq == witnessed[0] and line.hash != witnessed[1]:
            return Proof(checked, seq, f"line {seq} is not the one that was witnessed")
        previous, checked = line.hash, expected
    return checked, previous


def _prove_end(
    checked: int, last_hash: str, ledger: Ledger | None, witnessed: tuple[int, str] | None
) -> Proof:
    """Whether lines were cut off the end: against the ledger's row, then the witness."""
    counted = ledger.seq if ledger else 0
    furthest = max(counted, witnessed[0] if witnessed else 0)
    if checked < furthest:
        return Proof(checked, checked + 1, f"lines {checked + 1} to {furthest} were removed")
    ends = ledger.hash if ledger else GENESIS
    if counted != checked or ends != last_hash:
        return Proof(checked, checked, "the ledger does not end where its lines do")
    return Proof(checked)


def check_witness() -> str:
    """A health check: the chain's end has reached the one that the witness remembers."""
    witnessed = _remembered()
    ledger = Ledger.objects.filter(pk=1).first()
    lines = ledger.seq if ledger else 0
    if (witnessed is None and lines) or (witnessed is not None and lines < witnessed[0]):
        raise Unhealthy(
            "the audit and its witness disagree", "run `pupitre audit verify`, and read why"
        )
    if witnessed is not None and lines - witnessed[0] > _WITNESS_LAGS_LINES:
        raise Unhealthy(
            f"the witness has stopped at line {witnessed[0]} of {lines}",
            f"see that {_witness_path()} can be written, then run `pupitre audit verify`",
        )
    return f"{lines} lines"


def _lines(*, after: int) -> Iterator[tuple[Any, AuditLine | None]]:
    """Every line and its number, in order, from those past ``after`` on (0: from the very first).

    None stands for a line that a tampered value made unreadable: SQLite takes any text as a date.
    """
    lines = AuditLine.objects.order_by("seq")
    left = lines.filter(seq__gt=after) if after else lines  # a line 0 would be one put in
    while seqs := list(left.values_list("seq", flat=True)[:_BATCH_ROWS]):
        try:
            batch = {line.seq: line for line in left[: len(seqs)]}
        except _UNREADABLE:
            batch = {}
        for seq in seqs:
            yield seq, batch.get(seq) or _readable(seq)
        left = lines.filter(seq__gt=seqs[-1])


def _readable(seq: int) -> AuditLine | None:
    try:
        return AuditLine.objects.filter(seq=seq).first()
    except _UNREADABLE:
        return None


def _same(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), str(theirs).encode())


def _key() -> bytes:
    return hashlib.sha256(b"pupitre audit " + settings.SECRET_KEY.encode()).digest()


def _witness_path() -> Path:
    return Path(settings.DATA_DIR) / "audit.witness"


def write_witness(seq: int, line_hash: str, *, anew: bool = False) -> None:
    """Remember the furthest committed line. Replaced whole, so that a crash leaves the old one.

    A missing or forged witness is started with line 1 or ``anew``, on the operator's word: else
    whoever cut lines off would only have to delete it and wait for the next act. Nor does it move
    on from a line that is no longer there: it stays the proof, however far the chain grows again.
    """
    path = _witness_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two processes may commit one after the other
        known = _remembered()
        if known is None and seq > 1 and not anew:
            return
        if known is not None and (seq <= known[0] or not _still_there(*known)):
            return
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="ascii") as file:
            file.write(f"{seq} {line_hash} {_witness_seal(seq, line_hash)}\n")
            file.flush()
            os.fsync(file.fileno())  # or a power cut may leave it empty, and that is a finding
        fresh.replace(path)


def _still_there(seq: int, line_hash: str) -> bool:
    return AuditLine.objects.filter(seq=seq, hash=line_hash).exists()


def _remembered() -> tuple[int, str] | None:
    """The furthest line and its hash; None where the witness is missing, unreadable or forged."""
    try:
        number, line_hash, sealed = _witness_path().read_text(encoding="ascii").split()
        seq = int(number)
    except (OSError, ValueError):
        return None
    return (seq, line_hash) if _same(_witness_seal(seq, line_hash), sealed) else None


def _witness_seal(seq: int, line_hash: str) -> str:
    return hmac.new(_key(), f"witness {seq} {line_hash}".encode(), hashlib.sha256).hexdigest()
