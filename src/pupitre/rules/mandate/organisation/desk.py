"""What the organisation brings to My desk: seats with letters that are silent, or soon will be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.templatetags.house import day_short
from pupitre.rules.mandate.activities import SEAT_APPOINT
from pupitre.rules.mandate.contracts import DeskItem
from pupitre.rules.mandate.law import Law, SeatFacts
from pupitre.rules.mandate.organisation.queries import is_open, vacant_from
from pupitre.rules.mandate.web import Presence

SHOWN = 5  # seats on one desk; the organisation's page has them all


def silent_seats(presence: Presence) -> Iterator[DeskItem]:
    """For whoever decides on appointments: where somebody is missing, today and then soon."""
    law, day = presence.law, presence.day
    row = law.row(SEAT_APPOINT.key) or {}
    if not any("A" in row.get(chair.seat.id, "") for chair in presence.chairs):
        return
    shown = 0
    for seat, turns in sorted(_silent(law, day), key=lambda each: (each[1], each[0].id)):
        letters = sum(seat.id in letters for letters in law.rows.values())
        if letters and shown < SHOWN:
            shown += 1
            yield DeskItem(
                letter="A",
                title=_title(seat),
                url=reverse("mandate:seat", args=[seat.key]),
                why=_why(letters, turns, day),
            )


def _silent(law: Law, day: date) -> Iterator[tuple[SeatFacts, date]]:
    """Seats from which nobody speaks, and since when that counts: today, or the day to come."""
    for seat in law.seats.values():
        if not is_open(seat, day):
            continue
        if not law.occupied(seat.id, day):
            if not any(chair.span.starts > day for chair in seat.holders):
                yield seat, day
        elif (turns := vacant_from(seat, law, day)) and not law.occupied(seat.id, turns):
            yield seat, turns


def _title(seat: SeatFacts) -> Bilingual:
    return bilingual(lambda: _("Find somebody for “%(seat)s”") % {"seat": seat.name})


def _why(letters: int, turns: date, day: date) -> Bilingual:
    def said() -> str:
        if turns == day:
            return ngettext(
                "Vacant, with letters in one row: nobody is heard there.",
                "Vacant, with letters in %(n)s rows: nobody is heard there.",
                letters,
            ) % {"n": letters}
        return ngettext(
            "Vacant from %(day)s on, with letters in one row.",
            "Vacant from %(day)s on, with letters in %(n)s rows.",
            letters,
        ) % {"n": letters, "day": day_short(turns)}

    return bilingual(said)
