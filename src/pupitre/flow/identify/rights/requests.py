"""Requests by right as they are entered, checked, extended, refused and withdrawn: acts.

An act carries numbers and choices from closed lists. What people said goes to the request's own row
and into no act: acts stay in the audit for ever, and the row can be emptied.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core import clock as wall
from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.identify.models import Identifier, RightsRequest, RightsStep
from pupitre.flow.identify.models.rights import (
    ASKER_CHARACTERS,
    OPEN_STATES,
    REASON_CHARACTERS,
    WORDS_CHARACTERS,
    Check,
    Refusing,
    RequestState,
    Right,
    Way,
)
from pupitre.flow.identify.rights.activities import CUSTOMER, RIGHT_DECIDE, RIGHT_HANDLE
from pupitre.flow.identify.rights.clock import due_on, may_extend
from pupitre.flow.identify.rights.restraining import end, objects_at_once, standing_by
from pupitre.flow.identify.rights.words import RIGHTS
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, Actor, AnyActor, Subject
from pupitre.rules.mandate.queries import member_name

OLDEST_DAYS = 366  # a request that came longer ago is a typing error


@dataclass(frozen=True)
class EnterRequest(Action):
    """Write down what a customer asked for, and when. Nothing is given or erased by it."""

    activity: ClassVar[Activity] = RIGHT_HANDLE
    prepares: ClassVar[bool] = True
    right: str
    way: str
    received_on: date
    identifier: int | None = None  # key in the book
    asker: str = ""
    words: str = ""
    link_of_seat: int | None = None  # the seat that made the link by which the customer came

    def subject(self) -> Subject:
        title = bilingual(lambda: _("Requests by right"))
        return Subject("rights", title, reverse("identify:rights"))

    def title(self) -> Bilingual:
        name = RIGHTS.get(self.right, self.right)
        return bilingual(lambda: _("Enter a request: %(right)s") % {"right": name})

    def check(self, *, at: datetime) -> None:
        if self.right not in Right.values or self.way not in Way.values:
            raise Invalid(_("Say what is asked for, and how it came."))
        today = wall.day_of(at)
        if self.received_on > today:
            raise Invalid(_("It cannot have come after today."), field="received_on")
        if (today - self.received_on).days > OLDEST_DAYS:
            raise Invalid(_("That is more than a year ago."), field="received_on")
        if len(self.asker) > ASKER_CHARACTERS or len(self.words) > WORDS_CHARACTERS:
            raise Invalid(_("This text is too long."))
        if self.identifier is None and not self.asker.strip():
            raise Invalid(_("Say who asks: how we know them, or their own words."), field="asker")
        if self.identifier is not None:
            _identifier(self.identifier)

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        request = RightsRequest.objects.create(
            right=self.right,
            identifier_id=self.identifier,
            asker=self.asker.strip(),
            words=self.words.strip(),
            way=self.way,
            received_on=self.received_on,
            entered_at=at,
            due_on=due_on(self.received_on),
        )
        tell(request, "entered" if self.link_of_seat is None else "linked", by=by, at=at)
        if self.identifier is not None:
            objects_at_once(request, _identifier(self.identifier), at=at)
        return request.pk

    def detail(self) -> dict[str, Any]:
        """Without what they said: the audit is never emptied."""
        return {
            "right": self.right,
            "way": self.way,
            "received_on": self.received_on.isoformat(),
            "identifier": self.identifier,
            **({} if self.link_of_seat is None else {"link_of_seat": self.link_of_seat}),
        }


@dataclass(frozen=True)
class AboutRequest(Action):
    """What acts on one request share."""

    number: int

    def subject(self) -> Subject:
        return subject_of(self.number)

    def material(self) -> object:
        """As it stands: whoever approves has seen who is meant, and how far it is."""
        row = RightsRequest.objects.filter(pk=self.number).first()
        return row and [row.right, row.state, row.identifier_id, row.check_how, str(row.due_on)]


@dataclass(frozen=True)
class TieRequest(AboutRequest):
    """Say which customer it is about, once they have been found."""

    activity: ClassVar[Activity] = RIGHT_HANDLE
    prepares: ClassVar[bool] = True
    identifier: int

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Tie to a customer: %(name)s") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        standing(self.number, RequestState.RECEIVED)
        _identifier(self.identifier)

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        request = standing(self.number, RequestState.RECEIVED)
        end(request.pk, at=at)  # on whoever it was tied to by mistake
        request.identifier_id = self.identifier
        request.save(update_fields=["identifier"])
        objects_at_once(request, _identifier(self.identifier), at=at)
        tell(request, "found", by=by, at=at)


@dataclass(frozen=True)
class CheckIdentity(AboutRequest):
    """Say how we know who asks. Before it nothing is given, changed or erased."""

    activity: ClassVar[Activity] = RIGHT_HANDLE
    prepares: ClassVar[bool] = True
    how: str

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Check who asks: %(name)s") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        request = standing(self.number, RequestState.RECEIVED)
        if self.how not in Check.values:
            raise Invalid(_("Say how we know who asks."), field="how")
        if request.identifier_id is None:
            raise Invalid(_("Find the customer first: nobody is tied to this request."))

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        if self.how == Check.SIGNED_LINK and by != CUSTOMER:  # nobody else can know it
            raise Invalid(_("Say how we know who asks."), field="how")
        request = standing(self.number, RequestState.RECEIVED)
        request.state, request.check_how, request.checked_at = RequestState.CHECKED, self.how, at
        request.save(update_fields=["state", "check_how", "checked_at"])
        tell(request, "checked", by=by, at=at)


@dataclass(frozen=True)
class ExtendRequest(AboutRequest):
    """Take two more months (art. 12(3)), told with the reason within the first one."""

    activity: ClassVar[Activity] = RIGHT_HANDLE
    prepares: ClassVar[bool] = True
    reason: str
    told: bool  # whoever asked was told, with the reason

    def title(self) -> Bilingual:
        return titled(
            self.number, lambda name: _("Take two more months: %(name)s") % {"name": name}
        )

    def check(self, *, at: datetime) -> None:
        request = standing(self.number, RequestState.RECEIVED, RequestState.CHECKED)
        if request.extended_at is not None:
            raise Invalid(_("Two more months were taken already: there are no others."))
        if not may_extend(request.received_on, today=wall.day_of(at)):
            raise Invalid(_("The first month is over: it is too late to take more."))
        if not self.reason.strip() or len(self.reason) > REASON_CHARACTERS:
            raise Invalid(_("Say why: it is complex, or there are many."), field="reason")
        if not self.told:
            raise Invalid(_("Tell them first, with the reason."), field="told")

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        request = standing(self.number, RequestState.RECEIVED, RequestState.CHECKED)
        request.extended_at, request.extension_reason = at, self.reason.strip()
        request.due_on = due_on(request.received_on, extended=True)
        request.save(update_fields=["extended_at", "extension_reason", "due_on"])
        tell(request, "extended", by=by, at=at)

    def detail(self) -> dict[str, Any]:
        return {"number": self.number}


@dataclass(frozen=True)
class WithdrawRequest(AboutRequest):
    """Whoever asked does not want it any more: an objection ends so even after it was answered."""

    activity: ClassVar[Activity] = RIGHT_HANDLE
    prepares: ClassVar[bool] = True

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Withdraw: %(name)s") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        self._open()

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        request = self._open()
        end(self.number, at=at)
        close(request, RequestState.WITHDRAWN, "withdrawn", by=by, at=at)

    def _open(self) -> RightsRequest:
        states = [RequestState.RECEIVED, RequestState.CHECKED]
        request = RightsRequest.objects.filter(pk=self.number, right=Right.OBJECTION).first()
        if request is not None and standing_by(self.number).exists():
            states.append(RequestState.DONE)
        return standing(self.number, *states)


@dataclass(frozen=True)
class RefuseRequest(AboutRequest):
    """Do not meet it, for one of the reasons that the law has."""

    activity: ClassVar[Activity] = RIGHT_DECIDE
    why: str

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Refuse: %(name)s") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        standing(self.number, RequestState.RECEIVED, RequestState.CHECKED)
        if self.why not in Refusing.values:
            raise Invalid(_("Choose the reason."), field="why")

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        request = standing(self.number, RequestState.RECEIVED, RequestState.CHECKED)
        request.refusing, request.decided_at = self.why, at
        request.save(update_fields=["refusing", "decided_at"])
        end(self.number, at=at)
        close(request, RequestState.REFUSED, "refused", by=by, at=at)


# --- what they share ------------------------------------------------------------------------------


def standing(number: int, *states: RequestState) -> RightsRequest:
    """The request, in one of these states. Raises Invalid: somebody was faster, or it is over."""
    request = RightsRequest.objects.filter(pk=number).first()
    if request is None:
        raise Invalid(_("There is no such request."))
    if request.state not in states:
        over = request.state not in OPEN_STATES
        raise Invalid(
            _("This request is closed.") if over else _("This request is further already.")
        )
    return request


def close(
    request: RightsRequest, state: RequestState, step: str, *, by: AnyActor, at: datetime
) -> None:
    request.state, request.done_at = state, at
    request.save(update_fields=["state", "done_at"])
    tell(request, step, by=by, at=at)


def close_for_erasure(
    request: RightsRequest, records: Iterable[int], *, by: AnyActor, at: datetime
) -> None:
    """Whatever else is open on a customer who is erased ends with them. Nobody withdrew it."""
    others = RightsRequest.objects.filter(identifier__in=list(records), state__in=OPEN_STATES)
    for other in others.exclude(pk=request.pk):
        close(other, RequestState.ERASED, "erased", by=by, at=at)


def tell(request: RightsRequest, what: str, *, by: AnyActor, at: datetime) -> None:
    name = member_name(by.member_id) if isinstance(by, Actor) else by.name
    RightsStep.objects.create(request=request, what=what, at=at, by=name[:200])


def subject_of(number: int) -> Subject:
    url = reverse("identify:right", args=[number])
    return Subject(f"right:{number}", name_of(number), url)


def name_of(number: int) -> Bilingual:
    """What a request is called wherever it must name nobody."""
    row = RightsRequest.objects.filter(pk=number).only("right").first()
    right = RIGHTS[row.right] if row else "?"
    return bilingual(
        lambda: _("request no. %(number)s (%(right)s)") % {"number": number, "right": right}
    )


def titled(number: int, sentence: Any) -> Bilingual:
    name = name_of(number)
    return bilingual(lambda: sentence(name))


def _identifier(key: int) -> Identifier:
    found = Identifier.objects.filter(pk=key).first()
    if found is None:
        raise Invalid(_("This customer is not known any more."), field="value")
    if found.person is None:
        raise Invalid(
            _("Several people are known by this, or nobody: give something of theirs alone."),
            field="value",
        )
    return found
