"""The audit's chain: how a line is sealed, and how the whole is proved.

Each line's hash is an HMAC-SHA256, keyed by the installation's secret, over the line and the
hash before it. Whoever can write to the database and has not the key cannot change, insert
or remove a line unseen. Lines cut off the end leave a shorter chain that is sound in itself:
the ledger's row counts them, and a witness file beside the database remembers the furthest
line ever committed, so cutting both the lines and the counter is found too.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

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
    values: list[Any] = [getattr(line, name) for name in _FIELDS]
    values.append(line.at.isoformat(timespec="microseconds"))
    return hmac.new(_key(), msgspec.json.encode(values), hashlib.sha256).hexdigest()


def append(ledger: Ledger, line: AuditLine) -> int:
    """Chain a line to the ledger, whose row the caller has locked. Returns its number."""
    line.seq = ledger.seq + 1
    line.previous = ledger.hash
    line.hash = seal(line)
    line.save(force_insert=True)
    ledger.seq, ledger.hash = line.seq, line.hash
    ledger.save(update_fields=["seq", "hash"])
    transaction.on_commit(lambda: write_witness(line.seq, line.hash))
    return line.seq


def verify() -> Proof:
    """Prove the whole chain, or name the first broken line. Reads everything, in batches."""
    return _prove(_remembered(), witness_needed=True)


def verify_chain() -> Proof:
    """The same without the witness: for the day when a new one has to be started."""
    return _prove(None, witness_needed=False)


def _prove(witnessed: tuple[int, str] | None, *, witness_needed: bool) -> Proof:
    previous, checked = GENESIS, 0
    for line in _lines():
        expected = checked + 1
        if line.seq != expected:
            return Proof(checked, expected, f"line {expected} is missing")
        if line.previous != previous:
            return Proof(checked, line.seq, f"line {line.seq} does not follow the one before")
        if not hmac.compare_digest(seal(line), line.hash):
            return Proof(checked, line.seq, f"line {line.seq} was changed")
        if witnessed is not None and line.seq == witnessed[0] and line.hash != witnessed[1]:
            return Proof(checked, line.seq, f"line {line.seq} is not the one that was witnessed")
        previous, checked = line.hash, expected
    proof = _prove_end(checked, previous, witnessed)
    if proof.whole and checked and witnessed is None and witness_needed:
        return Proof(checked, checked, "the witness file is missing or forged")
    return proof


def _prove_end(checked: int, last_hash: str, witnessed: tuple[int, str] | None) -> Proof:
    """Whether lines were cut off the end: against the ledger's row, then the witness."""
    ledger = Ledger.objects.filter(pk=1).first()
    counted = ledger.seq if ledger else 0
    furthest = max(counted, witnessed[0] if witnessed else 0)
    if checked < furthest:
        return Proof(checked, checked + 1, f"lines {checked + 1} to {furthest} were removed")
    if ledger is not None and (counted != checked or ledger.hash != last_hash):
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
    return f"{lines} lines"


def _lines() -> Iterator[AuditLine]:
    after = 0
    while batch := list(AuditLine.objects.filter(seq__gt=after).order_by("seq")[:_BATCH_ROWS]):
        yield from batch
        after = batch[-1].seq


def _key() -> bytes:
    return hashlib.sha256(b"pupitre audit " + settings.SECRET_KEY.encode()).digest()


def _witness_path() -> Path:
    return Path(settings.DATA_DIR) / "audit.witness"


def write_witness(seq: int, line_hash: str) -> None:
    """Remember the furthest committed line. Replaced whole, so that a crash leaves the old one."""
    path = _witness_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two processes may commit one after the other
        known = _remembered()
        if known is not None and seq <= known[0]:
            return
        fresh = path.with_suffix(".new")
        fresh.write_text(f"{seq} {line_hash} {_witness_seal(seq, line_hash)}\n", encoding="ascii")
        fresh.replace(path)


def _remembered() -> tuple[int, str] | None:
    """The furthest line and its hash; None where there is no witness, or a forged one."""
    try:
        seq, line_hash, sealed = _witness_path().read_text(encoding="ascii").split()
    except (FileNotFoundError, ValueError):
        return None
    if not hmac.compare_digest(sealed, _witness_seal(int(seq), line_hash)):
        return None
    return int(seq), line_hash


def _witness_seal(seq: int, line_hash: str) -> str:
    return hmac.new(_key(), f"witness {seq} {line_hash}".encode(), hashlib.sha256).hexdigest()
