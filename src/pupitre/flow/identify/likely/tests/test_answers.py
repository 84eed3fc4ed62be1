"""A steward's answers: who may, what comes of it, two at once, and the pages."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections
from django.urls import reverse

from pupitre.core.errors import Invalid
from pupitre.flow.identify.book.deciding import book_alone
from pupitre.flow.identify.likely import desk, writing
from pupitre.flow.identify.likely.actions import (
    AcceptProposal,
    AskRun,
    OpenProposal,
    RefuseProposal,
    SayWhy,
    StopRun,
)
from pupitre.flow.identify.likely.drawing import waterfall
from pupitre.flow.identify.likely.tests.kit import ANNE, a_proposal, company, of, person
from pupitre.flow.identify.merging import hands
from pupitre.flow.identify.models import Hand, MatchAnswer, MatchRun, Proposal
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed, Refused, Waiting
from pupitre.rules.mandate.models import AuditLine, Decision
from pupitre.rules.mandate.testing import NOON, SEATS, Company
from pupitre.rules.mandate.tests.http_kit import words
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["noon_on_the_clock"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> Company:
    return company()


@pytest.fixture
def pair(house: Company) -> Proposal:
    return a_proposal(person("anne", **ANNE), person("297", "loyalty_card", given_name="Anna"))


class TestActs:
    def test_one_person_is_joined_by_a_hand_that_can_be_taken_back(
        self, house: Company, pair: Proposal
    ) -> None:
        act(SayWhy(pair.pk, "Même adresse."), by=house.actor("cdo"), at=NOON)
        outcome = act(AcceptProposal(pair.pk), by=house.actor("cdo"), at=NOON)
        assert isinstance(outcome, Performed)
        assert of(pair.a_id) == of(pair.b_id) == pair.a_id
        hand = Hand.objects.get()
        assert (hand.joins, hand.reason) == (True, "Même adresse.")
        assert "CDO" in hand.by
        pair.refresh_from_db()
        assert (pair.answer, pair.answered_at) == (MatchAnswer.ACCEPTED, NOON)
        with guard.permitted(), book_alone():
            hands.take_back(hand, by="x", at=NOON)
        assert of(pair.a_id) != of(pair.b_id)

    def test_two_people_stay_two(self, house: Company, pair: Proposal) -> None:
        act(RefuseProposal(pair.pk), by=house.actor("cdo"), at=NOON)
        assert of(pair.a_id) != of(pair.b_id)
        assert not Hand.objects.exists()
        pair.refresh_from_db()
        assert pair.answer == MatchAnswer.REFUSED

    @pytest.mark.parametrize("seat", list(SEATS))
    @pytest.mark.parametrize("kind", [AcceptProposal, RefuseProposal, OpenProposal])
    def test_what_each_seat_gets(
        self, house: Company, pair: Proposal, seat: str, kind: type
    ) -> None:
        action = kind(pair.pk)
        if seat == "cdo" or (seat == "ops" and kind is OpenProposal):
            assert isinstance(act(action, by=house.actor(seat), at=NOON), Performed)
        elif seat == "ops":
            assert isinstance(act(action, by=house.actor(seat), at=NOON), Waiting)
            assert Proposal.objects.get().answer == MatchAnswer.WAITING
        else:
            with pytest.raises(Refused):
                act(action, by=house.actor(seat), at=NOON)
            assert Proposal.objects.get().answer == MatchAnswer.WAITING

    def test_a_second_answer_is_told_that_it_is_late(self, house: Company, pair: Proposal) -> None:
        act(RefuseProposal(pair.pk), by=house.actor("cdo"), at=NOON)
        for action in (AcceptProposal(pair.pk), RefuseProposal(pair.pk)):
            with pytest.raises(Invalid):
                act(action, by=house.actor("cdo"), at=NOON)
        assert of(pair.a_id) != of(pair.b_id)

    def test_what_a_hand_keeps_apart_is_not_accepted(self, house: Company, pair: Proposal) -> None:
        with guard.permitted(), book_alone():
            hand = hands.join(one=pair.a_id, other=pair.b_id, reason="", by="x", at=NOON)
            hands.part(person=pair.a_id, leaving=[pair.b_id], reason="", by="x", at=NOON)
            hands.take_back(hand, by="x", at=NOON)
        with pytest.raises(Invalid):
            act(AcceptProposal(pair.pk), by=house.actor("cdo"), at=NOON)
        pair.refresh_from_db()
        assert pair.answer == MatchAnswer.WAITING
        with guard.permitted(), book_alone():
            assert writing.settle(at=NOON) == 1

    def test_the_audit_names_no_customer(self, house: Company, pair: Proposal) -> None:
        act(OpenProposal(pair.pk), by=house.actor("cdo"), at=NOON)
        act(SayWhy(pair.pk, "Zéphyrine le dit"), by=house.actor("ops"), at=NOON)
        assert isinstance(act(AcceptProposal(pair.pk), by=house.actor("ops"), at=NOON), Waiting)
        assert b"phyrine" not in bytes(Decision.objects.get().payload)
        for line in AuditLine.objects.all():
            said = line.title_fr + line.title_en + line.detail
            assert "Anne" not in said
            assert "phyrine" not in said

    def test_a_run_is_asked_for_once_and_stopped(self, house: Company) -> None:
        outcome = act(AskRun(), by=house.actor("cdo"), at=NOON)
        assert isinstance(outcome, Performed)
        with pytest.raises(Invalid):
            act(AskRun(), by=house.actor("cdo"), at=NOON)
        assert "CDO" in MatchRun.objects.get().asked_by
        act(StopRun(MatchRun.objects.get().pk), by=house.actor("cdo"), at=NOON)
        assert MatchRun.objects.get().stop_asked


@pytest.mark.django_db(transaction=True)
def test_of_two_stewards_at_once_one_is_heard() -> None:
    house = company()
    pair = a_proposal(person("anne", **ANNE), person("297", "loyalty_card"))
    ready, told = threading.Barrier(2), []

    def answer(action: AcceptProposal | RefuseProposal) -> None:
        try:
            ready.wait(10)
            act(action, by=house.actor("cdo"), at=NOON)
            told.append(type(action).__name__)
        except Invalid:
            told.append("late")
        finally:
            connections.close_all()

    both = [
        threading.Thread(target=answer, args=(kind(pair.pk),))
        for kind in (AcceptProposal, RefuseProposal)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert sorted(told) in (["AcceptProposal", "late"], ["RefuseProposal", "late"])
    pair.refresh_from_db()
    accepted = pair.answer == MatchAnswer.ACCEPTED
    assert accepted == ("AcceptProposal" in told)
    assert accepted == (of(pair.a_id) == of(pair.b_id))
    assert Hand.objects.count() == accepted
    connection.close()


@pytest.mark.usefixtures("noon_on_the_clock")
class TestPages:
    def test_nothing_is_named_before_it_is_opened(self, house: Company, pair: Proposal) -> None:
        steward = signed_in(house, "cdo")
        address = reverse("identify:proposal", args=[pair.pk])
        before = steward.get(address)
        assert "no-store" in before["Cache-Control"]
        assert "Quéméneur" not in words(before)
        assert "one slip of the keys apart" in words(before)
        assert not AuditLine.objects.filter(title_en__contains="Open the likely match").exists()
        steward.post(reverse("identify:proposal_open", args=[pair.pk]))
        assert AuditLine.objects.filter(title_en__contains="Open the likely match").count() == 1
        after = words(steward.get(address))
        assert "Quéméneur" in after
        assert "Anna" in after
        other = signed_in(house, "ops")
        assert "Quéméneur" not in words(other.get(address))

    def test_each_seat_sees_of_the_two_what_its_letters_show(self, house: Company) -> None:
        one = person("anne", **ANNE, email="anne@courriel.example")
        pair = a_proposal(one, person("06 12 34 56 78", "phone", given_name="Anna"))
        address = reverse("identify:proposal", args=[pair.pk])
        secrets = ("anne@courriel.example", "1980-05-06", "06 12 34 56 78", "Elle l’a dit")
        for seat in ("cdo", "ops"):
            client = signed_in(house, seat)
            client.post(reverse("identify:proposal_open", args=[pair.pk]))
            seen = words(client.get(address))
            assert "Quéméneur" in seen
            for secret in secrets[:3]:
                assert (secret in seen) == (seat == "cdo")
        act(SayWhy(pair.pk, "Elle l’a dit"), by=house.actor("cdo"), at=NOON)
        act(RefuseProposal(pair.pk), by=house.actor("cdo"), at=NOON)
        assert secrets[3] in words(signed_in(house, "cdo").get(address))
        assert secrets[3] not in words(signed_in(house, "ops").get(address))

    def test_what_was_opened_stays_with_its_seat(self, house: Company, pair: Proposal) -> None:
        client = signed_in(house, "cdo")
        client.post(reverse("identify:proposal_open", args=[pair.pk]))
        session = client.session
        (seat, since) = session["identify.opened_matches"][str(pair.pk)]
        assert seat == house.seats["cdo"]
        session["identify.opened_matches"] = {str(pair.pk): [house.seats["ops"], since]}
        session.save()
        address = reverse("identify:proposal", args=[pair.pk])
        assert "Quéméneur" not in words(client.get(address))

    def test_opening_a_match_leaves_pages_of_customers_as_they_were(
        self, house: Company, pair: Proposal
    ) -> None:
        client = signed_in(house, "cdo")
        customer = reverse("identify:person", args=[pair.a_id])
        client.post(reverse("identify:proposal_open", args=[pair.pk]))
        assert client.get(customer).status_code == 200
        assert client.post(customer, {"reason": "a complaint"}).status_code == 302
        assert client.get(reverse("identify:proposal", args=[pair.pk])).status_code == 200

    def test_answering_leads_to_the_next_and_to_the_list_in_the_end(self, house: Company) -> None:
        first = a_proposal(person("a"), person("x", "loyalty_card"), probability=0.9)
        second = a_proposal(
            person("b"), person("y", "loyalty_card", surname="Suivante"), probability=0.5
        )
        steward = signed_in(house, "cdo")
        assert "2 pairs of customers may be one person" in words(
            steward.get(reverse("identify:likely"))
        )
        answer = reverse("identify:proposal_answer", args=[first.pk])
        said = steward.post(answer, {"answer": "two", "why": ""})
        assert said["Location"] == reverse("identify:proposal", args=[second.pk])
        assert "Suivante" in words(steward.get(said["Location"]))
        answer = reverse("identify:proposal_answer", args=[second.pk])
        said = steward.post(answer, {"answer": "one", "why": "Elle l’a dit."})
        assert said["Location"] == reverse("identify:likely")
        assert Proposal.objects.get(pk=second.pk).why == "Elle l’a dit."
        page = words(steward.get(reverse("identify:likely") + "?show=answered"))
        assert "one person" in page
        assert "two people" in page
        assert "between" in page  # the interval of the precision
        late = steward.post(answer, {"answer": "one"}, follow=True)
        assert "Somebody has answered this one already" in words(late)

    def test_whoever_may_not_is_told_whom_to_ask(self, house: Company, pair: Proposal) -> None:
        reader = signed_in(house, "brand")
        for address in (
            reverse("identify:likely"),
            reverse("identify:proposal", args=[pair.pk]),
        ):
            assert reader.get(address).status_code == 403
        for name in ("proposal_open", "proposal_answer"):
            answer = reader.post(reverse(f"identify:{name}", args=[pair.pk]), {"answer": "one"})
            assert answer.status_code == 403
        assert "Quéméneur" not in words(reader.get(reverse("identify:proposal", args=[pair.pk])))

    def test_the_run_is_asked_for_on_the_page(self, house: Company) -> None:
        steward = signed_in(house, "cdo", language="fr")
        steward.post(reverse("identify:likely_run"))
        assert MatchRun.objects.filter(alone=True).count() == 1
        assert steward.get(reverse("identify:likely")).status_code == 200
        steward.post(reverse("identify:likely_stop"))
        assert MatchRun.objects.get().stop_asked

    def test_it_waits_on_the_desk_of_whoever_does_it(self, house: Company, pair: Proposal) -> None:
        assert "1 likely match to answer" in words(
            signed_in(house, "cdo").get(reverse("mandate:desk"))
        )
        assert "likely match" not in words(signed_in(house, "cmo").get(reverse("mandate:desk")))
        assert desk.waiting_proposals is not None

    def test_traits_and_their_rule(self, house: Company, pair: Proposal) -> None:
        marketing = signed_in(house, "cmo")
        page = words(marketing.get(reverse("identify:traits")))
        assert "Year of birth" in page
        assert "firstName" in page
        form = reverse("identify:trait_rule", args=["given_name"])
        assert marketing.get(form).status_code == 200
        wrong = marketing.post(form, {"choice": "source", "sources": "nowhere"})
        assert wrong.status_code == 422
        assert marketing.post(form, {"choice": "frequent", "sources": ""}).status_code == 302
        correct = reverse("identify:trait_correct", args=[pair.a_id])
        assert "Quéméneur" not in words(marketing.get(correct))
        said = marketing.post(correct, {"trait": "surname", "value": "Le Goff"}, follow=True)
        assert "Done" in words(said)
        assert "Le Goff" not in words(said)


def test_a_waterfall_begins_where_the_bar_before_it_ended() -> None:
    chart = waterfall(-10.0, [6.0, 5.5, -2.0])
    prior, first, second, third, total = chart.bars
    assert [bar.tone for bar in chart.bars] == ["sum", "for", "for", "against", "sum"]
    assert prior.x == first.x
    assert first.x + first.width == pytest.approx(second.x, abs=0.02)
    assert third.x + third.width == pytest.approx(second.x + second.width, abs=0.02)
    assert total.bits == pytest.approx(-0.5)
    assert all(0 <= bar.x <= bar.x + bar.width <= chart.width + 1 for bar in chart.bars)
    assert chart.bars[-1].y + chart.bars[-1].height <= chart.height
    assert waterfall(0.0, []).width == chart.width  # nothing to say is drawn too
