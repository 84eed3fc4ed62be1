"""Two people at the same instant: one outcome, one line that settles it, and nobody sees an error.

Real threads, each with a connection of its own, let go at once; and once real processes. Whatever
is asked, the answer is a result, ``Refused`` or ``Invalid``: never a locked database, a deadlock
or a constraint that somebody else's deed has broken.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable

import pytest
from django.conf import settings
from django.db import connection, connections
from django.urls import reverse

from pupitre.core.errors import Invalid
from pupitre.rules.mandate import audit, deciding, guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed, Reason, Refused, Waiting
from pupitre.rules.mandate.matrix.actions import AbandonDraft, EditDraft, EnterIntoForce, StartDraft
from pupitre.rules.mandate.matrix.cells import CellEdit
from pupitre.rules.mandate.models import AuditLine, Cell, Decision, MatrixVersion, Seat, Tenure
from pupitre.rules.mandate.organisation.appointments import Appoint
from pupitre.rules.mandate.organisation.records import seat_subject
from pupitre.rules.mandate.testing import NOON, Company, a_company, a_member, bump, set_letters
from pupitre.rules.mandate.tests.matrix_kit import (
    a_draft,
    change,
    noon_on_the_clock,
    signed_in,
    text,
)

__all__ = ["noon_on_the_clock"]  # a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 15
PATIENCE_SECONDS = 60
SETTLES = ("performed", "refused", "withdrew", "found impossible")
# Two seats of each department, so that either of two people can be the one who completes it.
AMEND_ROW = {"cmo": "A", "cio": "R", "ops": "R", "brand": "R", "ceo": "I"}
IN_FORCE, DRAFT = MatrixVersion.State.IN_FORCE, MatrixVersion.State.DRAFT

Deed = Callable[[], object]
Cells = frozenset[tuple[str, str, int, str]]


@pytest.fixture
def company() -> Company:
    return a_company(rows={"matrix.amend": AMEND_ROW})


def together(*deeds: Deed) -> list[object]:
    """What each deed gave, or raised where it is an answer. All start at the same instant."""
    start = threading.Barrier(len(deeds))
    answers: list[object] = [None] * len(deeds)
    errors: list[BaseException] = []

    def do(place: int, deed: Deed) -> None:
        try:
            connection.ensure_connection()  # so that the race is about the act
            start.wait(PATIENCE_SECONDS)
            answers[place] = deed()
        except (Refused, Invalid) as answer:
            answers[place] = answer
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    if errors:
        raise errors[0]
    return answers


def proposed(company: Company, number: int) -> int:
    """Id of the decision by which the marketing director proposes a draft."""
    outcome = act(EnterIntoForce(number), by=company.actor("cmo"), at=NOON)
    assert isinstance(outcome, Waiting)
    return outcome.decision_id


def approval(company: Company, decision: int, seat: str, *, seen: int | None = None) -> Deed:
    by = company.actor(seat)
    return lambda: deciding.approve(decision_id=decision, by=by, at=NOON, round_seen=seen)


def number_in_force() -> int:
    """There is one, and only one."""
    return MatrixVersion.objects.get(state=IN_FORCE).number


def cells_of(number: int) -> Cells:
    found = Cell.objects.filter(version__number=number)
    return frozenset(found.values_list("scope", "activity", "seat_id", "letters"))


def state_of(decision: int) -> str:
    """Its state, once it is certain that what settled it is in the audit once."""
    state = Decision.objects.get(pk=decision).state
    lines = AuditLine.objects.filter(decision_id=decision, verb__in=SETTLES)
    expected = {
        "open": [],
        "performed": ["performed"],
        "refused": ["refused"],
        "withdrawn": ["withdrew"],
        "impossible": ["found impossible"],
    }[state]
    assert list(lines.values_list("verb", flat=True)) == expected
    assert audit.verify().whole
    return state


def reasons(answers: Iterable[object]) -> list[Reason]:
    return [answer.reason for answer in answers if isinstance(answer, Refused)]


def abandon(company: Company, number: int) -> None:
    if MatrixVersion.objects.get(number=number).state == DRAFT:
        act(AbandonDraft(number), by=company.actor("cmo"), at=NOON)


def withdraw(company: Company, decision: int) -> None:
    if Decision.objects.get(pk=decision).state == Decision.State.OPEN:
        deciding.withdraw(decision_id=decision, by=company.actor("cmo"), at=NOON)


def test_two_approve_at_once_and_one_of_them_does_it(company: Company) -> None:
    for _round in range(ROUNDS):
        number = a_draft(company, copy_of=number_in_force())
        decision = proposed(company, number)
        answers = together(approval(company, decision, "cio"), approval(company, decision, "ops"))
        assert state_of(decision) == "performed"
        assert reasons(answers) == [Reason.SETTLED]
        assert number_in_force() == number


def test_the_same_form_sent_twice_counts_once(company: Company) -> None:
    for _round in range(ROUNDS):
        number = a_draft(company, copy_of=number_in_force())
        decision = proposed(company, number)
        answers = together(*[approval(company, decision, "cio", seen=1)] * 3)
        assert state_of(decision) == "performed"
        assert reasons(answers) == [Reason.SETTLED] * 2
        assert Decision.objects.get(pk=decision).voices.count() == 1


def test_an_approval_and_a_refusal_at_once_do_not_both_hold(company: Company) -> None:
    for _round in range(ROUNDS):
        before = number_in_force()
        number = a_draft(company, copy_of=before)
        decision = proposed(company, number)
        answers = together(
            approval(company, decision, "cio"),
            lambda decision=decision: deciding.refuse(
                decision_id=decision, comment="Non.", by=company.actor("ops"), at=NOON
            ),
        )
        state = state_of(decision)
        assert reasons(answers) == [Reason.SETTLED]
        assert (state, number_in_force()) in {("performed", number), ("refused", before)}
        abandon(company, number)


def test_a_request_taken_back_while_it_is_approved(company: Company) -> None:
    for _round in range(ROUNDS):
        before = number_in_force()
        number = a_draft(company, copy_of=before)
        decision = proposed(company, number)
        answers = together(
            approval(company, decision, "cio"),
            lambda decision=decision: deciding.withdraw(
                decision_id=decision, by=company.actor("cmo"), at=NOON
            ),
        )
        state = state_of(decision)
        assert reasons(answers) == [Reason.SETTLED]
        assert (state, number_in_force()) in {("performed", number), ("withdrawn", before)}
        abandon(company, number)


def test_what_enters_into_force_is_what_the_approver_saw(company: Company) -> None:
    """The draft is edited while somebody approves: approved as it was, or not approved at all."""
    letters = ["C", "I"]
    for turn in range(ROUNDS):
        before = number_in_force()
        number = a_draft(company, copy_of=before)
        decision, seen = proposed(company, number), cells_of(number)
        edit = CellEdit("", "audit.export", company.seats["brand"], letters[turn % 2])
        answers = together(
            approval(company, decision, "cio", seen=1),
            lambda number=number, edit=edit: act(
                EditDraft(number, (edit,)), by=company.actor("cmo"), at=NOON
            ),
        )
        assert sum(isinstance(answer, Invalid) for answer in answers) == 1
        if state_of(decision) == "performed":
            assert (number_in_force(), cells_of(number)) == (number, seen)
        else:
            left = Decision.objects.get(pk=decision)
            assert (left.state, left.round, left.voices.count()) == ("open", 2, 0)
            assert number_in_force() == before
            withdraw(company, decision)
            abandon(company, number)


@pytest.mark.usefixtures("noon_on_the_clock")
def test_a_page_read_before_an_edit_approves_nothing(company: Company) -> None:
    """The edit came first and opened the next round: there is nothing left to find out."""
    number = a_draft(company)
    decision = proposed(company, number)
    browser = signed_in(company, "cio")
    page = reverse("mandate:decision", args=[decision])
    assert '<input type="hidden" name="round" value="1">' in text(browser.get(page))
    desk = text(browser.get(reverse("mandate:desk")))
    assert '<input type="hidden" name="round" value="1">' in desk
    change(company, number, "audit.export", brand="C")
    form = {"verb": "approve", "seat": str(company.seats["cio"])}
    late = browser.post(reverse("mandate:speak", args=[decision]), {**form, "round": "1"})
    assert late.status_code == 422
    assert (state_of(decision), number_in_force()) == ("open", 1)
    assert '<input type="hidden" name="round" value="2">' in text(late)
    browser.post(reverse("mandate:speak", args=[decision]), {**form, "round": "2"})
    assert (state_of(decision), number_in_force()) == ("performed", number)


def test_two_versions_completed_at_once_leave_one_in_force(company: Company) -> None:
    """The second was approved in place of a version that has just left: it is read again."""
    for _round in range(ROUNDS):
        before = number_in_force()
        numbers = [a_draft(company, copy_of=before) for _ in range(2)]
        decisions = [proposed(company, number) for number in numbers]
        together(
            approval(company, decisions[0], "cio", seen=1),
            approval(company, decisions[1], "ops", seen=1),
        )
        assert sorted(map(state_of, decisions)) == ["open", "performed"]
        done = numbers[[state_of(decision) for decision in decisions].index("performed")]
        assert number_in_force() == done
        assert MatrixVersion.objects.get(number=before).state == MatrixVersion.State.SUPERSEDED
        for decision, number in zip(decisions, numbers, strict=True):
            withdraw(company, decision)
            abandon(company, number)


def test_the_last_place_of_a_seat_is_taken_once(company: Company) -> None:
    set_letters(company, "seat.appoint", "cmo", "A")
    set_letters(company, "seat.appoint", "dpo", "")  # nobody is consulted: both do it at once
    for turn in range(ROUNDS):
        with guard.permitted():
            seat = Seat.objects.create(
                key=f"seat-{turn}",
                function=Seat.objects.get(key="crm").function,
                name_fr=f"Siège {turn}",
                places=2,
            )
            people = [a_member(f"Person {turn} {n}").pk for n in range(3)]
            Tenure.objects.create(member_id=people[0], seat=seat, starts=NOON.date())
            bump()
        answers = together(
            *(
                lambda member=member, seat=seat, by=by: act(
                    Appoint(member, seat.pk, NOON.date()), by=company.actor(by), at=NOON
                )
                for member, by in zip(people[1:], ("ceo", "cmo"), strict=True)
            )
        )
        assert {type(answer) for answer in answers} == {Performed, Invalid}
        assert Tenure.objects.filter(seat=seat).count() == 2
        subject = seat_subject(seat).key
        assert AuditLine.objects.filter(subject=subject, verb="performed").count() == 1
        assert audit.verify().whole


def test_the_same_thing_proposed_at_once_is_one_decision(company: Company) -> None:
    for _round in range(ROUNDS):
        number = a_draft(company, copy_of=number_in_force())
        answers = together(
            *(
                lambda by=by, number=number: act(
                    EnterIntoForce(number), by=company.actor(by), at=NOON
                )
                for by in ("cmo", "cio", "ops")
            )
        )
        asked = [answer for answer in answers if isinstance(answer, Waiting)]
        assert len(asked) == 1
        assert sum(isinstance(answer, Invalid) for answer in answers) == 2
        requester = Decision.objects.get(pk=asked[0].decision_id).member_id
        seat = next(key for key, member in company.members.items() if member == requester)
        deciding.withdraw(decision_id=asked[0].decision_id, by=company.actor(seat), at=NOON)
        abandon(company, number)


def test_drafts_started_at_once_have_numbers_of_their_own(company: Company) -> None:
    for _round in range(ROUNDS):
        answers = together(
            *(
                lambda by=by: act(StartDraft(copy_of=1), by=company.actor(by), at=NOON)
                for by in ("cmo", "cio")
            )
        )
        numbers = [answer.result for answer in answers if isinstance(answer, Performed)]
        assert len(set(numbers)) == 2
        for number in numbers:
            abandon(company, int(str(number)))
    numbers = sorted(MatrixVersion.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 2 * ROUNDS + 2))
    assert audit.verify().whole


# --- processes ------------------------------------------------------------------------------------


def test_processes_at_once_do_each_thing_once(company: Company) -> None:
    """Three processes approve the same decisions and start drafts, over one database."""
    numbers = [a_draft(company) for _ in range(4)]
    decisions = [proposed(company, number) for number in numbers]
    orders = {"cio": decisions, "ops": decisions[::-1], "brand": decisions}
    working = [_a_process(company, seat, given) for seat, given in orders.items()]
    try:
        for process in working:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", process.communicate()[1]
        for process in working:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=PATIENCE_SECONDS) for process in working]
    finally:
        for process in working:
            process.kill()
    assert [process.returncode for process in working] == [0, 0, 0], [err for _out, err in said]
    answers = [json.loads(out) for out, _err in said]
    done = [decision for answer in answers for decision in answer["done"]]
    # The first to enter into force changes what the others would replace: those are read again,
    # and how many are said yes to a second time is chance. Each is done once, or it still waits.
    assert done, "nobody could do anything"
    assert len(set(done)) == len(done)
    expected = {decision: "performed" if decision in done else "open" for decision in decisions}
    assert {decision: state_of(decision) for decision in decisions} == expected
    assert number_in_force() in {
        number for number, decision in zip(numbers, decisions, strict=True) if decision in done
    }
    started = [number for answer in answers for number in answer["started"]]
    assert sorted(started) == list(range(6, 6 + 3 * len(decisions)))


def _a_process(company: Company, seat: str, decisions: list[int]) -> subprocess.Popen[str]:
    """A process of somebody in that seat, on the database and in the folder of this test."""
    database = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        address = f"sqlite:///{database['NAME']}"
    else:
        address = "postgresql://{USER}@{HOST}:{PORT}/{NAME}".format(**database)
    by = company.actor(seat)
    given = {"member": by.member_id, "seat": by.seat_id, "decisions": decisions}
    return subprocess.Popen(
        [sys.executable, "-m", "pupitre.rules.mandate.tests.a_process", json.dumps(given)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "pupitre.config.settings",
            "DATABASE_URL": address,
            "PUPITRE_DATA_DIR": str(settings.DATA_DIR),
            "PUPITRE_SECRET_KEY": settings.SECRET_KEY,
        },
    )
