"""When what was asked changes: who has to speak again, and how much time they have for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pupitre.core.errors import Invalid
from pupitre.rules.mandate import deciding, guard
from pupitre.rules.mandate.contracts import Reason, Refused
from pupitre.rules.mandate.models import Function
from pupitre.rules.mandate.testing import NOON, Company, a_company
from pupitre.rules.mandate.tests.http_kit import (
    RechristenAfterAdvice,
    RechristenTogether,
    asked,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return a_company()


def somebody_changes_it(words: str = "Computers") -> None:
    """What the decisions point to changes, by an act that does not know of them."""
    with guard.permitted():
        Function.objects.filter(key="it").update(name_en=words)


def test_finding_out_that_it_changed_is_not_a_yes_to_what_it_has_become(company: Company) -> None:
    """The requester comes by, learns that it has changed, and has not read it yet."""
    decision = asked(company, RechristenTogether(), by="cmo")
    somebody_changes_it()
    with pytest.raises(Invalid):
        deciding.carry_out(decision_id=decision.pk, by=company.actor("cmo"), at=NOON)
    deciding.approve(decision_id=decision.pk, by=company.actor("cio"), at=NOON)
    decision.refresh_from_db()
    assert (decision.round, decision.state) == (2, "open")  # marketing has said nothing of it
    done = deciding.confirm(decision_id=decision.pk, by=company.actor("cmo"), at=NOON)
    assert done.state == "performed"


def test_those_who_are_consulted_have_their_time_again(company: Company) -> None:
    """Ask for something harmless, let the time pass, change it at the end: that gets nowhere."""
    decision = asked(company, RechristenAfterAdvice(), by="cmo")
    ceo, late = company.actor("ceo"), decision.opinions_due + timedelta(hours=1)
    somebody_changes_it()
    with pytest.raises(Invalid):
        deciding.approve(decision_id=decision.pk, by=ceo, at=late)
    with pytest.raises(Refused) as refused:
        deciding.approve(decision_id=decision.pk, by=ceo, at=late)
    assert refused.value.reason is Reason.CONSULTATION_OPEN
    before = decision.due - decision.opinions_due
    decision.refresh_from_db()
    assert decision.opinions_due == late + timedelta(days=3)
    assert decision.due - decision.opinions_due == before
    done = deciding.approve(decision_id=decision.pk, by=ceo, at=decision.opinions_due)
    assert done.state == "performed"
