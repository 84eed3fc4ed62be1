"""What an erasure did, store by store, with the proof. It holds no value of whoever was erased."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from pupitre.core.contributions import stores
from pupitre.flow.identify.models import RightsRequest
from pupitre.flow.identify.models.rights import RequestState
from pupitre.flow.identify.rights.words import Words, counted
from pupitre.flow.identify.rights.work import DATABASE, to_do

_PROOF = {"files": "looked_through"}  # as a unit, files are those that went


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    store: Words
    holds: Words
    removed: str
    left: int
    proof: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A store that holds nothing to erase, and why."""

    store: Words
    why: Words


@dataclass(frozen=True, slots=True)
class Receipt:
    lines: tuple[ReceiptLine, ...]
    kept: tuple[Kept, ...]
    left: int  # stores to go
    over: bool

    @property
    def done(self) -> int:
        return len(self.lines)

    @property
    def total(self) -> int:
        return self.done + self.left


def receipt_of(request: RightsRequest) -> Receipt:
    over = request.state == RequestState.DONE
    lines = tuple(
        ReceiptLine(
            store=_name(row.store),
            holds=_holds(row.store),
            removed=counted(row.unit, row.found),
            left=row.left,
            proof=tuple(
                counted(_PROOF.get(what, what), n)
                for what, n in json.loads(row.proof or "{}").items()
            ),
            at=row.at,
        )
        for row in request.erased.all()
    )
    kept = tuple(Kept(s.holds, s.why_not) for s in stores if s.personal and s.erase is None)
    return Receipt(lines, kept, 0 if over else len(to_do(request)), over)


def _name(key: str) -> Words:
    if key == DATABASE:
        return _("files of the database")
    return stores[key].name if key in stores else key


def _holds(key: str) -> Words:
    if key == DATABASE:
        return _("What deleted rows leave in pages that nobody reads any more")
    return stores[key].holds if key in stores else ""
