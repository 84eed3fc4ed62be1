"""What one customer agreed to, as a part of their page: now, and how we know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from pupitre.core.clock import day_of
from pupitre.core.microseconds import instant
from pupitre.flow.collect.queries import source_names
from pupitre.flow.identify.consents.activities import CONSENT_LINK, CONSENT_RECORD
from pupitre.flow.identify.consents.law import ALL, at_of, way
from pupitre.flow.identify.consents.purposes import all_purposes
from pupitre.flow.identify.consents.reading import (
    Standing,
    Told,
    history,
    ignored,
    paused_until,
    rank_of,
    standing,
)
from pupitre.flow.identify.consents.words import SAID
from pupitre.flow.identify.contracts import Panel, PersonAsked
from pupitre.flow.identify.models import By
from pupitre.flow.identify.people.masking import scrubbed, sees
from pupitre.flow.identify.people.reading import person
from pupitre.rules.mandate.queries import offer, open_seat, present

LINES = 20


@dataclass(frozen=True, slots=True)
class Row:
    standing: Standing
    way: str
    said: str | Promise  # in words; empty where nothing was said
    ignored: str  # whose later word that they agree counts for nothing; empty where nobody's
    ignored_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proved:
    """A line of the ledger in words."""

    told: Told
    name: str
    way: str
    said: str | Promise
    whose: str
    place: str  # without what is hidden from this seat: a page's address may hold an e-mail
    wording: str


def panel(asked: PersonAsked) -> Panel | None:
    rows = _rows(asked)
    context = {
        "number": asked.person,
        "rows": rows,
        "agreed": sum(row.standing.agreed for row in rows),
        "paused_until": paused_until(asked.person, at=asked.at),
        "lines": _lines(asked),
        "may_record": offer(asked.request, CONSENT_RECORD).may,
        "may_link": offer(asked.request, CONSENT_LINK).may,
    }
    return Panel("identify/consents/_panel.html", context)


def _rows(asked: PersonAsked) -> list[Row]:
    sources, unheard = source_names(), ignored(asked.person)
    rows = []
    for one in standing(asked.person, at=asked.at):
        ranked, source = unheard.get((one.purpose, one.channel), (0, ""))
        later = ranked > rank_of(one)
        rows.append(
            Row(
                one,
                way(one.channel),
                SAID[one.said] if one.said is not None else "",
                str(sources.get(source, source)) if later else "",
                instant(at_of(ranked)) if later else None,
            )
        )
    return rows


def _lines(asked: PersonAsked) -> list[Proved]:
    names = {row.key: str(row.name) for row in all_purposes()}
    sources = source_names()
    speaking = present(asked.request).speaking
    seen = sees(speaking.seat.id if speaking else None)
    hidden = person(asked.person, seen=seen).hidden
    found = []
    for told in history(asked.person, limit=LINES):
        if told.by == By.CUSTOMER:
            whose = _("on their own page")
        elif told.by == By.SEAT_LINK:
            seat = _seat(told.seat_id, asked)
            whose = _("on their own page, by a link that %(seat)s made") % {"seat": seat}
        elif told.by == By.SEAT:
            whose = _seat(told.seat_id, asked)
        else:
            whose = str(sources.get(told.source, told.source))
        name = _("everything") if told.purpose == ALL else names.get(told.purpose, told.purpose)
        channel = _("on every channel") if told.channel == ALL else way(told.channel)
        place, wording = (scrubbed(text, seen, hidden) for text in (told.place, told.wording))
        found.append(Proved(told, name, channel, SAID[told.said], whose, place, wording))
    return found


def _seat(seat_id: int | None, asked: PersonAsked) -> str:
    seat = open_seat(seat_id=seat_id, day=day_of(asked.at)) if seat_id is not None else None
    return str(seat.name) if seat else _("a seat that is closed since")
