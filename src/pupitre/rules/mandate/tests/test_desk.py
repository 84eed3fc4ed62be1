"""My desk: the right thing, to the right person, with its letter, its age and its deadline."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from pupitre.core.clock import day_of
from pupitre.rules.mandate import deciding, desk, guard
from pupitre.rules.mandate.models import AuditLine, Decision, Member, Notice, Voice
from pupitre.rules.mandate.testing import (
    FIRST_DAY,
    NOON,
    Company,
    a_company,
    bump,
    deputise,
    set_letters,
    vacate,
)
from pupitre.rules.mandate.tests.http_kit import (
    Rechristen,
    RechristenAfterAdvice,
    RechristenTogether,
    asked,
    forms,
    say,
    section,
    words,
)
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock")]
SECTIONS = ("decide", "opine", "asked", "told")


@pytest.fixture
def company() -> Company:
    return a_company()


def desk_of(company: Company, seat: str, *, language: str = "en") -> dict[str, str]:
    """What each section of a seat's desk says."""
    page = signed_in(company, seat, language=language).get("/")
    return {name: section(page, name) for name in SECTIONS}


def at_the_clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr("pupitre.core.clock.now", lambda: at)


def lead_of(client: Client) -> str:
    return words(client.get("/")).split("For your information")[0]


# --- who sees what ------------------------------------------------------------------------------


def test_a_request_waits_on_the_desk_of_whoever_decides_and_on_no_other(company: Company) -> None:
    asked(company, Rechristen("DNum"), by="cmo")
    for seat in company.seats:
        shown = desk_of(company, seat)
        assert ("Rename IT to DNum" in shown["decide"]) == (seat == "cdo"), seat
        assert ("Rename IT to DNum" in shown["asked"]) == (seat == "cmo"), seat
        assert shown["opine"] == ""
    item = desk_of(company, "cdo")["decide"]
    assert "Asked by Chief marketing officer" in item
    assert "Decide by" in item


def test_the_letter_stands_beside_each_thing(company: Company) -> None:
    asked(company, Rechristen("DNum"), by="cmo")
    asked(company, RechristenTogether(), by="cmo")
    asked(company, RechristenAfterAdvice(), by="cmo")
    for seat, heading, letter in (
        ("cdo", "decide", "A"),
        ("cio", "decide", "R"),
        ("dpo", "opine", "C"),
    ):
        page = signed_in(company, seat).get("/").content.decode()
        start = page.index(f'aria-labelledby="{heading}"')
        mark = page[start : page.index("</li>", start)]
        assert f'data-letter="{letter}"' in mark or f">{letter}<" in mark, (seat, mark)


def test_an_opinion_waits_first_then_the_decision(company: Company) -> None:
    decision = asked(company, RechristenAfterAdvice(), by="cmo")
    assert "Rename IT" in desk_of(company, "dpo")["opine"]
    assert desk_of(company, "ceo")["decide"] == ""
    say(signed_in(company, "dpo"), decision, "opine", verdict="against", comment="Non.")
    assert desk_of(company, "dpo")["opine"] == ""
    waits = desk_of(company, "ceo")["decide"]
    assert "Rename IT" in waits
    assert "Consulted: DPO against" in waits


