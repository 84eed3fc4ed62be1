"""What is decided on a request: answered by hand, by a copy, or by an erasure. Enforced acts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.identify.book.deciding import book_alone
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import ErasureTarget, Identifier, RightsRequest
from pupitre.flow.identify.models.rights import WORDS_CHARACTERS, RequestState, Right
from pupitre.flow.identify.rights.activities import RIGHT_DECIDE, RIGHT_ERASE, RIGHT_HANDLE
from pupitre.flow.identify.rights.forgetting import forget
from pupitre.flow.identify.rights.requests import (
    AboutRequest,
    close,
    close_for_erasure,
    standing,
    tell,
    titled,
)
from pupitre.flow.identify.rights.restraining import RESTRAINTS, end, restrain, standing_by
from pupitre.flow.identify.rights.targets import (
    Target,
    keep_targets,
    known_of,
    names_of,
    targets_of,
)
from pupitre.rules.mandate.contracts import Activity, AnyActor

COPIED = frozenset({Right.ACCESS, Right.PORTABILITY})


@dataclass(frozen=True)
class WriteAnswer(AboutRequest):
    """Write down what they are told, or what was corrected: in the request, and nowhere else."""

    activity: ClassVar[Activity] = RIGHT_HANDLE
    prepares: ClassVar[bool] = True
    answer: str

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Write the answer: %(name)s") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        standing(self.number, RequestState.CHECKED)
        if len(self.answer) > WORDS_CHARACTERS:
            raise Invalid(_("This text is too long."), field="answer")

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        request = standing(self.number, RequestState.CHECKED)
        request.answer = self.answer.strip()
        request.save(update_fields=["answer"])

    def detail(self) -> dict[str, Any]:
        return {"number": self.number}


@dataclass(frozen=True)
class AnswerRequest(AboutRequest):
    """Meet it. A copy is made by the worker; a restriction stands from now on, an objection has
    since it was entered."""

    activity: ClassVar[Activity] = RIGHT_DECIDE

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Answer: %(name)s") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        request = standing(self.number, RequestState.CHECKED)
        not_being_erased(_somebody(request))
        if request.right == Right.ERASURE:
            raise Invalid(_("An erasure is decided by marketing and IT together."))
        if request.right == Right.RECTIFICATION and not request.answer:
            raise Invalid(_("Write first what was corrected, and where."), field="answer")

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        request = standing(self.number, RequestState.CHECKED)
        not_being_erased(_somebody(request))
        request.decided_at = at
        if request.right in COPIED:
            request.state = RequestState.UNDER_WAY
            request.save(update_fields=["state", "decided_at"])
            tell(request, "decided", by=by, at=at)
            return
        request.save(update_fields=["decided_at"])
        if request.right in RESTRAINTS:
            restrain(request, _somebody(request), at=at)
        close(request, RequestState.DONE, "done", by=by, at=at)


@dataclass(frozen=True)
class LiftRestraint(AboutRequest):
    """End a restriction: they were told so before. An objection is not the company's to end."""

    activity: ClassVar[Activity] = RIGHT_DECIDE

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Lift: %(name)s") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if RightsRequest.objects.filter(pk=self.number, right=Right.OBJECTION).exists():
            raise Invalid(
                _("An objection ends by the customer’s own word: write down that they withdrew it.")
            )
        if not standing_by(self.number).exists():
            raise Invalid(_("Nothing stands by this request any more."))

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        end(self.number, at=at)
        tell(RightsRequest.objects.get(pk=self.number), "lifted", by=by, at=at)


@dataclass(frozen=True)
class EraseCustomer(AboutRequest):
    """Erase everything by which this customer is known, in every store. Nobody can undo it."""

    activity: ClassVar[Activity] = RIGHT_ERASE

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Erase the customer: %(name)s") % {"name": name})

    def material(self) -> object:
        """Who goes, too: joined to somebody else since they were looked at, they are looked at
        again. A new order makes nobody somebody else."""
        request = RightsRequest.objects.filter(pk=self.number).first()
        somebody = request and request.identifier
        known = known_of(somebody).naming if somebody else ()
        return [super().material(), sorted(one.pk for one in known if one.kind != Kind.ORDER)]

    def hold(self) -> None:
        """No event joins anybody to them between this look and the deed."""
        with book_alone():
            pass  # held until the act is over: it is one transaction

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        request = standing(self.number, RequestState.CHECKED)
        if request.right != Right.ERASURE:
            raise Invalid(_("They did not ask to be erased."))
        owes_no_copy(targets_of(_somebody(request)))

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        """How many identifiers go. From this instant on they name nobody: see ``forgetting``."""
        with book_alone():
            request = standing(self.number, RequestState.CHECKED)
            targets = targets_of(_somebody(request))
            owes_no_copy(targets)
            keep_targets(request, targets)
            forget(names_of(targets), at=at)
            request.state, request.decided_at = RequestState.UNDER_WAY, at
            request.save(update_fields=["state", "decided_at"])
            tell(request, "decided", by=by, at=at)
            records = [one.record for one in targets if one.record is not None]
            close_for_erasure(request, records, by=by, at=at)
            return len(names_of(targets))


def owes_no_copy(targets: Iterable[Target]) -> None:
    """Data that somebody asked for is given before it is erased: article 12(2), and the EDPB's
    guidelines 01/2022. A request whose asker was never checked holds nothing up."""
    records = [one.record for one in targets if one.record is not None]
    owed = RightsRequest.objects.filter(
        identifier__in=records,
        right__in=COPIED,
        state__in=(RequestState.CHECKED, RequestState.UNDER_WAY),
    ).first()
    if owed is not None:
        raise Invalid(
            _(
                "They are owed a copy by request no. %(number)s: hand it over first, or write down "
                "that they withdrew it."
            )
            % {"number": owed.pk}
        )


def not_being_erased(identifier: Identifier) -> None:
    """Raises Invalid where an erasure of theirs is decided already."""
    if ErasureTarget.objects.filter(record=identifier.pk).exists():
        raise Invalid(_("This customer is being erased."))


def _somebody(request: RightsRequest) -> Identifier:
    found = request.identifier
    if found is None:
        raise Invalid(_("This customer is not known any more."))
    return found
