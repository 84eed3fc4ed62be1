"""Asking for a run, stopping it, opening a proposal, and answering it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.identify.book.deciding import book_alone
from pupitre.flow.identify.book.reading import identifiers_of, person_of
from pupitre.flow.identify.likely.activities import MATCH_DECIDE, MATCH_RUN
from pupitre.flow.identify.merging import hands
from pupitre.flow.identify.models import MatchAnswer, MatchRun, Proposal
from pupitre.rules.mandate.acting import act_under_way
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, Actor, AnyActor, Subject

REASON_CHARACTERS = 1_000
SETTLED = gettext_lazy("These two have been settled in another way meanwhile.")


@dataclass(frozen=True)
class AskRun(Action):
    """Compare everybody with everybody, by what their details teach."""

    activity: ClassVar[Activity] = MATCH_RUN

    def subject(self) -> Subject:
        title = bilingual(lambda: _("Likely matches"))
        return Subject("matching", title, reverse("identify:likely"))

    def title(self) -> Bilingual:
        return bilingual(lambda: _("Compare all customers with one another"))

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if MatchRun.objects.filter(alone=True).exists():
            raise Invalid(_("A comparison is under way already."))

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        try:
            with transaction.atomic():
                return int(MatchRun.objects.create(asked_at=at, asked_by=spoken_by(by)).pk)
        except IntegrityError as error:
            raise Invalid(_("A comparison is under way already.")) from error


@dataclass(frozen=True)
class StopRun(Action):
    """Leave a comparison where it is. What it has written stays."""

    activity: ClassVar[Activity] = MATCH_RUN
    run: int

    def subject(self) -> Subject:
        title = bilingual(lambda: _("Likely matches"))
        return Subject("matching", title, reverse("identify:likely"))

    def title(self) -> Bilingual:
        return bilingual(lambda: _("Stop comparing customers"))

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        if not MatchRun.objects.filter(pk=self.run, alone=True).update(stop_asked=True):
            raise Invalid(_("This comparison is over."))


@dataclass(frozen=True)
class OpenProposal(Action):
    """Look at two customers side by side. Nothing changes; who looked is written down."""

    activity: ClassVar[Activity] = MATCH_DECIDE
    prepares: ClassVar[bool] = True
    proposal: int

    def subject(self) -> Subject:
        return proposal_subject(self.proposal)

    def title(self) -> Bilingual:
        return bilingual(lambda: _("Open the likely match %(number)s") % {"number": self.proposal})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if not Proposal.objects.filter(pk=self.proposal).exists():
            raise Invalid(_("There is no such likely match any more."))

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        """The audit's line is the deed."""

    def detail(self) -> dict[str, Any]:
        row = Proposal.objects.filter(pk=self.proposal).first()
        return {"proposal": self.proposal, "a": row and row.a_id, "b": row and row.b_id}


@dataclass(frozen=True)
class SayWhy(Action):
    """Write down what decided it: in the proposal and nowhere else, so that an answer that waits
    for somebody holds no word of a customer."""

    activity: ClassVar[Activity] = MATCH_DECIDE
    prepares: ClassVar[bool] = True
    proposal: int
    why: str

    def subject(self) -> Subject:
        return proposal_subject(self.proposal)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: _("Write what decided the likely match %(number)s") % {"number": self.proposal}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        still_waiting(self.proposal)
        if len(self.why) > REASON_CHARACTERS:
            raise Invalid(_("At most %(count)s characters.") % {"count": REASON_CHARACTERS})

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        rows = Proposal.objects.filter(pk=self.proposal, answer=MatchAnswer.WAITING)
        if not rows.update(why=self.why.strip()):
            raise Invalid(_("Somebody has answered this one already."))

    def detail(self) -> dict[str, Any]:
        return {"proposal": self.proposal}


@dataclass(frozen=True)
class AcceptProposal(Action):
    """Say that two records are one person."""

    activity: ClassVar[Activity] = MATCH_DECIDE
    proposal: int

    def subject(self) -> Subject:
        return proposal_subject(self.proposal)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: _("Likely match %(number)s: one person") % {"number": self.proposal}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        still_waiting(self.proposal)

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        name = spoken_by(by)
        with book_alone():  # first, as the matcher does: two who wait for each other wait for ever
            row = answered(self.proposal, MatchAnswer.ACCEPTED, by=name, at=at)
            reason = row.why or str(self.subject().title)
            one, other = person_of(row.a_id), person_of(row.b_id)
            if one is None or other is None or _kept_apart(one, other):
                raise Invalid(SETTLED)
            try:
                return hands.join(one=one, other=other, reason=reason, by=name, at=at).pk
            except hands.NotPossible as error:
                raise Invalid(SETTLED) from error

    def material(self) -> object:
        return words_of(self.proposal)

    def detail(self) -> dict[str, Any]:
        return {"proposal": self.proposal}


@dataclass(frozen=True)
class RefuseProposal(Action):
    """Say that two records are two people. They are not proposed again."""

    activity: ClassVar[Activity] = MATCH_DECIDE
    proposal: int

    def subject(self) -> Subject:
        return proposal_subject(self.proposal)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: _("Likely match %(number)s: two people") % {"number": self.proposal}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        still_waiting(self.proposal)

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        answered(self.proposal, MatchAnswer.REFUSED, by=spoken_by(by), at=at)

    def material(self) -> object:
        return words_of(self.proposal)

    def detail(self) -> dict[str, Any]:
        return {"proposal": self.proposal}


def _kept_apart(one: int, other: int) -> bool:
    return hands.keeping_apart(identifiers_of(one), identifiers_of(other)) is not None


def proposal_subject(number: int) -> Subject:
    title = bilingual(lambda: _("Likely match %(number)s") % {"number": number})
    return Subject(f"match:{number}", title, reverse("identify:proposal", args=[number]))


def words_of(number: int) -> str:
    """What decided it, in a steward's words: they rest in the proposal, and leave with it."""
    return Proposal.objects.filter(pk=number).values_list("why", flat=True).first() or ""


def still_waiting(number: int) -> None:
    row = Proposal.objects.filter(pk=number).first()
    if row is None:
        raise Invalid(_("There is no such likely match any more."))
    if row.answer != MatchAnswer.WAITING:
        raise Invalid(_("Somebody has answered this one already."))


def answered(number: int, answer: MatchAnswer, *, by: str, at: datetime) -> Proposal:
    """Of two answers at once, one counts."""
    changed = Proposal.objects.filter(pk=number, answer=MatchAnswer.WAITING).update(
        answer=answer, answered_at=at, answered_by=by
    )
    if not changed:
        raise Invalid(_("Somebody has answered this one already."))
    return Proposal.objects.get(pk=number)


def spoken_by(by: AnyActor) -> str:
    """Who speaks, from which seat, as the audit names them."""
    page = act_under_way()
    if not isinstance(by, Actor) or page is None:
        return by.name if not isinstance(by, Actor) else f"member {by.member_id}"
    member, seat = page.law.members.get(by.member_id), page.law.seats.get(by.seat_id or 0)
    name = member.name if member else f"member {by.member_id}"
    return f"{name} ({seat.name})"[:200] if seat else name[:200]