def test_when_the_time_for_opinions_is_over_it_waits_for_the_decision(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = asked(company, RechristenAfterAdvice(), by="cmo")
    at_the_clock(monkeypatch, decision.opinions_due)
    assert "Rename IT" in desk_of(company, "ceo")["decide"]
    assert "Rename IT" in desk_of(company, "dpo")["opine"]  # a late opinion is still an opinion


def test_each_department_of_a_joint_decision_finds_it(company: Company) -> None:
    decision = asked(company, RechristenTogether(), by="cio")
    assert "Rename IT" in desk_of(company, "cmo")["decide"]
    for seat in ("cdo", "ceo", "brand", "ops", "dpo"):
        assert desk_of(company, seat)["decide"] == ""
    assert "Marketing has still to say yes." in desk_of(company, "cio")["asked"]
    say(signed_in(company, "cmo"), decision, "approve")
    for seat in ("cmo", "cio"):
        shown = desk_of(company, seat)
        assert (shown["decide"], shown["asked"]) == ("", "")


def test_whoever_is_informed_is_told_afterwards_and_puts_it_away(company: Company) -> None:
    decision = asked(company, Rechristen("DNum"), by="cmo")
    assert "Rename" not in desk_of(company, "crm")["told"]
    say(signed_in(company, "cdo"), decision, "approve")
    client = signed_in(company, "crm")
    page = client.get("/")
    assert "Rename IT to DNum" in section(page, "told")
    newest = Notice.objects.get(seat_id=company.seats["crm"]).pk
    assert f'name="up_to" value="{newest}"' in page.content.decode()
    client.post(reverse("mandate:seen"), {"up_to": newest})
    assert "Rename" not in section(client.get("/"), "told")
    notice = Notice.objects.get(pk=newest)
    assert (notice.seen_at, notice.seen_by_id) == (NOON, company.members["crm"])
    assert AuditLine.objects.filter(action="mandate.MarkSeen", verb="performed").count() == 1


def test_nobody_puts_away_what_others_were_told(company: Company) -> None:
    decision = asked(company, Rechristen("DNum"), by="cmo")
    say(signed_in(company, "cdo"), decision, "approve")
    signed_in(company, "brand").post(reverse("mandate:seen"), {"up_to": 10**17})
    assert "Rename IT to DNum" in desk_of(company, "crm")["told"]
    assert "Your request was approved" in desk_of(company, "cmo")["told"]


@pytest.mark.parametrize("up_to", ["", "x", "-1", "9" * 30, "9" * 5_000, "1; DROP TABLE"])
def test_nonsense_puts_nothing_away(company: Company, up_to: str) -> None:
    decision = asked(company, Rechristen("DNum"), by="cmo")
    say(signed_in(company, "cdo"), decision, "approve")
    answer = signed_in(company, "crm").post(reverse("mandate:seen"), {"up_to": up_to})
    assert answer.status_code == 302
    assert "Rename IT to DNum" in desk_of(company, "crm")["told"]


# --- vacancies, deputies, several seats ----------------------------------------------------------


def test_a_deputy_finds_it_too_and_it_says_for_which_seat(company: Company) -> None:
    asked(company, Rechristen("DNum"), by="cmo")
    deputise(company, "cdo", deputy="brand", starts=FIRST_DAY, ends=day_of(NOON))
    shown = desk_of(company, "brand")
    assert "Rename IT" in shown["decide"]
    assert "For your seat “Chief digital officer”." in shown["decide"]
    assert "Rename IT" in desk_of(company, "cdo")["decide"]


def test_what_waits_for_a_vacant_seat_waits_on_no_desk_and_whoever_asked_is_told(
    company: Company,
) -> None:
    decision = asked(company, Rechristen("DNum"), by="cmo")
    vacate(company, "cdo")
    for seat in company.seats:
        assert desk_of(company, seat)["decide"] == ""
    page = words(signed_in(company, "cmo").get(decision.page_url))
    assert "Nobody can answer today" in page


def test_what_was_asked_from_one_seat_is_no_other_seats_own(company: Company) -> None:
    """The requester who deputises for the seat that decides does not find their own request."""
    deputise(company, "cdo", deputy="cmo", starts=FIRST_DAY, ends=day_of(NOON))
    asked(company, Rechristen("DNum"), by="cmo")
    shown = desk_of(company, "cmo")
    assert shown["decide"] == ""
    assert "Rename IT" in shown["asked"]


# --- ages and deadlines --------------------------------------------------------------------------


def test_what_is_late_is_said_to_be_late(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    decision = asked(company, Rechristen("DNum"), by="cmo")
    client = signed_in(company, "cdo")
    assert "One thing waits for you." in lead_of(client)
    assert "late" not in lead_of(client)
    at_the_clock(monkeypatch, decision.due)
    assert "late" not in lead_of(client)
    at_the_clock(monkeypatch, decision.due + timedelta(days=2))
    assert "One thing waits for you. One is late." in lead_of(client)
    assert "2 days late" in section(client.get("/"), "decide")


def test_the_most_urgent_comes_first(company: Company) -> None:
    for number, ago in enumerate((1, 6, 3)):
        asked(company, Rechristen(f"Nom {number}"), by="cmo", at=NOON - timedelta(days=ago))
    page = section(signed_in(company, "cdo").get("/"), "decide")
    order = sorted(range(3), key=lambda number: page.index(f"Nom {number}"))
    assert order == [1, 2, 0]


# --- deciding in place ---------------------------------------------------------------------------


def test_one_decides_in_place_and_is_back_on_the_desk(company: Company) -> None:
    asked(company, Rechristen("DNum"), by="cmo")
    asked(company, Rechristen("Autre"), by="cio")
    client = signed_in(company, "cdo")
    first = forms(client.get("/"))[0]
    assert (first["verb"], first["next"]) == ("approve", "desk")
    answer = client.post(
        reverse("mandate:speak", args=[Decision.objects.first().pk]), first, follow=True
    )
    assert answer.redirect_chain == [("/", 302)]
    assert "Decided and done: Rename IT to" in words(answer)
    assert "One thing waits for you." in words(answer)


def test_one_who_may_not_approve_may_carry_out_in_place(company: Company) -> None:
    """A asked, those consulted answered: nothing is missing, and A does it."""
    decision = asked(company, RechristenAfterAdvice(), by="ceo")
    assert desk_of(company, "ceo")["decide"] == ""
    deciding.opine(decision_id=decision.pk, verdict="for", by=company.actor("dpo"), at=NOON)
    client = signed_in(company, "ceo")
    page = client.get("/")
    assert "Carry out" in section(page, "decide")
    (form,) = forms(page)
    assert form["verb"] == "carry_out"
    client.post(reverse("mandate:speak", args=[decision.pk]), form)
    decision.refresh_from_db()
    assert decision.state == "performed"


# --- a letter changed rules the very next request -------------------------------------------------


def test_a_letter_that_moves_takes_what_waits_along(company: Company) -> None:
    asked(company, Rechristen("DNum"), by="cmo")
    cdo, ceo = signed_in(company, "cdo"), signed_in(company, "ceo")
    assert "Rename" in section(cdo.get("/"), "decide")
    set_letters(company, "organisation.change", "cdo", "")
    set_letters(company, "organisation.change", "ceo", "A")
    assert section(cdo.get("/"), "decide") == ""
    assert "Rename" in section(ceo.get("/"), "decide")


# --- many ---------------------------------------------------------------------------------------


def copies(decision: Decision, count: int, **changes: object) -> None:
    """As many decisions like this one, asked earlier."""
    with guard.permitted():
        Decision.objects.bulk_create(
            Decision(
                **{
                    field.attname: getattr(decision, field.attname)
                    for field in Decision._meta.concrete_fields
                    if field.name != "id"
                }
                | {"due": decision.due - timedelta(days=1), **changes}
            )
            for _ in range(count)
        )


def test_more_than_a_page_shows_is_counted_and_said(company: Company) -> None:
    decision = asked(company, Rechristen("DNum"), by="cmo")
    copies(decision, 40, due=NOON - timedelta(days=1))
    page = signed_in(company, "cdo").get("/")
    assert "More wait than this page shows" in words(page)
    assert section(page, "decide").count("Rename IT to DNum") >= desk.SHOWN
    assert "41 things wait for you. 40 are late." in words(page)
    assert "My desk 41 waiting" in words(page)  # the navigation counts alike


def test_what_i_have_answered_does_not_hide_what_i_have_not(company: Company) -> None:
    """More joint decisions that wait for IT alone than are looked at in one go, all more urgent."""
    joint = asked(company, RechristenTogether(), by="cmo")
    copies(joint, 2 * desk._EXAMINED)
    mine = asked(company, RechristenTogether("Autre"), by="cio")
    client = signed_in(company, "cmo")
    page = client.get("/")
    assert "Rename IT to Autre" in section(page, "decide"), words(page)[:300]
    assert mine.due > Decision.objects.order_by("due")[0].due


def test_looking_at_a_full_desk_asks_the_database_a_bounded_number_of_times(
    company: Company, django_assert_max_num_queries: object
) -> None:
    decision = asked(company, Rechristen("DNum"), by="cmo")
    client = signed_in(company, "cdo")
    client.get("/")
    with django_assert_max_num_queries(40) as few:  # type: ignore[operator]
        client.get("/")
    copies(decision, 80)
    with django_assert_max_num_queries(len(few.captured_queries) + 3):  # type: ignore[operator]
        client.get("/")


# --- languages, and nobody -----------------------------------------------------------------------


def test_in_french(company: Company) -> None:
    asked(company, Rechristen("DNum"), by="cmo")
    shown = desk_of(company, "cdo", language="fr")
    assert "Renommer la DSI en DNum" in shown["decide"]
    assert "Rename IT" not in shown["decide"]
    assert "Directrice marketing" in shown["decide"]


def test_a_reader_keeps_their_language_on_every_device(company: Company) -> None:
    user = Member.objects.get(pk=company.members["cdo"]).user
    user.language = "fr"
    user.save()
    asked(company, Rechristen("DNum"), by="cmo")
    assert "Renommer la DSI" in desk_of(company, "cdo", language="en")["decide"]


def test_a_clear_desk_teaches(company: Company) -> None:
    page = words(signed_in(company, "cdo").get("/"))
    assert "Nothing waits for you today." in page
    assert "Here come the decisions that wait for your seat" in page


def test_the_seat_of_a_suspended_member_is_nobodys_desk(company: Company) -> None:
    asked(company, Rechristen("DNum"), by="cmo")
    with guard.permitted():
        Member.objects.filter(pk=company.members["cdo"]).update(suspended=True)
        bump()
    assert signed_in(company, "cdo").get("/").status_code == 403


def test_the_median_time_to_decide_is_that_of_the_seat(company: Company) -> None:
    for days in (1, 2, 6):
        decision = asked(company, Rechristen(f"N{days}"), by="cmo", at=NOON - timedelta(days=days))
        deciding.approve(decision_id=decision.pk, by=company.actor("cdo"), at=NOON)
    assert Voice.objects.count() == 3
    page = words(signed_in(company, "cdo").get("/"))
    assert "Median time to decide over 90 days: 2 days ." in page
