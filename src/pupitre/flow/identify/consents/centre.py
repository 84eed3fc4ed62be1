"""The customer's own page, reached by a signed link and without an account.

The link leads to a page without it: what opens stays out of the address bar, of the history and of
what other sites are told. Each page looks at the link again, so a revoked one closes at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from pupitre.core import clock
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.core.forms import whole_number
from pupitre.core.templatetags.house import day
from pupitre.flow.identify.book.reading import identifiers_of, person_of
from pupitre.flow.identify.consents import links, shown
from pupitre.flow.identify.consents.activities import CUSTOMER
from pupitre.flow.identify.consents.law import way
from pupitre.flow.identify.consents.masking import masked, masked_trait
from pupitre.flow.identify.consents.own import (
    PAUSE_MONTHS,
    Choice,
    PauseEverything,
    SaveChoices,
    Saved,
)
from pupitre.flow.identify.consents.purposes import PurposeRow, all_purposes
from pupitre.flow.identify.consents.reading import Held, Standing, paused_until, standing
from pupitre.flow.identify.consents.words import KINDS
from pupitre.flow.identify.models import RightsRequest
from pupitre.flow.identify.models.rights import OPEN_STATES, Check, Right, Way
from pupitre.flow.identify.rights import portable
from pupitre.flow.identify.rights.activities import CUSTOMER as RIGHTS_CUSTOMER
from pupitre.flow.identify.rights.exporting import HandOver
from pupitre.flow.identify.rights.portable import Waiting
from pupitre.flow.identify.rights.requests import CheckIdentity, EnterRequest
from pupitre.flow.identify.traits.names import LABELS
from pupitre.flow.identify.traits.reading import profile
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed
from pupitre.rules.mandate.web import acting_view, reading_view

IDLE_SECONDS = 1_800  # a page left open on somebody's table
MOST_CHOICES = 400
_SESSION = "identify.preferences"
# What customers may ask for here; anything else they write to us about.
OWN_RIGHTS = (Right.PORTABILITY, Right.ERASURE)
IDENTIFIERS = frozenset({"email", "phone", "loyalty_card"})  # traits that say the same
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever opened a link that holds."""

    identifier: int
    person: int
    seat: int | None  # that made the link; None: it was sent to the customer, and shown to nobody


@dataclass(frozen=True, slots=True)
class Box:
    """One choice, as the customer sees it."""

    name: str
    shown: str  # what it was when it was shown; see ``shown``
    way: str
    standing: Standing


def _for_customers(view: View) -> View:
    """A page that nobody signs in to, that no machine lists, and that no cache keeps."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        # Not "no-referrer": a form of such a page says that it comes from nowhere, and is refused.
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    bounded: View = login_not_required(rate_limit(action="preferences", limit_get=True)(guarded))
    bounded.actions = getattr(view, "actions", ())  # type: ignore[attr-defined]
    return bounded


def _with_a_link(view: View) -> View:
    """Open the page to whoever came by a link that holds; to all others, one and the same page."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        visitor = _visitor(request)
        if visitor is None:
            return _closed(request)
        request.session[_SESSION]["seen"] = int(time.time())
        request.session.modified = True
        return view(request, visitor)

    return guarded


