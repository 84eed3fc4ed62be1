"""Speaking of a decision over HTTP: pages offer what may be done, and forgery gets nowhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from pupitre.rules.mandate import deciding, guard
from pupitre.rules.mandate.models import (
    AuditLine,
    Decision,
    Function,
    Member,
    Tenure,
    Voice,
)
from pupitre.rules.mandate.testing import (
    FIRST_DAY,
    NOON,
    Company,
    a_company,
    a_member,
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


@pytest.fixture
def company() -> Company:
    return a_company()


@pytest.fixture
def decision(company: Company) -> Decision:
    """Marketing asks; the chief digital officer decides."""
    return asked(company, Rechristen("DNum"), by="cmo")


def name_of_it() -> str:
    return Function.objects.get(key="it").name_fr


def page_of(client: Client, decision: Decision) -> object:
    return client.get(reverse("mandate:decision", args=[decision.pk]))


# --- what pages offer is what may be done ------------------------------------------------------


def test_whoever_is_accountable_decides_from_the_page(company: Company, decision: Decision) -> None:
    client = signed_in(company, "cdo")
    page = client.get(reverse("mandate:decision", args=[decision.pk]))
    offered = {form.get("verb") for form in forms(page)}
    assert offered == {"approve", "refuse"}
    (approve,) = [form for form in forms(page) if form["verb"] == "approve"]
    done = client.post(reverse("mandate:speak", args=[decision.pk]), approve, follow=True)
    assert done.redirect_chain == [(f"/decisions/{decision.pk}/", 302)]
    assert "Decided and done: Rename IT to DNum" in words(done)
    assert name_of_it() == "DNum"
    assert forms(done) == []  # a settled decision offers nothing


@pytest.mark.parametrize("seat", ["ceo", "crm", "dpo", "brand", "cio", "ops"])
def test_nobody_else_is_offered_anything(company: Company, decision: Decision, seat: str) -> None:
    assert forms(page_of(signed_in(company, seat), decision)) == []


def test_whoever_asked_may_only_take_it_back(company: Company, decision: Decision) -> None:
    client = signed_in(company, "cmo")
    (form,) = forms(page_of(client, decision))
    assert form["verb"] == "withdraw"
    done = client.post(reverse("mandate:speak", args=[decision.pk]), form, follow=True)
    assert "Withdrawn: Rename IT to DNum" in words(done)
    decision.refresh_from_db()
    assert decision.state == "withdrawn"


def test_whoever_is_consulted_gives_an_opinion_first(company: Company) -> None:
    decision = asked(company, RechristenAfterAdvice(), by="cmo")
    ceo, dpo = signed_in(company, "ceo"), signed_in(company, "dpo")
    assert forms(page_of(ceo, decision)) == []
    assert "Opinions are still awaited." in words(page_of(ceo, decision))
    (form,) = forms(page_of(dpo, decision))
    assert form["verb"] == "opine"
    done = say(dpo, decision, "opine", verdict="against", comment="Trop long.", seat=form["seat"])
    assert done.status_code == 302
    heard = section(page_of(ceo, decision), "opinions")
    assert "against" in heard
    assert "Trop long." in heard
    # Heard, and not obeyed: A decides.
    assert {form["verb"] for form in forms(page_of(ceo, decision))} == {"approve", "refuse"}
    assert say(ceo, decision, "approve").status_code == 302
    assert name_of_it() == "Conseillée"


def test_what_a_page_offers_is_accepted_and_what_it_does_not_is_refused(company: Company) -> None:
    """Every form on every seat's page, sent back as it came, is heard."""
    for number, seat in enumerate(company.seats):
        decision = asked(company, RechristenTogether(f"Tour {number}"), by="cmo")
        client = signed_in(company, seat)
        for form in forms(page_of(client, decision)):
            comment = {"comment": "Parce que."} if form["verb"] == "refuse" else {}
            address = reverse("mandate:speak", args=[decision.pk])
            assert client.post(address, {**form, **comment}).status_code == 302, (seat, form)
            break
        else:
            for verb in ("opine", "approve", "refuse", "carry_out", "withdraw"):
                refused = say(client, decision, verb, comment="Non.", verdict="for")
                assert refused.status_code == 403, (seat, verb)


# --- refusing, and bad input -------------------------------------------------------------------


