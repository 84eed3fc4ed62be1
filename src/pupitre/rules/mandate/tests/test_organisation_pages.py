"""The organisation's pages: what they say, to whom, and that they stand up."""

from __future__ import annotations

import pytest

from pupitre.rules.mandate.testing import Company, a_company
from pupitre.rules.mandate.tests.organisation_kit import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return a_company()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("seat", ["cmo", "cdo", "ceo", "crm"])
@pytest.mark.parametrize(
    "address",
    [
        "/organisation/",
        "/organisation/?q=marketing&state=vacant",
        "/organisation/seats/cmo/",
        "/organisation/chart/",
        "/organisation/chart/?root=cmo&depth=1&as=list",
        "/organisation/members/",
        "/organisation/members/?q=cmo&sort=-name",
        "/organisation/delegate/",
        "/organisation/import/pending/",
    ],
)
def test_everybody_reads_the_organisation(
    company: Company, seat: str, address: str, language: str
) -> None:
    response = signed_in(company, seat, language=language).get(address)

    assert response.status_code == 200
