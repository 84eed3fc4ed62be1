"""From a draft to the law: proposing it, giving it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.rules.mandate.activities import MATRIX_AMEND
from pupitre.rules.mandate.contracts import SeatView, Waiting
from pupitre.rules.mandate.matrix.actions import AbandonDraft, DescribeDraft, EnterIntoForce
from pupitre.rules.mandate.matrix.draft import read_draft
from pupitre.rules.mandate.matrix.views.common import present, version_or_404
from pupitre.rules.mandate.matrix.views.editor import state_context
from pupitre.rules.mandate.models import Decision, MatrixVersion
from pupitre.rules.mandate.ruling import Need, Spoken, Standing, Yes
from pupitre.rules.mandate.web import Presence, acting_view, ask


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a proposal would wait for, were it made now by this reader."""

    needs: tuple[Need, ...]
    consulted: tuple[SeatView, ...]
    able: tuple[SeatView, ...]  # whose yes would bring it further


@acting_view(EnterIntoForce)
def propose(request: HttpRequest, number: int) -> HttpResponse:
    """Ask that a draft become the law: what would change, and who must say yes."""
    presence = present(request)
    version = version_or_404(number)
    if version.state != MatrixVersion.State.DRAFT:
        return redirect("mandate:version", number)
    error = ""
    if request.method == "POST":
        waiting = Decision.objects.filter(
            subject=f"matrix:{number}", action=EnterIntoForce.key, state=Decision.State.OPEN
        ).first()
        if waiting is not None:
            messages.info(request, _("Somebody has proposed this draft already."))
            return redirect(waiting.page_url)
        try:
            outcome = ask(request, EnterIntoForce(number))
        except Invalid as invalid:
            error = str(invalid)
        else:
            if isinstance(outcome, Waiting):
                return redirect("mandate:decision", outcome.decision_id)
            return redirect("mandate:version", number)
    state = read_draft(version, law=presence.law, day=presence.day)
    context = {
        **state_context(presence, state),
        "foreseen": foresee_proposal(presence),
        "error": error,
        "joint": MATRIX_AMEND.joint,
    }
    return render(request, "mandate/matrix/propose.html", context, status=422 if error else 200)


def foresee_proposal(presence: Presence) -> Foreseen | None:
    """None where the reader could not propose at all."""
    seat_id = presence.actor.seat_id
    if seat_id is None:
        return None
    standing = Standing(
        law=presence.law,
        activity=MATRIX_AMEND,
        scope="",
        spoken=Spoken(
            requester=Yes(presence.member_id, seat_id),
            opinions_due=presence.at + timedelta(days=MATRIX_AMEND.opinion_days),
        ),
        at=presence.at,
        day=presence.day,
    )
    later = Standing(
        law=standing.law,
        activity=standing.activity,
        scope="",
        spoken=standing.spoken,
        at=standing.spoken.opinions_due,  # once those who are consulted have had their time
        day=standing.day,
    )

    def seats(ids: tuple[int, ...]) -> tuple[SeatView, ...]:
        return tuple(presence.law.seat_view(seat, presence.day) for seat in ids)

    return Foreseen(later.needs, seats(standing.awaited_opinions), seats(later.able_seats))


@acting_view(DescribeDraft)
def describe(request: HttpRequest, number: int) -> HttpResponse:
    """Say what a draft is for."""
    present(request)
    if version_or_404(number).state == MatrixVersion.State.DRAFT and request.method == "POST":
        try:
            ask(request, DescribeDraft(number, " ".join(request.POST.get("note", "").split())))
        except Invalid as invalid:
            messages.error(request, str(invalid))
    return redirect("mandate:draft", number)


@acting_view(AbandonDraft)
def abandon(request: HttpRequest, number: int) -> HttpResponse:
    present(request)
    version = version_or_404(number)
    error = ""
    if version.state != MatrixVersion.State.DRAFT:
        return redirect("mandate:version", number)
    if request.method == "POST":
        try:
            ask(request, AbandonDraft(number))
        except Invalid as invalid:
            error = str(invalid)
        else:
            return redirect("mandate:drafts")
    context = {
        "question": _("Abandon draft %(number)s?") % {"number": number},
        "consequence": error
        or _("It stays readable among the versions, and nobody can edit it any more."),
        "action": reverse("mandate:abandon", args=[number]),
        "label": _("Abandon the draft"),
        "danger": True,
        "back": reverse("mandate:draft", args=[number]),
    }
    return render(request, "core/confirm.html", context, status=422 if error else 200)
