"""Forms about requests by right: enter, tie, check, extend, answer, refuse, withdraw, lift."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core import clock as wall
from pupitre.core.errors import Invalid
from pupitre.core.forms import HouseForm
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Identifier
from pupitre.flow.identify.models.rights import RequestState, Right
from pupitre.flow.identify.normalising import Named, Setting, normalised
from pupitre.flow.identify.rights.access import shows_requests
from pupitre.flow.identify.rights.activities import RIGHT_DECIDE, RIGHT_ERASE, RIGHT_HANDLE
from pupitre.flow.identify.rights.deciding import (
    COPIED,
    AnswerRequest,
    EraseCustomer,
    LiftRestraint,
    WriteAnswer,
)
from pupitre.flow.identify.rights.forms import (
    AnswerForm,
    CheckForm,
    ExtendForm,
    NewRequestForm,
    NothingToFill,
    RefuseForm,
    WhoForm,
)
from pupitre.flow.identify.rights.pages import request_or_404
from pupitre.flow.identify.rights.requests import (
    CheckIdentity,
    EnterRequest,
    ExtendRequest,
    RefuseRequest,
    TieRequest,
    WithdrawRequest,
)
from pupitre.flow.identify.rights.words import RIGHTS
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, Performed, Waiting
from pupitre.rules.mandate.queries import open_to, present
from pupitre.rules.mandate.web import acting_view, ask, asked

Build = Callable[[Mapping[str, Any]], Action]


def find(kind: str, value: str) -> Identifier | None:
    """Whom we know by this, in whatever spelling; None: nobody."""
    if not value.strip():
        return None
    spelt, named = normalised(Kind(kind), value, Setting())
    if named is not Named.ONE:
        return None
    return Identifier.objects.filter(kind=kind, value=spelt).first()


@acting_view(EnterRequest)
@shows_requests
def new_right(request: HttpRequest) -> HttpResponse:
    open_to(request, RIGHT_HANDLE)
    today = wall.day_of(present(request).at)
    form = NewRequestForm(request.POST or None, initial={"received_on": today})

    def build(said: Mapping[str, Any]) -> Action:
        found = find(said["kind"] or Kind.EMAIL, said["value"])
        asker = said["asker"]
        if found is None and said["value"] and not asker:
            asker = said["value"]  # nobody is known by it: what they gave is kept as their words
        return EnterRequest(
            right=said["right"],
            way=said["way"],
            received_on=said["received_on"],
            identifier=found.pk if found else None,
            asker=asker,
            words=said["words"],
        )

    outcome = asked(request, form, build)
    if isinstance(outcome, Performed):
        return redirect("identify:right", int(str(outcome.result)))
    return _form_page(
        request,
        form,
        title=_("Enter a request"),
        intro=_(
            "What a customer asks by right, wherever it came in. They are answered in a month."
        ),
        label=_("Enter the request"),
        back=reverse("identify:rights"),
    )


def _about(
    request: HttpRequest,
    number: int,
    form: HouseForm,
    build: Build,
    *,
    activity: Activity,
    title: str,
    label: str,
    intro: str = "",
    danger: bool = False,
) -> HttpResponse:
    """A form about one request: it goes back to its page, or to the decision that waits."""
    offered = open_to(request, activity)
    request_or_404(number)
    outcome = asked(request, form, build)
    if isinstance(outcome, Waiting):
        return redirect("mandate:decision", outcome.decision_id)
    if outcome is not None:
        return redirect("identify:right", number)
    return _form_page(
        request,
        form,
        title=title,
        label=label,
        intro=intro,
        back=reverse("identify:right", args=[number]),
        offer=None if activity is RIGHT_HANDLE else offered,  # preparing asks nobody
        danger=danger,
    )


@acting_view(TieRequest)
@shows_requests
def tie_right(request: HttpRequest, number: int) -> HttpResponse:
    def build(said: Mapping[str, Any]) -> Action:
        found = find(said["kind"] or Kind.EMAIL, said["value"])
        if found is None:
            raise Invalid(_("Nobody is known by this."), field="value")
        return TieRequest(number, found.pk)

    return _about(
        request,
        number,
        WhoForm(request.POST or None),
        build,
        activity=RIGHT_HANDLE,
        title=_("Find the customer"),
        label=_("Tie the request to them"),
    )


@acting_view(CheckIdentity)
@shows_requests
def check_right(request: HttpRequest, number: int) -> HttpResponse:
    return _about(
        request,
        number,
        CheckForm(request.POST or None),
        lambda said: CheckIdentity(number, said["how"]),
        activity=RIGHT_HANDLE,
        title=_("Check who asks"),
        label=_("I know who asks"),
        intro=_("Nothing is given, changed or erased before."),
    )


@acting_view(ExtendRequest)
@shows_requests
def extend_right(request: HttpRequest, number: int) -> HttpResponse:
    return _about(
        request,
        number,
        ExtendForm(request.POST or None),
        lambda said: ExtendRequest(number, said["reason"], said["told"]),
        activity=RIGHT_HANDLE,
        title=_("Take two more months"),
        label=_("Take two more months"),
        intro=_("Once, and only if they are told within the first month."),
    )


@acting_view(WithdrawRequest)
@shows_requests
def withdraw_right(request: HttpRequest, number: int) -> HttpResponse:
    objection = request_or_404(number).right == Right.OBJECTION
    return _about(
        request,
        number,
        NothingToFill(request.POST if request.method == "POST" else None),
        lambda _said: WithdrawRequest(number),
        activity=RIGHT_HANDLE,
        title=_("Did they withdraw their request?"),
        label=_("They withdrew it"),
        intro=_("Their request is closed: they may hear from us again, where they agreed to it.")
        if objection
        else _("Their request is closed, and nothing more is done about it."),
    )


@acting_view(RefuseRequest)
@shows_requests
def refuse_right(request: HttpRequest, number: int) -> HttpResponse:
    return _about(
        request,
        number,
        RefuseForm(request.POST or None),
        lambda said: RefuseRequest(number, said["why"]),
        activity=RIGHT_DECIDE,
        title=_("Refuse this request"),
        label=_("Refuse it"),
        intro=_("They are told why, and that they may complain to the authority or to a court."),
        danger=True,
    )


@acting_view(LiftRestraint)
@shows_requests
def lift_right(request: HttpRequest, number: int) -> HttpResponse:
    return _about(
        request,
        number,
        NothingToFill(request.POST if request.method == "POST" else None),
        lambda _said: LiftRestraint(number),
        activity=RIGHT_DECIDE,
        title=_("Use their data again?"),
        label=_("Lift it"),
        intro=_("They were told of it beforehand."),
    )


@acting_view(WriteAnswer, AnswerRequest)
@shows_requests
def answer_right(request: HttpRequest, number: int) -> HttpResponse:
    """What they are told goes into the request; that it is answered, into the decision."""
    row = request_or_404(number)
    if row.right == Right.ERASURE:
        return redirect("identify:right_erase", number)
    form = AnswerForm(request.POST or None, initial={"answer": row.answer})

    def build(said: Mapping[str, Any]) -> Action:
        if said["answer"] != row.answer and row.state == RequestState.CHECKED:
            ask(request, WriteAnswer(number, said["answer"]))
        return AnswerRequest(number)

    return _about(
        request,
        number,
        form,
        build,
        activity=RIGHT_DECIDE,
        title=_("Answer: %(right)s") % {"right": RIGHTS[row.right]},
        label=_("Make their copy") if row.right in COPIED else _("Answer the request"),
        intro=_INTROS[row.right](),
    )


@acting_view(EraseCustomer)
@shows_requests
def erase_right(request: HttpRequest, number: int) -> HttpResponse:
    return _about(
        request,
        number,
        NothingToFill(request.POST if request.method == "POST" else None),
        lambda _said: EraseCustomer(number),
        activity=RIGHT_ERASE,
        title=_("Erase this customer?"),
        label=_("Erase them"),
        intro=_(
            "Everything by which they are known goes from every store, and nobody can bring it "
            "back. What arrives later for them is turned away. Statistics that name nobody stay."
        ),
        danger=True,
    )


_INTROS: Mapping[str, Callable[[], str]] = {
    Right.ACCESS: lambda: _(
        "Everything that we hold on them is gathered into one file. It is handed over once, and "
        "deleted after a week."
    ),
    Right.PORTABILITY: lambda: _(
        "Everything that we hold on them is gathered into one file. It is handed over once, and "
        "deleted after a week."
    ),
    Right.RECTIFICATION: lambda: _("Correct it first where it stands, then say here what was."),
    Right.OBJECTION: lambda: _(
        "Nothing is sent to them for prospecting since their request was entered."
    ),
    Right.RESTRICTION: lambda: _("From now on their data is kept, and not used."),
}


def _form_page(
    request: HttpRequest,
    form: HouseForm,
    *,
    title: str,
    label: str,
    back: str,
    intro: str = "",
    offer: object = None,
    danger: bool = False,
) -> HttpResponse:
    wrong = request.method == "POST" and bool(form.errors)
    context = {
        "form": form,
        "title": title,
        "label": label,
        "back": back,
        "intro": intro,
        "offer": offer,
        "danger": danger,
    }
    return render(request, "identify/rights/form.html", context, status=422 if wrong else 200)
