"""A refusal names the row: which letter one has, who decides, and who may ask."""

from __future__ import annotations

import pytest

from tests.journeys.people import (
    AT_A_DESK,
    AT_NIGHT,
    IN_THE_SHOP,
    ON_A_PHONE,
    People,
    Reading,
)


@pytest.mark.parametrize("reading", [AT_NIGHT, IN_THE_SHOP], ids=str)
def test_whoever_may_not_is_told_who_may(people: People, reading: Reading) -> None:
    lea = people("Léa Moreau", reading)
    lea.opens("/audit/")
    before = lea.look.one("SELECT count(*) FROM mandate_decision")
    with lea.page.expect_response("**/audit/export/") as answer:
        lea['form[action$="/audit/export/"] button[value="csv"]'].click()
    assert answer.value.status == 403
    # The row, by name: dpo decides, the CIO may ask, marketing is asked, legal is told.
    lea.reads("Mireille Faure", "Paul Ndiaye", "Claire Delmas", "Sylvie Blanchard")
    marks = lea[".rows .raci"].all_inner_texts()
    assert "".join(marks) == "ARRCI"
    asked = lea["p.gap-top .fn"].all_inner_texts()
    assert len(asked) == len(set(asked)) == 2  # whoever decides is not named again as one who asks
    lea.finds_it_sound("refused")
    assert lea.look.one("SELECT count(*) FROM mandate_decision") == before
    lea['a.btn[href="/"]'].click()
    lea.is_at("/")
    lea.finds_it_sound("desk-without-letters")


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE], ids=str)
def test_a_page_that_would_end_in_a_refusal_says_so_at_its_door(
    people: People, reading: Reading
) -> None:
    """Not after somebody has filled in the form."""
    rose = people("Rose Guillou", reading)
    answer = rose.opens("/organisation/members/invite/")
    assert answer.status == 403
    rose.reads("Paul Ndiaye", "Odile Renaud")
    rose.finds_it_sound("not-yours")
    rose.opens("/organisation/members/")
    assert rose['a[href$="/members/invite/"]'].count() == 0
    missing = rose.opens("/nowhere/")
    assert missing.status == 404
    rose.finds_it_sound("not-found")