@pytest.mark.parametrize("comment", ["", "   ", "\n\t "])
def test_refusing_needs_a_reason(company: Company, decision: Decision, comment: str) -> None:
    client = signed_in(company, "cdo")
    refused = say(client, decision, "refuse", comment=comment)
    assert refused.status_code == 422
    assert "Say why: whoever asked will read it" in words(refused)
    assert '<details class="gap-top" id="refuse" open>' in refused.content.decode()
    assert not Voice.objects.exists()
    assert say(client, decision, "refuse", comment="Pas cette année.").status_code == 302
    decision.refresh_from_db()
    assert (decision.state, decision.outcome_note) == ("refused", "Pas cette année.")
    told = words(signed_in(company, "cmo").get("/"))
    assert "Your request was refused: Rename IT to DNum" in told


@pytest.mark.parametrize(
    ("verb", "more"),
    [
        ("opine", {"verdict": ""}),
        ("opine", {"verdict": "maybe"}),
        ("opine", {}),
        ("approve", {"comment": "x" * 2_001}),
        ("refuse", {"comment": "é" * 2_001}),
        ("approve", {"comment": "nothing \x00 ends here"}),
    ],
)
def test_what_makes_no_sense_is_said_on_the_page(
    company: Company, verb: str, more: dict[str, str]
) -> None:
    decision = asked(company, RechristenAfterAdvice(), by="cmo")
    seat = "dpo" if verb == "opine" else "ceo"
    if verb != "opine":
        deciding.opine(decision_id=decision.pk, verdict="for", by=company.actor("dpo"), at=NOON)
    before = Voice.objects.count()
    answer = say(signed_in(company, seat), decision, verb, **more)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert Voice.objects.count() == before
    decision.refresh_from_db()
    assert decision.state == "open"


@pytest.mark.parametrize(
    "verb", ["", "perform", "APPROVE", "__class__", "approve ", "opine;refuse"]
)
def test_an_unknown_verb_does_nothing(company: Company, decision: Decision, verb: str) -> None:
    lines = AuditLine.objects.count()
    answer = say(signed_in(company, "cdo"), decision, verb)
    assert answer.status_code == 302
    assert answer["Location"] == f"/decisions/{decision.pk}/"
    assert AuditLine.objects.filter(decision_id=decision.pk).count() == 1
    assert AuditLine.objects.count() >= lines
    decision.refresh_from_db()
    assert decision.state == "open"


@pytest.mark.parametrize("number", [0, 999_999, 2**63, 10**40])
def test_a_decision_that_is_not_there(company: Company, number: int) -> None:
    client = signed_in(company, "cdo")
    assert client.get(f"/decisions/{number}/").status_code == 404
    assert client.post(f"/decisions/{number}/speak/", {"verb": "approve"}).status_code == 404


@pytest.mark.parametrize("round_", ["", "one", "-1", "9" * 30, "9" * 5_000, "٣"])
def test_a_round_that_is_no_number_is_no_crash(
    company: Company, decision: Decision, round_: str
) -> None:
    answer = say(signed_in(company, "cdo"), decision, "approve", round=round_)
    assert answer.status_code in (302, 422)


# --- forged seats ------------------------------------------------------------------------------


@pytest.mark.parametrize("seat", ["cdo", "ceo", "cio"])
def test_anothers_seat_in_the_form_is_refused_and_noted(
    company: Company, decision: Decision, seat: str
) -> None:
    client = signed_in(company, "brand")
    answer = say(client, decision, "approve", seat=company.seats[seat])
    assert answer.status_code == 403
    assert "You do not hold this seat today, nor deputise for it." in words(answer)
    line = AuditLine.objects.filter(verb="was refused").get()
    assert line.member_id == company.members["brand"]
    assert '"reason":"not_in_seat"' in line.detail
    assert name_of_it() != "DNum"


@pytest.mark.parametrize(
    "seat",
    ["0", "999999", str(2**63), "9" * 30, "9" * 5_000, "-1", "1.5", "x", "٣", "", "1 OR 1=1"],
)
def test_a_seat_that_is_none_is_refused_or_passed_over(
    company: Company, decision: Decision, seat: str
) -> None:
    """Whoever may approve may still not do it from a seat that does not exist."""
    answer = say(signed_in(company, "brand"), decision, "approve", seat=seat)
    assert answer.status_code == 403
    decision.refresh_from_db()
    assert decision.state == "open"
    assert not Voice.objects.exists()