@_for_customers
@reading_view
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the link out of the address bar. Looking uses nothing up: mail scanners follow links."""
    request.session.pop(_SESSION, None)
    if links.opened(token, at=clock.now()) is None:
        answer = _closed(request)
    else:
        request.session[_SESSION] = {"link": token, "seen": int(time.time())}
        answer = redirect("identify:preferences")
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@_for_customers
@acting_view(SaveChoices)
@_with_a_link
def preferences(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if request.method != "POST":
        return _page(request, visitor)
    if "leave" in request.POST:
        del request.session[_SESSION]
        return _render(request, "left", {})
    language = "en" if (translation.get_language() or "").startswith("en") else "fr"
    try:
        choices = _choices(request, visitor)
        saving = SaveChoices(visitor.identifier, choices, language, visitor.seat)
        done = act(saving, by=CUSTOMER, at=clock.now())
    except Invalid as error:
        messages.error(request, str(error))
        return _page(request, visitor, status=422)
    saved = done.result if isinstance(done, Performed) else None
    _say(request, saved if isinstance(saved, Saved) else Saved(0, 0))
    return redirect("identify:preferences")


@_for_customers
@acting_view(PauseEverything)
@_with_a_link
def pause(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if request.method != "POST":
        return redirect("identify:preferences")
    months = whole_number(request.POST.get("months"))
    try:
        act(
            PauseEverything(
                visitor.identifier, -1 if months is None else months, seat=visitor.seat
            ),
            by=CUSTOMER,
            at=clock.now(),
        )
    except Invalid as error:
        messages.error(request, str(error))
        return _page(request, visitor, status=422)
    until = paused_until(visitor.person, at=clock.now())
    messages.success(
        request,
        _("Everything is paused until %(day)s.") % {"day": day(until)}
        if until
        else _("The pause is over: your choices hold again."),
    )
    return redirect("identify:preferences")


@_for_customers
@acting_view(EnterRequest, CheckIdentity)
@_with_a_link
def ask_right(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for a copy, or to be erased, once; the second needs a second look."""
    right = request.POST.get("right") or request.GET.get("right", "")
    if right not in OWN_RIGHTS:
        return redirect("identify:preferences")
    if request.method != "POST":
        return _render(request, "right", {"right": right})
    if _open_request(visitor, right) is None:
        try:
            _enter(visitor, right)
        except Invalid as error:
            messages.error(request, str(error))
            return _page(request, visitor, status=422)
    entered = _open_request(visitor, right)
    messages.success(
        request,
        _("We have your request. You will have our answer by %(day)s.")
        % {"day": day(entered.due_on) if entered else ""},
    )
    return redirect("identify:preferences")


