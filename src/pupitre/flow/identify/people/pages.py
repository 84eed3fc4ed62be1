"""Finding a customer, opening their page, and reading it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.core.forms import HouseForm
from pupitre.flow.identify.contracts import PersonAsked, person_panels
from pupitre.flow.identify.models import Identifier
from pupitre.flow.identify.normalising import Setting
from pupitre.flow.identify.people.access import (
    OPEN_FOR,
    REASON_CHARACTERS,
    OpenPerson,
    Reader,
    is_open,
    keep_open,
    reader_of,
)
from pupitre.flow.identify.people.fact_words import sentence
from pupitre.flow.identify.people.feed import Feed, Narrowed, facts, feed
from pupitre.flow.identify.people.fields import FieldKind
from pupitre.flow.identify.people.reading import (
    KINDS,
    ends_of_cards,
    names_of,
    person,
    shown_name,
    why_nobody,
)
from pupitre.flow.identify.people.telling import CHANNELS, SORTS, Text
from pupitre.flow.identify.search.searching import MOST, Hit, Why, find
from pupitre.lake.contracts import LakeError
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.web import acting_view, actor_of, reading_view

log = logging.getLogger("pupitre.identify")
WHYS: dict[Why, Text] = {
    Why.IDENTIFIER: _("exactly"),
    Why.NUMBER: _("by the number of the page"),
    Why.ENDING: _("by its end"),
    Why.NAME: _("by name"),
    Why.NEARLY: _("by a name that is written nearly so"),
}


class ReasonForm(HouseForm):
    reason = forms.CharField(
        label=_("Why do you open this page?"),
        help_text=_(
            "For instance: a complaint by telephone this morning. It stays in the audit log with "
            "your name: name no customer here."
        ),
        max_length=REASON_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NoReasonForm(HouseForm):
    """For a seat that reads at once."""


@dataclass(frozen=True, slots=True)
class Found:
    """A line of what was found."""

    number: int
    name: str
    town: str
    card: str  # its end, where they have one: what tells two people of one name apart
    why: Text
    kind: Text
    nobody: bool
    opened: bool


@reading_view
def people(request: HttpRequest) -> HttpResponse:
    """Search: by GET, as an ordinary form, and while one types where there is JavaScript."""
    reader = reader_of(request)
    text = request.GET.get("q", "").strip()
    contacts = FieldKind.CONTACT in reader.sees
    hits = find(text, setting=Setting(), limit=MOST, contacts=contacts) if text else ()
    context = {
        "q": text,
        "found": _found(request, reader, hits),
        "most": MOST,
        "full": len(hits) == MOST,
        "says_why": reader.says_why,
        "any": bool(text) or Identifier.objects.exists(),
    }
    part = request.headers.get("HX-Request") == "true"
    template = "identify/people/_found.html" if part else "identify/people/search.html"
    return private(render(request, template, context))


def _found(request: HttpRequest, reader: Reader, hits: tuple[Hit, ...]) -> list[Found]:
    named = names_of(hit.person for hit in hits if hit.person is not None)
    cards = ends_of_cards(hit.person for hit in hits if hit.person is not None)
    now, lines = clock.now(), []
    for hit in hits:
        traits = named.get(hit.person or 0, {})
        number = hit.person or hit.identifier
        lines.append(
            Found(
                number=number,
                name=shown_name(traits),
                town=traits.get("locality", "") if FieldKind.ADDRESS in reader.sees else "",
                card=cards.get(number, ""),
                why=WHYS[hit.why],
                kind=KINDS[hit.kind],
                nobody=hit.person is None,
                opened=is_open(request, person=number, seat=reader.seat, at=now),
            )
        )
    return lines


@acting_view(OpenPerson)
def one_person(request: HttpRequest, number: int) -> HttpResponse:
    """GET: the page where it is open to this reader, else what opening it takes. POST: open it."""
    reader = reader_of(request)
    identifier = Identifier.objects.filter(pk=number).first()
    if identifier is None:
        raise Http404
    if identifier.person is None:
        kind, why = why_nobody(identifier)
        context = {"number": number, "kind": kind, "why": why}
        return private(render(request, "identify/people/nobody.html", context))
    if identifier.person != number:  # an older number of theirs
        return private(redirect("identify:person", identifier.person))
    if request.method == "POST":
        return private(_opened(request, reader, number))
    if not is_open(request, person=number, seat=reader.seat, at=clock.now()):
        return private(_to_open(request, reader, number, _form(reader)))
    return private(_shown(request, reader, number))


def _form(reader: Reader, data: Any = None) -> HouseForm:
    return ReasonForm(data) if reader.says_why else NoReasonForm(data)


def _opened(request: HttpRequest, reader: Reader, number: int) -> HttpResponse:
    form = _form(reader, request.POST)
    if form.is_valid():
        reason = form.cleaned_data.get("reason", "")
        try:
            act(OpenPerson(number, reason), by=actor_of(request), at=clock.now())
        except Invalid as error:
            form.refuse(error)
        else:
            keep_open(request, person=number, seat=reader.seat, at=clock.now())
            return redirect("identify:person", number)
    return _to_open(request, reader, number, form)


def _to_open(request: HttpRequest, reader: Reader, number: int, form: HouseForm) -> HttpResponse:
    """Not a word of the customer: nothing was opened yet."""
    context = {
        "number": number,
        "form": form,
        "says_why": reader.says_why,
        "minutes": int(OPEN_FOR.total_seconds() // 60),
    }
    wrong = request.method == "POST"
    return render(request, "identify/people/to_open.html", context, status=422 if wrong else 200)


def _shown(request: HttpRequest, reader: Reader, number: int) -> HttpResponse:
    now = clock.now()
    who = person(number, seen=reader.sees)
    narrowed = Narrowed.read(request.GET)
    after = request.GET.get("after", "")
    context: dict[str, Any] = {"who": who, "narrowed": narrowed, "number": number}
    try:
        page = feed(number, seen=reader.sees, hidden=who.hidden, narrowed=narrowed, after=after)
        context["feed"] = page
        context["older"] = _older(narrowed, page)
        if request.headers.get("HX-Request") == "true" and after:
            return render(request, "identify/people/_events.html", context)
        known = facts(number, seen=reader.sees, hidden=who.hidden, now=now)
        context["facts"] = [sentence(fact, now=now) for fact in known]
    except LakeError as error:
        log.warning("The timeline of a customer could not be read: %s", error.step)
        context["silent"] = True
    asked = PersonAsked(request, number, now)
    panels = (panel(asked) for panel in person_panels)
    context |= {
        "panels": [
            render_to_string(panel.template, {**panel.context, "panel": panel.context}, request)
            for panel in panels
            if panel is not None
        ],
        "channels": list(CHANNELS.items()),
        "sorts": SORTS,
        "after": after,
    }
    return render(request, "identify/people/person.html", context)


def _older(narrowed: Narrowed, page: Feed) -> str:
    if not page.older:
        return ""
    asked = {"channel": narrowed.channel, "kind": narrowed.sort, "after": page.older}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def private(response: HttpResponse) -> HttpResponse:
    """Customers' own data rest in no cache, of the browser's neither."""
    response["Cache-Control"] = "no-store"
    return response