def test_nobody_takes_another_seat_by_switching(company: Company) -> None:
    client = signed_in(company, "brand")
    for wanted in (company.seats["cdo"], 0, 2**70, "9" * 5_000, "x", ""):
        answer = client.post(reverse("mandate:sit"), {"seat": wanted}, follow=True)
        assert answer.status_code == 200
        assert "This seat is not yours today." in words(answer)
        assert "Brand manager" in words(client.get("/"))


def test_a_seat_taken_yesterday_and_lost_since_is_lost_at_once(company: Company) -> None:
    """The session remembers a seat; what it is worth is asked at each request."""
    deputise(company, "cdo", deputy="brand", starts=FIRST_DAY, ends=NOON.date())
    client = signed_in(company, "brand")
    client.post(reverse("mandate:sit"), {"seat": company.seats["cdo"]})
    decision = asked(company, Rechristen("DNum"), by="cmo")
    assert forms(page_of(client, decision))
    with guard.permitted():
        company_seat = Tenure.objects.get(seat_id=company.seats["cdo"]).seat
        company_seat.delegations.all().delete()
        bump()
    assert forms(page_of(client, decision)) == []
    assert say(client, decision, "approve").status_code == 403
    assert say(client, decision, "approve", seat=company.seats["cdo"]).status_code == 403


def test_one_speaks_from_the_seat_that_the_page_named(company: Company) -> None:
    """Two seats, one person: what the page offers is said from the seat that may say it."""
    deputise(company, "cdo", deputy="brand", starts=FIRST_DAY, ends=NOON.date())
    decision = asked(company, Rechristen("DNum"), by="cmo")
    client = signed_in(company, "brand")
    page = page_of(client, decision)
    assert "You speak for the seat “Chief digital officer”." in words(page)
    (approve,) = [form for form in forms(page) if form["verb"] == "approve"]
    assert approve["seat"] == str(company.seats["cdo"])
    assert client.post(f"/decisions/{decision.pk}/speak/", approve).status_code == 302
    voice = Voice.objects.get()
    assert (voice.member_id, voice.seat_id) == (company.members["brand"], company.seats["cdo"])


# --- whom a refusal names ----------------------------------------------------------------------


def test_a_refusal_names_the_row_and_whom_to_ask(company: Company, decision: Decision) -> None:
    answer = say(signed_in(company, "cio"), decision, "approve")
    page = words(answer)
    assert answer.status_code == 403
    assert "“Change the organisation” is not yours to do from this seat." in page
    assert "Your seat may ask for this; another one decides." in page
    assert "You spoke as CIO." in page
    row = section(answer, "row")
    for seat, holder in (("Chief digital officer", "CDO"), ("Head of service", "CRM")):
        assert seat in row
        assert holder in row
    assert "matrix, version 1" in row
    assert "Whom to ask: Chief digital officer (CDO) decides" in row


def test_a_refusal_in_french(company: Company, decision: Decision) -> None:
    page = words(say(signed_in(company, "cio", language="fr"), decision, "approve"))
    assert "« Modifier l’organisation »" in page.replace("\xa0", " ").replace("\u202f", " ")
    assert "Directrice digitale (CDO)" in page
    assert "is not yours" not in page


def test_a_fragment_is_refused_in_words_too(company: Company, decision: Decision) -> None:
    answer = say(signed_in(company, "ops"), decision, "approve", htmx=True)
    assert answer.status_code == 403
    assert "<html" not in answer.content.decode()
    assert "Who decides: Chief digital officer (CDO)." in words(answer)


def test_a_vacant_seat_in_the_refusal_is_said_to_be_vacant(
    company: Company, decision: Decision
) -> None:
    vacate(company, "cdo")
    row = section(say(signed_in(company, "cio"), decision, "approve"), "row")
    assert "Chief digital officer vacant" in row


# --- once settled ------------------------------------------------------------------------------


def test_the_second_of_two_clicks_learns_that_it_is_settled(
    company: Company, decision: Decision
) -> None:
    client = signed_in(company, "cdo")
    assert say(client, decision, "approve").status_code == 302
    again = say(client, decision, "approve")
    assert again.status_code == 403
    assert "This decision is settled" in words(again)
    assert Voice.objects.count() == 1
    assert AuditLine.objects.filter(decision_id=decision.pk, verb="performed").count() == 1


