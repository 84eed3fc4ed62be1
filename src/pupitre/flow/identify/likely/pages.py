"""A steward's pages: what waits, one pair side by side, the comparison of everybody."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.core.forms import whole_number
from pupitre.flow.identify.likely import reading, thresholds
from pupitre.flow.identify.likely.actions import (
    AcceptProposal,
    AskRun,
    OpenProposal,
    RefuseProposal,
    SayWhy,
    StopRun,
)
from pupitre.flow.identify.likely.activities import MATCH_DECIDE, MATCH_RUN
from pupitre.flow.identify.likely.forms import ONE, TWO, AnswerForm
from pupitre.flow.identify.likely.writing import MATCHER
from pupitre.flow.identify.models import MatchAnswer, Proposal
from pupitre.flow.identify.people.fields import FieldKind
from pupitre.flow.identify.people.masking import sees
from pupitre.rules.mandate.contracts import Outcome, Performed, Waiting
from pupitre.rules.mandate.queries import offer, open_to, present
from pupitre.rules.mandate.web import acting_view, ask, reading_view

PAGE = 50
OPEN_FOR = timedelta(minutes=30)  # two people side by side, without opening them again
MOST_OPEN = 50
_OPENED = "identify.opened_matches"  # in the session: match → [seat, since when]


@reading_view
def likely(request: HttpRequest) -> HttpResponse:
    may_run = offer(request, MATCH_RUN)
    if not may_run.may:
        open_to(request, MATCH_DECIDE)
    first = whole_number(request.GET.get("after")) or 0
    waiting = request.GET.get("show") != "answered"
    found = reading.lines(waiting=waiting, limit=PAGE + 1, after=first)
    run, last, counts = reading.run_under_way(), reading.last_run(), reading.counts()
    context = {
        "lines": found[:PAGE],
        "waiting": waiting,
        "older": first + PAGE if len(found) > PAGE else None,
        "first": first,
        "counts": counts,
        "answered": counts[MatchAnswer.ACCEPTED] + counts[MatchAnswer.REFUSED],
        "next": reading.next_waiting(),
        "precision": thresholds.precision(),
        "thresholds": thresholds.current(),
        "run": run,
        "run_words": reading.STATES[run.state] if run else "",
        "run_by": _name(run.asked_by) if run else "",
        "last": last,
        "last_why": _(last.why) if last and last.why else "",
        "may_run": may_run,
        "offer": offer(request, MATCH_DECIDE),
    }
    return render(request, "identify/likely.html", context)


@reading_view
def proposal(request: HttpRequest, number: int) -> HttpResponse:
    open_to(request, MATCH_DECIDE)
    return _shown(request, _row_or_404(number), AnswerForm())


@acting_view(OpenProposal)
def open_proposal(request: HttpRequest, number: int) -> HttpResponse:
    """Both people beside each other: who looked is written down."""
    if request.method == "POST":
        _open(request, number)
    return redirect("identify:proposal", number)


@acting_view(AcceptProposal, RefuseProposal, SayWhy, OpenProposal)
def answer_proposal(request: HttpRequest, number: int) -> HttpResponse:
    row = _row_or_404(number)
    if request.method != "POST":
        return redirect("identify:proposal", number)
    open_to(request, MATCH_DECIDE)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, form)
    said = form.cleaned_data
    action = {ONE: AcceptProposal, TWO: RefuseProposal}[said["answer"]]
    try:
        if said["why"] and said["why"] != row.why:
            _quietly(request, SayWhy(number, said["why"]))
        outcome = ask(request, action(number))
    except Invalid as error:
        messages.warning(request, str(error))
    else:
        if isinstance(outcome, Waiting):
            return redirect("mandate:decision", outcome.decision_id)
    following = reading.next_waiting(but=number)
    if following is None:
        return redirect("identify:likely")
    _open(request, following)
    return redirect("identify:proposal", following)


@acting_view(AskRun)
def ask_run(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _asked(request, AskRun())
    return redirect("identify:likely")


@acting_view(StopRun)
def stop_run(request: HttpRequest) -> HttpResponse:
    run = reading.run_under_way()
    if request.method == "POST" and run is not None:
        return _asked(request, StopRun(run.pk))
    return redirect("identify:likely")


def _name(who: str) -> str:
    return _("Pupitre itself") if who == MATCHER else who


def _asked(request: HttpRequest, action: AskRun | StopRun) -> HttpResponse:
    try:
        outcome = ask(request, action)
    except Invalid as error:
        messages.warning(request, str(error))
    else:
        if isinstance(outcome, Waiting):
            return redirect("mandate:decision", outcome.decision_id)
    return redirect("identify:likely")


def _shown(request: HttpRequest, row: Proposal, form: AnswerForm) -> HttpResponse:
    seat = _seat(request)
    seen = sees(seat)
    opened = _is_open(request, row.pk, seat, clock.now())
    context = {
        "shown": reading.shown(row, opened=opened, seen=seen),
        "shows_why": FieldKind.WORDS in seen,
        "waits": row.answer == MatchAnswer.WAITING,
        "form": form,
        "offer": offer(request, MATCH_DECIDE),
        "back": reverse("identify:likely"),
        "title": _("Likely match %(number)s") % {"number": row.pk},
    }
    status = 422 if request.method == "POST" else 200
    response = render(request, "identify/proposal.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _row_or_404(number: int) -> Proposal:
    row = Proposal.objects.filter(pk=number).first()
    if row is None:
        raise Http404
    return row


def _open(request: HttpRequest, number: int) -> None:
    """Write down who looks, and show it to this session for a while."""
    outcome = _quietly(request, OpenProposal(number))
    if isinstance(outcome, Performed):
        opened = dict(request.session.get(_OPENED, {}))
        opened[str(number)] = [_seat(request), clock.now().isoformat()]
        newest = sorted(opened.items(), key=lambda one: str(one[1][1]))[-MOST_OPEN:]
        request.session[_OPENED] = dict(newest)


def _quietly(request: HttpRequest, action: OpenProposal | SayWhy) -> Outcome:
    """Without the sentence that it was done: the page itself says so."""
    stored = list(messages.get_messages(request))
    outcome = ask(request, action)
    list(messages.get_messages(request))
    for one in stored:
        messages.add_message(request, one.level, one.message)
    return outcome


def _is_open(request: HttpRequest, number: int, seat: int | None, at: datetime) -> bool:
    by, since = request.session.get(_OPENED, {}).get(str(number), (None, ""))
    return seat is not None and by == seat and at - datetime.fromisoformat(since) < OPEN_FOR


def _seat(request: HttpRequest) -> int | None:
    speaking = present(request).speaking
    return speaking.seat.id if speaking else None
