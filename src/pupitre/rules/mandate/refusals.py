"""A refusal as a person reads it: what was refused, by which row, and whom to ask."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Reason, Refused, RowView, SeatView

_SENTENCES: dict[Reason, str | Promise] = {
    Reason.NO_MATRIX: _("No responsibility matrix is in force, so nobody can do this yet."),
    Reason.NO_ROW: _("The matrix says nothing of this activity, so nobody can do it yet."),
    Reason.NOT_IN_SEAT: _("You do not hold this seat today, nor deputise for it."),
    Reason.NO_LETTER: _("Your seat has no letter in this row."),
    Reason.ONLY_CONSULTED: _("Your seat is consulted here: it gives an opinion, not a decision."),
    Reason.ONLY_INFORMED: _("Your seat is informed here: it is told afterwards."),
    Reason.NOT_ACCOUNTABLE: _("Your seat may ask for this; another one decides."),
    Reason.OWN_REQUEST: _("You asked for this yourself: somebody else has to approve it."),
    Reason.CONSULTATION_OPEN: _(
        "Those who are consulted have not all answered, and their time is not over."
    ),
    Reason.NOT_NEEDED: _("This voice has been given already, or nobody asked for it."),
    Reason.NOT_READY: _("Another voice is still missing before it can be carried out."),
    Reason.SETTLED: _("This decision is settled: somebody was faster."),
    Reason.NOT_YOURS: _("This belongs to somebody else."),
    Reason.SYSTEM_NOT_ALLOWED: _("The software may not do this by itself."),
}
_REMEDIES: dict[Reason, str | Promise] = {
    Reason.NO_MATRIX: _("Ask whoever set Pupitre up to bring a first matrix into force."),
    Reason.NO_ROW: _("Propose a version of the matrix that gives this activity a row."),
    Reason.NOT_IN_SEAT: _("Choose another of your seats, or ask its holder to name you deputy."),
    Reason.OWN_REQUEST: _("You can withdraw it, or remind those who decide."),
    Reason.CONSULTATION_OPEN: _("Wait for their answers, or for the day when their time is over."),
    Reason.SETTLED: _("Open the decision to read what became of it."),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    what: Bilingual  # the activity
    sentence: str | Promise
    remedy: str | Promise  # "" where asking the seats below is the remedy
    seat: SeatView | None  # the seat that asked
    row: RowView | None
    decide: tuple[SeatView, ...]  # whom to ask: those who decide
    propose: tuple[SeatView, ...]  # and those who may ask for it


def explain(refused: Refused) -> Explanation:
    row = refused.row
    decide = row.seats("A") if row else ()
    propose = row.seats("R") if row else ()
    return Explanation(
        what=refused.activity.name,
        sentence=_SENTENCES[refused.reason],
        remedy=_REMEDIES.get(refused.reason, ""),
        seat=refused.seat,
        row=row if isinstance(refused.activity, Activity) else None,
        decide=decide,
        propose=tuple(seat for seat in propose if seat not in decide),  # A and R: named once
    )