def test_a_letter_given_a_moment_ago_rules_the_very_next_request(
    company: Company, decision: Decision
) -> None:
    client = signed_in(company, "ceo")
    assert forms(page_of(client, decision)) == []
    assert say(client, decision, "approve").status_code == 403
    set_letters(company, "organisation.change", "ceo", "A")
    assert {form["verb"] for form in forms(page_of(client, decision))} == {"approve", "refuse"}
    set_letters(company, "organisation.change", "ceo", "I")
    assert say(client, decision, "approve").status_code == 403
    set_letters(company, "organisation.change", "ceo", "A")
    assert say(client, decision, "approve").status_code == 302
    assert name_of_it() == "DNum"


def test_what_changed_in_between_is_read_again_first(company: Company, decision: Decision) -> None:
    client = signed_in(company, "cdo")
    (approve,) = [f for f in forms(page_of(client, decision)) if f["verb"] == "approve"]
    with guard.permitted():
        Function.objects.filter(key="it").update(name_en="Computers")
        bump()
    answer = client.post(f"/decisions/{decision.pk}/speak/", approve)
    assert answer.status_code == 422
    assert "has just changed. Nothing was recorded" in words(answer)
    assert "this is round 2" in words(answer)
    assert not Voice.objects.exists()
    stale = client.post(f"/decisions/{decision.pk}/speak/", approve)
    assert stale.status_code == 422  # the form of round 1 is worth nothing any more
    fresh = [f for f in forms(page_of(client, decision)) if f["verb"] == "approve"]
    assert client.post(f"/decisions/{decision.pk}/speak/", fresh[0]).status_code == 302
    assert name_of_it() == "DNum"


def test_what_became_impossible_is_said_and_ends_there(
    company: Company, decision: Decision
) -> None:
    with guard.permitted():
        Function.objects.filter(key="legal").update(name_fr="DNum")
        Function.objects.filter(key="marketing").update(name_fr="DNum")
        bump()
    client = signed_in(company, "cdo")
    answer = client.post(f"/decisions/{decision.pk}/speak/", {"verb": "approve"}, follow=True)
    assert "Approved, but no longer possible: Rename IT to DNum" in words(answer)
    assert "Another function has this name." in words(answer)
    decision.refresh_from_db()
    assert decision.state == "impossible"
    assert "no longer possible" in words(signed_in(company, "cmo").get("/"))


# --- two departments, two people ----------------------------------------------------------------


def test_a_joint_decision_over_pages_needs_both(company: Company) -> None:
    decision = asked(company, RechristenTogether(), by="cmo")
    cmo, cio = signed_in(company, "cmo"), signed_in(company, "cio")
    assert "IT has still to say yes." in words(page_of(cmo, decision))
    for verb in ("approve", "carry_out"):
        assert say(cmo, decision, verb).status_code == 403
    assert name_of_it() != "Ensemble"
    assert "Joint: marketing and IT each have to say yes." in words(page_of(cio, decision))
    assert say(cio, decision, "approve").status_code == 302
    assert name_of_it() == "Ensemble"


def test_marketing_cannot_decide_alone_through_a_deputy(company: Company) -> None:
    """The brand manager, of marketing, stands in for the whole of IT."""
    for seat in ("cio", "ops"):
        vacate(company, seat)
        deputise(company, seat, deputy="brand", starts=FIRST_DAY, ends=NOON.date())
    decision = asked(company, RechristenTogether(), by="cmo")
    client = signed_in(company, "brand")
    for seat in ("cio", "ops", "brand"):
        for verb in ("approve", "carry_out"):
            say(client, decision, verb, seat=company.seats[seat])
    decision.refresh_from_db()
    assert decision.state == "open"
    assert name_of_it() != "Ensemble"


# --- the door ----------------------------------------------------------------------------------


def test_a_form_from_elsewhere_is_turned_away(company: Company, decision: Decision) -> None:
    known = signed_in(company, "cdo")
    client = Client(enforce_csrf_checks=True)
    client.cookies = known.cookies
    answer = client.post(f"/decisions/{decision.pk}/speak/", {"verb": "approve"})
    assert answer.status_code == 403
    assert name_of_it() != "DNum"
    assert not AuditLine.objects.filter(decision_id=decision.pk).exclude(verb="requested").exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(company: Company, decision: Decision, method: str) -> None:
    client = signed_in(company, "cdo")
    for address in (f"/decisions/{decision.pk}/speak/", f"/decisions/{decision.pk}/", "/"):
        assert getattr(client, method)(address).status_code == 405


