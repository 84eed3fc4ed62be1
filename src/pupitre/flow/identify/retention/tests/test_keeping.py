"""What is older than it is kept for goes, by its kind and channel; what is not, stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pupitre.flow.identify.following import rounds
from pupitre.flow.identify.models import Identifier, RetentionRule, RetentionRun, RightsRequest
from pupitre.flow.identify.retention.keeping import before_of, keep
from pupitre.flow.identify.retention.rules import SetRetention
from pupitre.flow.identify.rights.deciding import AnswerRequest, LiftRestraint
from pupitre.flow.identify.rights.tests.kit import TODAY, a_house, checked, done, entered
from pupitre.flow.identify.tests.kit import START_US, append, lake, said
from pupitre.lake import queries
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Refused, Waiting
from pupitre.rules.mandate.services import approve
from pupitre.rules.mandate.testing import NOON, Company

__all__ = ["lake"]
pytestmark = pytest.mark.django_db
DAY = 24 * 60  # minutes
START = datetime.fromtimestamp(START_US / 1_000_000, UTC)


@pytest.fixture
def company(lake: Path) -> Company:
    company = a_house()
    append(
        [
            said(1, user_id="gone-1", channel="web"),
            said(2, user_id="back-1", channel="web"),
            said(3, user_id="back-1", channel="web", at=400 * DAY),
            said(4, anonymous_id="signed-1", channel="web"),
            said(5, anonymous_id="signed-1", user_id="back-1", channel="app"),
            said(6, anonymous_id="nobody-1", channel="web"),
            said(7, anonymous_id="nobody-1", channel="store", at=400 * DAY),
        ]
    )
    rounds.once(at=NOON)
    return company


def decide(kept: str, months: int, channel: str = "") -> None:
    with guard.permitted():
        RetentionRule.objects.create(kept=kept, months=months, channel=channel, decided_at=NOON)


def left() -> set[str]:
    return {str(row[0]) for row in queries.last_events().rows}


LATER = START + timedelta(days=380)


def test_a_customer_s_events_count_from_the_last_one(company: Company) -> None:
    decide("events", 12)
    keep(LATER)
    # The browser was last used a year ago, by somebody who has come back since.
    assert left() == {"m2", "m3", "m4", "m5", "m6", "m7"}
    assert RetentionRun.objects.get(kept="events").removed == 1


def mailed(address: str) -> dict[str, Any]:
    return {"context": {"traits": {"email": address}}}


def test_who_comes_back_by_another_account_has_come_back(company: Company) -> None:
    append(
        [
            said(20, user_id="old-1", channel="web", **mailed("a@orange.fr")),
            said(21, user_id="alone-1", channel="web", **mailed("b@orange.fr")),
            said(22, anonymous_id="till", channel="store", at=400 * DAY, **mailed("a@orange.fr")),
            said(23, anonymous_id="tablet", user_id="x-1", channel="web", at=300),
            said(24, anonymous_id="tablet", user_id="y-1", channel="web", at=400 * DAY),
        ]
    )
    rounds.once(at=NOON)
    decide("events", 12)
    keep(LATER)
    # The till was in the hand of one person; who shared a tablet a year ago has not come back.
    assert {"m20", "m22", "m24"} <= left()
    assert not {"m21", "m23"} & left()


@pytest.mark.parametrize("right", ["access", "portability", "restriction"])
def test_nothing_goes_of_who_asked_for_what_is_kept(company: Company, right: str) -> None:
    number = entered(company, right, Identifier.objects.get(value="gone-1").pk)
    decide("events", 12)
    decide("events", 12, channel="web")
    keep(LATER)
    assert "m1" in left()
    with guard.permitted():
        RightsRequest.objects.filter(pk=number).update(state="done", done_at=NOON)
    keep(LATER)
    assert "m1" not in left()


def test_nothing_goes_of_whose_data_is_restricted_nor_from_their_browser(company: Company) -> None:
    person = Identifier.objects.get(value="back-1").pk
    number = checked(company, "restriction", person)
    done(AnswerRequest(number), company.actor("dpo"))
    decide("events", 12, channel="web")
    decide("events", 12, channel="app")
    keep(LATER)
    assert left() == {"m2", "m3", "m4", "m5", "m6", "m7"}
    done(LiftRestraint(number), company.actor("dpo"))
    keep(LATER)
    assert left() == {"m3", "m6", "m7"}


def test_browsers_that_nobody_signed_in_on_have_their_own_time(company: Company) -> None:
    decide("anonymous", 12)
    keep(LATER)
    assert left() == {"m1", "m2", "m3", "m4", "m5", "m7"}


def test_a_channel_may_have_its_own(company: Company) -> None:
    decide("events", 12, channel="app")
    keep(LATER)
    assert left() == {"m1", "m2", "m3", "m4", "m6", "m7"}


def test_for_ever_is_for_ever_and_twice_is_once(company: Company) -> None:
    decide("events", 0)
    decide("anonymous", 12)
    keep(LATER)
    keep(LATER)
    assert "m1" in left()
    assert RetentionRun.objects.count() == 1


def test_old_requests_go_and_what_stands_stays(company: Company) -> None:
    numbers = [entered(company, "access", None) for _ in range(2)]
    with guard.permitted():
        RightsRequest.objects.filter(pk=numbers[0]).update(state="done", done_at=NOON)
    decide("requests", 12)
    keep(NOON + timedelta(days=360))
    assert RightsRequest.objects.count() == 2
    keep(NOON + timedelta(days=370))
    assert list(RightsRequest.objects.values_list("pk", flat=True)) == numbers[1:]


def test_months_are_the_calendar_s(company: Company) -> None:
    rule = RetentionRule(kept="events", months=12)
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert before_of(rule, at=leap).isoformat() == "2027-02-28T00:00:00+01:00"


def test_both_departments_decide(company: Company) -> None:
    action = SetRetention("events", 36)
    with pytest.raises(Refused):
        act(action, by=company.actor("ops"), at=NOON)
    asked = act(action, by=company.actor("cmo"), at=NOON)
    assert isinstance(asked, Waiting)
    assert not RetentionRule.objects.exists()
    approve(decision_id=asked.decision_id, by=company.actor("cio"), at=NOON)
    assert RetentionRule.objects.get().months == 36
    assert TODAY.year == 2026
