"""Two histories side by side, before they become one or cease to be: and then the act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.core.forms import HouseForm
from pupitre.flow.identify.book.deciding import foresee
from pupitre.flow.identify.book.reading import identifiers_of, person_of
from pupitre.flow.identify.merging.actions import (
    REASON_CHARACTERS,
    JoinPeople,
    SeparatePeople,
    TakeBackHand,
)
from pupitre.flow.identify.merging.activities import PERSON_MERGE
from pupitre.flow.identify.merging.hands import ends_of, together
from pupitre.flow.identify.merging.sides import drawn, side, sides, touched
from pupitre.flow.identify.models import Hand
from pupitre.flow.identify.normalising import Setting
from pupitre.flow.identify.people.access import Reader, is_open, reader_of
from pupitre.flow.identify.people.fields import FieldKind
from pupitre.flow.identify.people.pages import private
from pupitre.flow.identify.people.reading import (
    KINDS,
    Line,
    known_as,
    names_of,
    person,
    shown_name,
)
from pupitre.flow.identify.search.searching import find
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.queries import open_to
from pupitre.rules.mandate.web import acting_view, ask

MOST_FOUND = 10


class ReasonForm(HouseForm):
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy(
            "It stays beside what is done, and in the decision where somebody else has to agree: "
            "name no customer here."
        ),
        max_length=REASON_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NothingToSay(HouseForm):
    """Undoing says for itself why."""


@dataclass(frozen=True, slots=True)
class Candidate:
    number: int
    name: str
    kind: object
    opened: bool


@acting_view(JoinPeople)
def join(request: HttpRequest, number: int) -> HttpResponse:
    """GET: whom to join them with; with ``with``: both, side by side. POST: join them."""
    open_to(request, PERSON_MERGE)
    reader = reader_of(request)
    number = _today(number)
    if not _open(request, reader, number):
        return private(redirect("identify:person", number))
    given = request.GET.get("with", "")
    other = person_of(int(given)) if given.isdecimal() and len(given) < 19 else None
    if other is None or other == number:
        return private(_whom(request, reader, number, missed=bool(given)))
    everybody = together(number, other)
    closed = next((one for one in everybody if not _open(request, reader, one)), None)
    if closed is not None:
        context = {"number": number, "other": other, "closed": closed}
        return private(render(request, "identify/merging/open_first.html", context))

    def action(form: HouseForm) -> Action:
        return JoinPeople(number, other, form.cleaned_data["reason"])

    both = [side(reader, end) for end in everybody]
    return private(
        _asked(
            request,
            ReasonForm(request.POST or None),
            action,
            {
                "number": number,
                "title": _("Are they one customer?"),
                "sides": both,
                "differ": _differ(reader, number, other),
                "consequence": _(
                    "Their histories will be read as one, at once. No event is rewritten: it can "
                    "be undone, and each then has again what was theirs."
                ),
                "label": _("Join them"),
            },
        )
    )


@acting_view(SeparatePeople)
def separate(request: HttpRequest, number: int) -> HttpResponse:
    """GET: which identifiers leave; chosen, both histories as they would be. POST: separate."""
    open_to(request, PERSON_MERGE)
    reader = reader_of(request)
    number = _today(number)
    if not _open(request, reader, number):
        return private(redirect("identify:person", number))
    known = identifiers_of(number)
    given = request.POST if request.method == "POST" else request.GET
    chosen = {int(text) for text in given.getlist("leaving") if text.isdecimal()}
    leaving = [one.pk for one in known if one.pk in chosen]
    staying = [one.pk for one in known if one.pk not in chosen]
    if not leaving or not staying:
        context = {
            "number": number,
            "identifiers": list(
                zip((one.pk for one in known), known_as(known, seen=reader.sees), strict=True)
            ),
            "asked": bool(given.getlist("asked")),
        }
        return private(render(request, "identify/merging/which.html", context))
    whose = foresee([one.pk for one in known], apart=product(staying, leaving))
    seen = drawn(whose, of={number})

    def action(form: HouseForm) -> Action:
        return SeparatePeople(number, tuple(leaving), form.cleaned_data["reason"])

    return private(
        _asked(
            request,
            ReasonForm(request.POST if "reason" in request.POST else None),
            action,
            {
                "number": number,
                "title": _("Are they two customers?"),
                "sides": sides(reader, seen),
                "others": seen.others,
                "leaving": leaving,
                "consequence": _(
                    "Each will have the history below, whatever is said of them later, until this "
                    "is undone."
                ),
                "label": _("Separate them"),
            },
        )
    )


@acting_view(TakeBackHand)
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """GET: who there would be without what a hand did. POST: undo it."""
    open_to(request, PERSON_MERGE)
    reader = reader_of(request)
    hand = Hand.objects.filter(pk=number, taken_back_at=None).first()
    if hand is None:
        raise Http404
    ends = ends_of(hand)
    whose = foresee(ends, without=hand.pk)
    people = touched(whose, ends)
    closed = [one for one in people if not _open(request, reader, one)]
    if closed:
        first = _("Undoing this touches this customer: open their page first, then come back.")
        messages.info(request, first)
        return private(redirect("identify:person", min(closed)))
    title = (
        _("Were they two customers after all?")
        if hand.joins
        else _("Were they one customer after all?")
    )
    return private(
        _asked(
            request,
            NothingToSay(request.POST if request.method == "POST" else None),
            lambda _form: TakeBackHand(hand.pk),
            {
                "number": person_of(hand.one) or hand.one,
                "hand": hand,
                "title": title,
                "sides": sides(reader, drawn(whose, of=people)),
                "shows_why": FieldKind.WORDS in reader.sees,
                "consequence": _(
                    "Everything will be as if it had never been done; what came since goes where "
                    "its own evidence leads."
                ),
                "label": _("Undo it"),
            },
        )
    )


def _asked(
    request: HttpRequest,
    form: HouseForm,
    action: Callable[[HouseForm], Action],
    context: dict[str, Any],
) -> HttpResponse:
    sent = form.is_bound
    if sent and form.is_valid():
        try:
            outcome = ask(request, action(form))
        except Invalid as error:
            form.refuse(error)
        else:
            if isinstance(outcome, Waiting):
                return redirect("mandate:decision", outcome.decision_id)
            return redirect("identify:person", outcome.result)
    context |= {"form": form, "offer": open_to(request, PERSON_MERGE)}
    return render(request, "identify/merging/sides.html", context, status=422 if sent else 200)


def _today(number: int) -> int:
    found = person_of(number)
    if found is None:
        raise Http404
    return found


def _open(request: HttpRequest, reader: Reader, number: int) -> bool:
    return is_open(request, person=number, seat=reader.seat, at=clock.now())


def _whom(request: HttpRequest, reader: Reader, number: int, *, missed: bool) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    contacts = FieldKind.CONTACT in reader.sees
    hits = find(text, setting=Setting(), limit=MOST_FOUND, contacts=contacts) if text else ()
    named = names_of(hit.person for hit in hits if hit.person is not None)
    found = [
        Candidate(
            hit.person,
            shown_name(named.get(hit.person, {})),
            KINDS[hit.kind],
            _open(request, reader, hit.person),
        )
        for hit in hits
        if hit.person is not None and hit.person != number
    ]
    context = {"number": number, "q": text, "found": found, "missed": missed}
    return render(request, "identify/merging/whom.html", context)


def _differ(reader: Reader, one: int, other: int) -> list[tuple[Line, Line]]:
    """Traits of which both have a value, and not the same."""
    first = {line.label: line for line in person(one, seen=reader.sees).lines}
    second = {line.label: line for line in person(other, seen=reader.sees).lines}
    return [
        (line, second[label])
        for label, line in first.items()
        if label in second and line.shown != second[label].shown
    ]