def test_looking_at_the_address_of_a_voice_says_nothing(
    company: Company, decision: Decision
) -> None:
    client = signed_in(company, "cdo")
    for address in (
        f"/decisions/{decision.pk}/speak/",
        f"/decisions/{decision.pk}/speak/?verb=approve&seat={company.seats['cdo']}",
    ):
        assert client.get(address).status_code == 302
    decision.refresh_from_db()
    assert decision.state == "open"
    assert not Voice.objects.exists()


def test_a_visitor_is_led_to_the_door(company: Company, decision: Decision) -> None:
    page = f"/decisions/{decision.pk}/"
    for address, answer in (
        (page, Client().get(page)),
        (f"{page}speak/", Client().post(f"{page}speak/", {"verb": "approve"})),
    ):
        assert answer.status_code == 302
        assert answer["Location"] == f"/account/sign-in/?next={address}"


def test_who_is_no_member_reads_and_says_nothing(company: Company, decision: Decision) -> None:
    from django.contrib.auth import get_user_model

    stranger = get_user_model().objects.create_user(email="stranger@ardoise.example")
    client = Client(headers={"accept-language": "en"})
    client.force_login(stranger, backend="allauth.account.auth_backends.AuthenticationBackend")
    for answer in (
        client.get("/"),
        client.get("/decisions/"),
        client.get(f"/decisions/{decision.pk}/"),
        say(client, decision, "approve", seat=company.seats["cdo"]),
    ):
        assert answer.status_code == 403
        assert "Rename IT" not in words(answer)


def test_who_is_suspended_reads_and_says_nothing(company: Company, decision: Decision) -> None:
    client = signed_in(company, "cdo")
    assert client.get("/").status_code == 200
    with guard.permitted():
        Member.objects.filter(pk=company.members["cdo"]).update(suspended=True)
        bump()
    for answer in (
        client.get("/"),
        client.get(f"/decisions/{decision.pk}/"),
        say(client, decision, "approve", seat=company.seats["cdo"]),
    ):
        assert answer.status_code == 403
        assert "Rename IT" not in words(answer)
    decision.refresh_from_db()
    assert decision.state == "open"


def test_a_member_without_a_seat_takes_back_what_they_asked(
    company: Company, decision: Decision
) -> None:
    vacate(company, "cmo")
    client = signed_in(company, "cmo")
    page = page_of(client, decision)
    assert [form["verb"] for form in forms(page)] == ["withdraw"]
    assert say(client, decision, "approve").status_code == 403
    assert say(client, decision, "withdraw").status_code == 302
    decision.refresh_from_db()
    assert decision.state == "withdrawn"


def test_a_member_who_never_had_a_seat_decides_nothing(
    company: Company, decision: Decision
) -> None:
    with guard.permitted():
        newcomer = a_member("Newcomer")
        bump()
    client = Client(headers={"accept-language": "en"})
    client.force_login(newcomer.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "You hold no seat yet" in words(client.get("/"))
    for verb in ("approve", "refuse", "carry_out", "withdraw", "opine"):
        answer = say(client, decision, verb, comment="x", verdict="for", seat=company.seats["cdo"])
        assert answer.status_code == 403
    decision.refresh_from_db()
    assert decision.state == "open"


def test_what_people_write_is_shown_and_never_run(company: Company) -> None:
    nasty = "<script>alert(1)</script>“é”\u202e=1+1"
    decision = asked(company, RechristenAfterAdvice("<b>x</b>"), by="cmo")
    say(signed_in(company, "dpo"), decision, "opine", verdict="against", comment=nasty)
    page = page_of(signed_in(company, "ceo"), decision)
    assert "<script>alert" not in page.content.decode()
    assert "<b>x</b>" not in page.content.decode()
    assert nasty in words(page) or "alert(1)" in words(page)


def test_the_time_for_opinions_ends_on_its_instant(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = asked(company, RechristenAfterAdvice(), by="cmo")
    client = signed_in(company, "ceo")
    over = decision.opinions_due
    assert over == NOON + timedelta(days=3)
    monkeypatch.setattr("pupitre.core.clock.now", lambda: over - timedelta(microseconds=1))
    assert say(client, decision, "approve").status_code == 403
    monkeypatch.setattr("pupitre.core.clock.now", lambda: over)
    assert say(client, decision, "approve").status_code == 302
    assert name_of_it() == "Conseillée"
