"""What hands did about a person, on their page, and the way to do it."""

from __future__ import annotations

from pupitre.flow.identify.book.reading import identifiers_of
from pupitre.flow.identify.contracts import Panel, PersonAsked
from pupitre.flow.identify.merging.activities import PERSON_MERGE
from pupitre.flow.identify.models import Hand, HandLink
from pupitre.flow.identify.people.access import reader_of
from pupitre.flow.identify.people.fields import FieldKind
from pupitre.rules.mandate.queries import offer

MOST_HANDS = 20


def panel(asked: PersonAsked) -> Panel | None:
    known = [one.pk for one in identifiers_of(asked.person)]
    touching = HandLink.objects.filter(a__in=known).values("hand")
    others = HandLink.objects.filter(b__in=known).values("hand")
    hands = Hand.objects.filter(pk__in=touching.union(others)).order_by("-at", "-pk")
    offered = offer(asked.request, PERSON_MERGE)
    shown = tuple(hands[:MOST_HANDS])
    if not shown and not offered.may:
        return None
    context = {
        "hands": shown,
        "number": asked.person,
        "offer": offered,
        "several": len(known) > 1,
        "shows_why": FieldKind.WORDS in reader_of(asked.request).sees,
    }
    return Panel("identify/merging/_panel.html", context)
