"""When what was asked changes: who has to speak again, and how much time they have for it."""

from __future__ import annotations

import pytest

from pupitre.core.errors import Invalid
from pupitre.rules.mandate import deciding, guard
from pupitre.rules.mandate.models import Function
from pupitre.rules.mandate.testing import NOON, Company, a_company
from pupitre.rules.mandate.tests.http_kit import (
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
