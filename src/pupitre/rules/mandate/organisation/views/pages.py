"""The organisation, a seat, the chart: pages to read."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pupitre.rules.mandate.activities import MEMBER_ADMIT, ORGANISATION_CHANGE, SEAT_APPOINT
from pupitre.rules.mandate.organisation import choices
from pupitre.rules.mandate.organisation.drawing import DEEPEST, draw
from pupitre.rules.mandate.organisation.offers import offer, present
from pupitre.rules.mandate.organisation.queries import Search, overview
from pupitre.rules.mandate.organisation.seat_page import seat_page
from pupitre.rules.mandate.web import reading_view

SHOWN_WAITING = 8  # rows of what waits; the filter shows them all
UNFOLDED = 120  # seats; beyond it each function opens on demand


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Seat or person"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    function = forms.TypedChoiceField(
        label=_("Function"), required=False, coerce=int, empty_value=None
    )
    state = forms.ChoiceField(
        label=pgettext_lazy("seat", "State"),
        required=False,
        choices=[
            ("", _("all seats")),
            ("vacant", pgettext_lazy("seats", "vacant")),
            ("deputised", pgettext_lazy("seats", "with a deputy today")),
            ("ending", pgettext_lazy("seats", "vacant soon")),
        ],
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["function"].choices = [("", _("all functions")), *choices.functions()]  # type: ignore[attr-defined]

    def search(self) -> Search:
        """What is looked for; a wrong value narrows nothing."""
        self.is_valid()
        said = self.cleaned_data
        return Search(
            text=said.get("q", ""),
            function=said.get("function") or 0,
            state=said.get("state", ""),
        )


@reading_view
def organisation(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    form = SearchForm(request.GET)
    search = form.search()
    page = overview(law=presence.law, day=presence.day, search=search)
    context = {
        "presence": presence,
        "page": page,
        "form": form,
        "searching": not search.empty,
        "folded": page.found > UNFOLDED,
        "shown_waiting": SHOWN_WAITING,
        "holds": any(not chair.as_deputy for chair in presence.chairs),
        "change": offer(request, ORGANISATION_CHANGE),
        "appoint": offer(request, SEAT_APPOINT),
        "admit": offer(request, MEMBER_ADMIT),
    }
    fragment = request.headers.get("HX-Target") == "seats"
    template = "mandate/organisation/" + ("_seats.html" if fragment else "organisation.html")
    response = render(request, template, context)
    response["Vary"] = "HX-Target"
    return response


@reading_view
def seat(request: HttpRequest, key: str) -> HttpResponse:
    presence = present(request)
    page = seat_page(key=key, law=presence.law, day=presence.day)
    if page is None:
        raise Http404
    mine = presence.member_id in presence.law.holders(page.row.id, presence.day)
    context = {
        "presence": presence,
        "page": page,
        "mine": mine,
        "change": offer(request, ORGANISATION_CHANGE),
        "appoint": offer(request, SEAT_APPOINT),
    }
    return render(request, "mandate/organisation/seat.html", context)


@reading_view
def chart(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    asked = request.GET.get("depth", "")
    drawing = draw(
        law=presence.law,
        day=presence.day,
        root=request.GET.get("root", "")[:60],
        depth=min(int(asked), DEEPEST) if asked.isdecimal() and len(asked) < 4 else None,
    )
    if drawing is None:
        raise Http404
    context = {
        "presence": presence,
        "drawing": drawing,
        "levels": range(1, min(drawing.deepest, DEEPEST) + 1),
        "as_list": request.GET.get("as") == "list",
        "mine": {chair.seat.id for chair in presence.chairs},
    }
    return render(request, "mandate/organisation/chart.html", context)
