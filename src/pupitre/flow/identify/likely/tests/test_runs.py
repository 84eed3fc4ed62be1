"""A run over everybody: what is linked, what is proposed, what is left alone; killed, resumed."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from pupitre.flow.identify.book.deciding import book_alone
from pupitre.flow.identify.likely import newcomers, queue, running, thresholds, work, writing
from pupitre.flow.identify.likely.newcomers import compare_new, forget
from pupitre.flow.identify.likely.tests.kit import (
    ANNE,
    a_proposal,
    a_run,
    a_town,
    keep_model,
    of,
    person,
)
from pupitre.flow.identify.merging import hands
from pupitre.flow.identify.models import (
    ErasedStore,
    Forgotten,
    Identifier,
    Link,
    MatchAnswer,
    MatchRun,
    Proposal,
    RightsRequest,
    Rule,
    RunState,
)
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.testing import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(tmp_path, settings) -> None:
    settings.DATA_DIR = tmp_path
    forget()
    yield
    forget()
    queue.overflowed()
    queue.take(queue.MOST)


def test_what_is_all_but_certain_is_linked_and_what_is_likely_proposed() -> None:
    a_town()
    anne = person("anne", **ANNE, locality="Reims")
    card = person("297", "loyalty_card", **ANNE, locality="Reims")
    paul = person("paul", given_name="Paul", surname="Ouedraogo", birth_date="1961-02-03")
    pol = person("x@example.com", "email", given_name="Paule", surname="Ouedraogo")
    run = a_run()
    assert (run.state, run.alone) == (RunState.DONE, None)
    assert of(anne) == of(card) == anne
    link = Link.objects.get()
    assert (link.a_id, link.b_id, link.rule) == (anne, card, Rule.ALIKE)
    assert link.strength > max(writing.STRENGTH.values())
    assert link.weight is not None
    assert run.linked == 1
    assert run.expected == pytest.approx(1, abs=0.01)
    proposal = Proposal.objects.get()
    assert (proposal.a_id, proposal.b_id) == (paul, pol)
    assert of(paul) != of(pol)
    bits = proposal.prior + sum(one[2] for one in proposal.evidence)
    assert bits == pytest.approx(proposal.weight)
    assert all("Ouedraogo" not in str(one) for one in proposal.evidence)
    again = a_run()  # the same once more adds nothing
    assert (again.linked, again.proposed) == (0, 0)
    assert (Link.objects.count(), Proposal.objects.count()) == (1, 1)


def test_two_accounts_are_asked_about_and_not_joined() -> None:
    a_town()
    one, other = person("anne", **ANNE), person("anne2", **ANNE)
    run = a_run()
    assert (run.linked, run.proposed) == (0, 1)
    assert Proposal.objects.get().reason == writing.TOO_MANY
    assert of(one) != of(other)


def test_two_accounts_that_are_merely_likely_are_not_even_asked_about() -> None:
    a_town()
    person("paul", given_name="Paul", surname="Ouedraogo", birth_date="1961-02-03")
    person("pol", given_name="Paule", surname="Ouedraogo")
    assert a_run().proposed == 0
    assert not Proposal.objects.exists()


def test_a_chain_does_not_join_two_accounts() -> None:
    a_town()
    one, other = person("anne", **ANNE, locality="Reims"), person("anne2", **ANNE, locality="Reims")
    card = person("297", "loyalty_card", **ANNE, locality="Reims")
    run = a_run()
    assert run.linked == 1
    assert of(one) != of(other)
    assert of(card) in (one, other)


def test_a_bar_and_a_refusal_are_never_crossed() -> None:
    a_town()
    one, card = person("anne", **ANNE), person("297", "loyalty_card", **ANNE)
    two = person("mail@example.com", "email", **ANNE)
    with guard.permitted(), book_alone():
        hand = hands.join(one=one, other=card, reason="", by="x", at=NOON)
        hands.take_back(hand, by="x", at=NOON)
        hand = hands.join(one=one, other=card, reason="", by="x", at=NOON)
        hands.part(person=one, leaving=[card], reason="", by="x", at=NOON)
        hands.take_back(hand, by="x", at=NOON)
    refused = a_proposal(one, two)
    with guard.permitted():
        Proposal.objects.update(answer=MatchAnswer.REFUSED)
    a_run()
    assert of(one) == one
    pairs = {frozenset((of(row.a_id), of(row.b_id))) for row in Proposal.objects.all()}
    assert frozenset((one, card)) not in pairs
    assert Proposal.objects.get(pk=refused.pk).answer == MatchAnswer.REFUSED
    assert not Proposal.objects.filter(answer=MatchAnswer.WAITING, a=one).exists()
    assert {of(card), of(two)} != {one}


def test_what_a_run_does_not_find_again_is_overtaken() -> None:
    a_town()
    stale = a_proposal(person("p"), person("q", "loyalty_card"))
    with guard.permitted():
        Proposal.objects.update(at=NOON - timedelta(days=7))
    a_run()
    stale.refresh_from_db()
    assert stale.answer == MatchAnswer.OVERTAKEN


class TestKilled:
    @pytest.mark.parametrize("before", [0, 1, 2, 3, 5])
    def test_it_goes_on_where_it_was_and_ends_as_if_nothing_had_been(
        self, before: int, monkeypatch
    ) -> None:
        monkeypatch.setattr(writing, "AT_ONCE", 1)
        a_town()
        names = ("Le Goff", "Ouedraogo", "Marchetti", "Faure")
        details = [
            {"given_name": f"{name[3:]}ine", "surname": name, "birth_date": f"1970-0{n}-1{n}"}
            for n, name in enumerate(names, 1)
        ]
        pairs = [
            (person(f"u{n}", **one), person(f"29{n}", "loyalty_card", **one))
            for n, one in enumerate(details)
        ]
        steps = iter(range(100))

        class Killed(BaseException):
            pass

        real = running._tell

        def tell(run_id: int, **said: object) -> None:
            real(run_id, **said)
            if next(steps) == before:
                raise Killed

        with monkeypatch.context() as broken:
            broken.setattr(running, "_tell", tell)
            with pytest.raises(Killed):
                a_run()
        run = MatchRun.objects.get()
        assert run.alone
        work.once(threading.Event())
        run.refresh_from_db()
        assert run.state == RunState.DONE
        assert all(of(a) == of(b) for a, b in pairs)
        assert Link.objects.count() == 4

    def test_a_worker_that_ends_leaves_it_for_the_next(self) -> None:
        a_town()
        number = work.ask(NOON, by="x")
        ending = threading.Event()
        ending.set()
        with pytest.raises(running.Interrupted):
            work.once(ending)
        assert MatchRun.objects.get(pk=number).alone

    def test_one_that_is_told_to_stop_stops(self) -> None:
        number = work.ask(NOON, by="x")
        assert work.ask(NOON, by="y") is None  # one at a time
        with guard.permitted():
            MatchRun.objects.update(stop_asked=True)
        work.once(threading.Event())
        run = MatchRun.objects.get(pk=number)
        assert (run.state, run.alone) == (RunState.STOPPED, None)
        assert work.ask(NOON, by="y") is not None

    def test_too_few_people_are_said_to_be_too_few(self) -> None:
        work.ask(NOON, by="x")
        work.once(threading.Event())
        run = MatchRun.objects.get()
        assert (run.state, run.why) == (RunState.FAILED, running.TOO_FEW)


class TestNewcomers:
    def test_somebody_new_is_compared_without_a_run(self) -> None:
        a_town()
        anne = person("anne", **ANNE)
        assert compare_new([anne]).linked == 0  # no model yet
        keep_model()
        compare_new([anne])  # makes the index
        card = person("297", "loyalty_card", **ANNE)
        assert compare_new([card]).linked == 1
        assert of(card) == anne

    def test_two_that_came_since_are_compared_with_each_other(self) -> None:
        a_town()
        keep_model()
        compare_new([person("first", given_name="Zoé", surname="Autre")])
        anne, card = person("anne", **ANNE), person("297", "loyalty_card", **ANNE)
        compare_new([anne])
        assert compare_new([card]).done == 1
        assert Link.objects.count() + Proposal.objects.count() == 1

    def test_whoever_was_erased_is_in_no_index_that_is_used(self) -> None:
        a_town()
        keep_model()
        anne = person("anne", **ANNE)
        compare_new([anne])
        with guard.permitted():
            Forgotten.objects.create(digest=b"x" * 32, at=NOON)
            Identifier.objects.filter(pk=anne).delete()
        assert compare_new([person("297", "loyalty_card", **ANNE)]).done == 0

    def test_an_index_made_between_the_decision_and_the_book_s_turn_is_let_go(self) -> None:
        a_town()
        keep_model()
        anne = person("anne", **ANNE)
        with guard.permitted():
            Forgotten.objects.create(digest=b"x" * 32, at=NOON)
        compare_new([anne])  # the book has her yet
        newcomers.let_go()
        assert newcomers._held is not None
        with guard.permitted():
            Identifier.objects.filter(pk=anne).delete()
            erasure = RightsRequest.objects.create(
                right="erasure",
                way="letter",
                received_on=NOON.date(),
                entered_at=NOON,
                due_on=NOON.date(),
            )
            ErasedStore.objects.create(request=erasure, store=newcomers.BOOK, unit="rows", at=NOON)
        newcomers.let_go()
        assert newcomers._held is None
        assert compare_new([person("297", "loyalty_card", **ANNE)]).done == 0

    def test_the_follower_s_thread_hands_them_over(self) -> None:
        keep_model()
        a_town()
        anne, card = person("anne", **ANNE), person("297", "loyalty_card", **ANNE)
        queue.add([anne, card])
        work.newcome(threading.Event())
        assert of(card) == anne
        assert queue.take(10) == ()

    def test_a_bulk_is_for_a_run(self, monkeypatch) -> None:
        monkeypatch.setattr(queue, "MOST", 3)
        keep_model()
        queue.add(range(10))
        work.newcome(threading.Event())
        assert MatchRun.objects.filter(alone=True).count() == 1
        assert queue.take(10) == ()


def test_answers_move_the_lines() -> None:
    assert thresholds.current().link_from == 0.99
    assert thresholds.precision().answers == 0
    for n in range(40):
        a_proposal(person(f"a{n}"), person(f"b{n}"), probability=0.3)
    with guard.permitted():
        Proposal.objects.update(answer=MatchAnswer.REFUSED)
    assert thresholds.current().propose_from > 0.2
    assert thresholds.precision().answers == 40
    assert thresholds.precision().high < 0.2