@_for_customers
@acting_view(HandOver)
@_with_a_link
def take_copy(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The copy that they asked for here, once: by their own link, by none that a seat saw."""
    if request.method != "POST":
        return redirect("identify:preferences")
    ready = _copy(visitor)
    mine = [one.pk for one in identifiers_of(visitor.person)]
    file = portable.take(ready.number, identifiers=mine, at=clock.now()) if ready else None
    if ready is None or file is None:
        messages.error(
            request, _("This copy was downloaded already, or is gone by now. Ask for a new one.")
        )
        return redirect("identify:preferences")
    stem = _("my-data")
    name = f"{stem}-{day_of(clock.now()).isoformat()}.zip"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    return cast(HttpResponse, response)  # it streams, and decorators ask for no more than headers


def _say(request: HttpRequest, saved: Saved) -> None:
    if saved.changed:
        messages.success(request, _("Saved. Your choices hold from this moment."))
    if saved.stay:
        messages.warning(
            request,
            _(
                "Something was withdrawn after you opened this page, and stays withdrawn. "
                "Look at your choices again: if you want it, tick it and save once more."
            ),
        )
    if saved.reworded:
        messages.warning(
            request,
            _(
                "A sentence that you ticked was changed after you opened this page. Read it as it "
                "is now: if you want it, tick it and save once more."
            ),
        )
    if not saved.changed and not saved.stay and not saved.reworded:
        messages.success(request, _("Nothing has changed: your choices are as they were."))


# --- what they share ------------------------------------------------------------------------------


def _visitor(request: HttpRequest) -> Visitor | None:
    kept = request.session.get(_SESSION)
    if not isinstance(kept, dict) or time.time() - kept.get("seen", 0) > IDLE_SECONDS:
        return None
    link = links.read(str(kept.get("link", "")), at=clock.now())
    person = person_of(link.identifier) if link is not None else None
    return Visitor(link.identifier, person, link.seat) if link and person is not None else None


def _closed(request: HttpRequest) -> HttpResponse:
    """The same words, whether the link was forged, is too old, or leads to nobody."""
    return _render(request, "closed", {}, status=410)


def _page(request: HttpRequest, visitor: Visitor, *, status: int = 200) -> HttpResponse:
    at = clock.now()
    said = {(one.purpose, one.channel): one for one in standing(visitor.person, at=at)}
    context = {
        "identifiers": [
            (KINDS[one.kind], masked(one.kind, one.value))
            for one in identifiers_of(visitor.person)
            if one.kind in KINDS
        ],
        "traits": _traits(visitor),
        "purposes": [
            (row, _boxes(visitor, row, said)) for row in all_purposes() if row.retired_at is None
        ],
        "agreed": sum(one.agreed for one in said.values()),
        "held": next((one.held.value for one in said.values() if one.held is not None), ""),
        "objects": any(one.held is Held.OBJECTS for one in said.values()),
        "paused_until": paused_until(visitor.person, at=at),
        "months": PAUSE_MONTHS,
        "copy": _copy(visitor),
        "sent": visitor.seat is None,
        "requests": {right.value: _open_request(visitor, right.value) for right in OWN_RIGHTS},
    }
    return _render(request, "preferences", context, status=status)


def _traits(visitor: Visitor) -> list[tuple[object, str]]:
    """Those that we have a word for, in its order, then others; identifiers stand by themselves."""
    order = {trait: place for place, trait in enumerate(LABELS)}
    shown = [one for one in profile(visitor.person) if one.value and one.trait not in IDENTIFIERS]
    shown.sort(key=lambda one: (order.get(one.trait, len(order)), one.trait))
    return [(one.label, masked_trait(one.trait, one.value)) for one in shown]


def _boxes(
    visitor: Visitor, row: PurposeRow, said: dict[tuple[str, str], Standing]
) -> tuple[Box, ...]:
    return tuple(
        Box(
            name=f"{row.key}.{channel}",
            shown=shown.shown(
                said[row.key, channel], identifier=visitor.identifier, version=row.version
            ),
            way=way(channel),
            standing=said[row.key, channel],
        )
        for channel in row.channels
    )


def _choices(request: HttpRequest, visitor: Visitor) -> tuple[Choice, ...]:
    """Boxes that stood on the page, ticked or not; what did not stand there is not touched."""
    ticked = set(request.POST.getlist("agreed")[:MOST_CHOICES])
    found = []
    for text in request.POST.getlist("shown")[:MOST_CHOICES]:
        choice = shown.choice(text, identifier=visitor.identifier, ticked=ticked)
        if choice is None:
            raise Invalid(_("What we ask has changed meanwhile. Look again, and save once more."))
        found.append(choice)
    return tuple(found)


def _copy(visitor: Visitor) -> Waiting | None:
    """What they may download now. A link that a seat made was seen by that seat: it gives none."""
    if visitor.seat is not None:
        return None
    mine = [one.pk for one in identifiers_of(visitor.person)]
    return next(iter(portable.waiting(mine, at=clock.now())), None)


def _open_request(visitor: Visitor, right: str) -> RightsRequest | None:
    return RightsRequest.objects.filter(
        identifier__person=visitor.person, right=right, state__in=OPEN_STATES
    ).first()


def _enter(visitor: Visitor, right: str) -> None:
    """Who asks opened a link that we sent to an address of theirs: that is how we know them. One
    that a seat made was seen by that seat: who asks is still to be checked."""
    at = clock.now()
    entered = act(
        EnterRequest(
            right=right,
            way=Way.PREFERENCES.value,
            received_on=day_of(at),
            identifier=visitor.identifier,
            link_of_seat=visitor.seat,
        ),
        by=RIGHTS_CUSTOMER,
        at=at,
    )
    if visitor.seat is None and isinstance(entered, Performed) and isinstance(entered.result, int):
        act(CheckIdentity(entered.result, Check.SIGNED_LINK.value), by=RIGHTS_CUSTOMER, at=at)


def _render(
    request: HttpRequest, page: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    # Whoever of the company is signed in here too sees the page as the customer does.
    given = {"signed": False, "company": settings.COMPANY, **context}
    return render(request, f"identify/consents/{page}.html", given, status=status)
