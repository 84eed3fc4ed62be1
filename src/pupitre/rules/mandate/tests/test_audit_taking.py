"""The file of an agreed export: for whoever asked, for some days, and for nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pupitre.rules.mandate import deciding
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.audit_export import AGREED_DAYS, ExportAudit
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.testing import NOON, Company, a_company, set_letters, vacate
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in, text

__all__ = ["noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock")]
ASKED = NOON - timedelta(days=2)


@pytest.fixture
def company() -> Company:
    """The CIO may ask for the audit; the DPO decides."""
    made = a_company()
    set_letters(made, "audit.export", "cio", "R")
    return made


def asked(company: Company, **filters: str) -> int:
    last = AuditLine.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    action = ExportAudit(filters=tuple(filters.items()), up_to=last)
    outcome = act(action, by=company.actor("cio"), at=ASKED)
    assert isinstance(outcome, Waiting)
    return outcome.decision_id


def agreed(company: Company, *, days_ago: float = 1, **filters: str) -> int:
    number = asked(company, **filters)
    at = NOON - timedelta(days=days_ago)
    deciding.approve(decision_id=number, by=company.actor("dpo"), at=at)
    return number


def address(number: int, kind: str = "csv") -> str:
    return f"/audit/export/{number}/?kind={kind}"


def test_whoever_asked_takes_what_was_agreed_and_no_line_more(company: Company) -> None:
    first = asked(company)  # a line of its own, which the next export may hold
    number = agreed(company, text="CIO")
    cio = signed_in(company, "cio")
    assert address(number).split("?")[0] in text(cio.get("/audit/"))
    answer = cio.get(address(number))
    assert "attachment" in answer["Content-Disposition"]
    lines = answer.content.decode("utf-8-sig").splitlines()[1:]
    assert len(lines) == 1
    assert lines[0].startswith(str(AuditLine.objects.get(decision_id=first).seq))
    assert cio.get(address(number, "xlsx")).content.startswith(b"PK")


def test_nobody_else_takes_it(company: Company) -> None:
    number = agreed(company)
    for seat in ("dpo", "cmo", "ops"):
        assert signed_in(company, seat).get(address(number)).status_code == 404


def test_not_before_it_is_agreed_nor_after_it_is_refused(company: Company) -> None:
    number = asked(company)
    cio = signed_in(company, "cio")
    assert cio.get(address(number)).status_code == 404
    deciding.refuse(decision_id=number, comment="Non.", by=company.actor("dpo"), at=ASKED)
    assert cio.get(address(number)).status_code == 404


@pytest.mark.parametrize(("days_ago", "status"), [(AGREED_DAYS, 404), (AGREED_DAYS - 0.01, 200)])
def test_it_waits_for_some_days(
    company: Company, days_ago: float, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.ASKED", NOON - timedelta(days=AGREED_DAYS + 1))
    number = agreed(company, days_ago=days_ago)
    assert signed_in(company, "cio").get(address(number)).status_code == status


def test_who_has_left_the_seat_takes_nothing(company: Company) -> None:
    number = agreed(company)
    cio = signed_in(company, "cio")
    vacate(company, "cio")
    assert cio.get(address(number)).status_code == 404
