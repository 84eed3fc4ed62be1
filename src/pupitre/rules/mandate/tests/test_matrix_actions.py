"""Drafts, and their way into force: what the actions allow, void, refuse."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import translation

from pupitre.core.errors import Invalid
from pupitre.rules.mandate import deciding
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.activities import SETUP
from pupitre.rules.mandate.contracts import Performed, Reason, Refused, Waiting
from pupitre.rules.mandate.matrix.actions import (
    AbandonDraft,
    EditDraft,
    EnterIntoForce,
    ReplaceDraft,
    StartDraft,
)
from pupitre.rules.mandate.matrix.cells import MAX_CELLS, MAX_DRAFTS, MAX_EDITS, CellEdit
from pupitre.rules.mandate.matrix.defining import DefineScope
from pupitre.rules.mandate.models import Cell, Decision, MatrixVersion, Notice
from pupitre.rules.mandate.progress import standing_of
from pupitre.rules.mandate.ruling import Need
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.testing import NOON, Company, a_company, set_letters, vacate
from pupitre.rules.mandate.tests.matrix_kit import (
    AMEND,
    DEFINE,
    EXPORT,
    a_draft,
    audited,
    change,
    holds,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return a_company()


def propose(company: Company, number: int, *, by: str = "cmo") -> int:
    outcome = act(EnterIntoForce(number), by=company.actor(by), at=NOON)
    assert isinstance(outcome, Waiting)
    return outcome.decision_id


def states() -> dict[int, str]:
    return dict(MatrixVersion.objects.values_list("number", "state"))


# Drafts


@pytest.mark.parametrize("seat", ["cmo", "cio"])
def test_whoever_decides_or_acts_in_the_matrix_prepares_drafts_at_once(
    company: Company, seat: str
) -> None:
    number = a_draft(company, by=seat)

    assert states() == {1: "in_force", number: "draft"}
    assert (
        Cell.objects.filter(version__number=number).count()
        == Cell.objects.filter(version__number=1).count()
    )
    assert MatrixVersion.objects.get(number=number).based_on.number == 1


@pytest.mark.parametrize("seat", ["ceo", "cdo", "crm", "dpo", "brand", "ops"])
def test_every_other_seat_is_refused_by_the_row(company: Company, seat: str) -> None:
    with pytest.raises(Refused) as refused:
        act(StartDraft(copy_of=1), by=company.actor(seat), at=NOON)

    assert refused.value.row is not None
    assert refused.value.row.activity.key == AMEND
    assert states() == {1: "in_force"}


def test_an_edit_sets_and_clears_cells(company: Company) -> None:
    number = a_draft(company)

    change(company, number, EXPORT, cio="C", ceo="")

    assert holds(company, number, EXPORT, "cio") == "C"
    assert holds(company, number, EXPORT, "ceo") == ""
    assert holds(company, 1, EXPORT, "ceo") == "I"  # the law has not moved


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"letters": "X"}, "is not a letter"),
        ({"letters": "RA"}, "is not a letter"),
        ({"letters": "a"}, "is not a letter"),
        ({"letters": "<b>A</b>"}, "is not a letter"),
        ({"seat_id": 999_999}, "seats does not exist"),
        ({"activity": "nothing.such"}, "no activity"),
        ({"scope": "nowhere"}, "no initiative"),
    ],
)
def test_what_does_not_exist_is_not_written(
    company: Company, edit: dict[str, object], said: str
) -> None:
    number = a_draft(company)
    cell = {"scope": "", "activity": EXPORT, "seat_id": company.seats["cio"], "letters": "R"}
    whole = (
        CellEdit("", EXPORT, company.seats["cmo"], "C"),
        CellEdit(**{**cell, **edit}),  # type: ignore[arg-type]
    )

    with pytest.raises(Invalid) as invalid, translation.override("en"):
        act(EditDraft(number, whole), by=company.actor("cmo"), at=NOON)

    assert said in str(invalid.value)
    assert holds(company, number, EXPORT, "cmo") == ""  # nothing half-done


def test_a_retired_row_may_be_cleared_and_not_filled(company: Company) -> None:
    number = a_draft(company)
    seat = company.seats["cio"]

    act(EditDraft(number, (CellEdit("", "gone", seat, ""),)), by=company.actor("cmo"), at=NOON)
    with pytest.raises(Invalid):
        act(EditDraft(number, (CellEdit("", "gone", seat, "R"),)), by=company.actor("cmo"), at=NOON)


def test_an_edit_of_a_cell_that_somebody_has_just_changed_is_not_made(company: Company) -> None:
    number = a_draft(company)
    change(company, number, EXPORT, by="cio", cio="R", was="")

    with pytest.raises(Invalid):
        change(company, number, EXPORT, by="cmo", cio="C", was="")

    assert holds(company, number, EXPORT, "cio") == "R"


@pytest.mark.django_db(transaction=True)
def test_at_the_same_instant_one_edit_is_made_and_the_other_told(company: Company) -> None:
    number = a_draft(company)
    together = Barrier(2)

    def set_it(seat: str, letters: str) -> str:
        try:
            together.wait()
            change(company, number, EXPORT, by=seat, cio=letters, was="")
        except Invalid:
            return ""
        finally:
            connection.close()
        return letters

    with ThreadPoolExecutor(2) as people:
        made = set(people.map(set_it, ("cmo", "cio"), ("R", "C")))

    assert "" in made
    assert made == {"", holds(company, number, EXPORT, "cio")}
    assert audited().count("mandate.EditDraft") == 1


def test_asking_for_what_somebody_has_just_set_is_no_conflict(company: Company) -> None:
    number = a_draft(company)
    change(company, number, EXPORT, by="cio", cio="R", was="")

    change(company, number, EXPORT, by="cmo", cio="R", was="")

    assert holds(company, number, EXPORT, "cio") == "R"


def test_one_conflict_stops_the_whole_edit(company: Company) -> None:
    number = a_draft(company)
    change(company, number, EXPORT, by="cio", cio="R")

    with pytest.raises(Invalid):
        change(company, number, EXPORT, by="cmo", cio="C", cdo="I", was="")

    assert holds(company, number, EXPORT, "cdo") == ""


@pytest.mark.parametrize("state", ["abandoned", "in force", "missing"])
def test_only_a_draft_is_edited(company: Company, state: str) -> None:
    number = a_draft(company)
    if state == "abandoned":
        act(AbandonDraft(number), by=company.actor("cmo"), at=NOON)
    elif state == "in force":
        act(EnterIntoForce(number), by=SETUP, at=NOON)
    else:
        number = 99

    with pytest.raises(Invalid):
        change(company, number, EXPORT, cio="R")


def test_changes_and_versions_are_bounded(company: Company) -> None:
    number = a_draft(company)
    edit = CellEdit("", EXPORT, company.seats["cio"], "R")

    with pytest.raises(Invalid):
        act(EditDraft(number, (edit,) * (MAX_EDITS + 1)), by=company.actor("cmo"), at=NOON)
    with pytest.raises(Invalid):
        act(ReplaceDraft(number, (edit,) * (MAX_CELLS + 1)), by=company.actor("cmo"), at=NOON)
    for _another in range(MAX_DRAFTS - 1):
        a_draft(company)
    with pytest.raises(Invalid):
        a_draft(company)


def test_an_abandoned_draft_stays_to_be_read(company: Company) -> None:
    number = a_draft(company)

    act(AbandonDraft(number), by=company.actor("cio"), at=NOON)

    assert states()[number] == "abandoned"
    assert holds(company, number, EXPORT, "dpo") == "AR"


def test_a_draft_under_decision_is_not_abandoned(company: Company) -> None:
    number = a_draft(company)
    propose(company, number)

    with pytest.raises(Invalid):
        act(AbandonDraft(number), by=company.actor("cio"), at=NOON)

    assert states()[number] == "draft"


def test_an_empty_draft_begins_without_cells(company: Company) -> None:
    number = a_draft(company, copy_of=None)

    assert not Cell.objects.filter(version__number=number).exists()


# Into force


def test_both_departments_say_yes_before_a_version_rules(company: Company) -> None:
    number = a_draft(company)
    change(company, number, EXPORT, cdo="C")

    decision = propose(company, number, by="cmo")
    assert states() == {1: "in_force", number: "draft"}
    deciding.approve(decision_id=decision, by=company.actor("cio"), at=NOON)

    assert states() == {1: "superseded", number: "in_force"}
    law = current_law()
    assert law.matrix_number == number
    assert law.row(EXPORT) == {
        company.seats["dpo"]: "AR",
        company.seats["ceo"]: "I",
        company.seats["cdo"]: "C",
    }
    assert Decision.objects.get(pk=decision).state == Decision.State.PERFORMED
    assert Notice.objects.filter(seat_id=company.seats["ceo"]).exists()  # told: it has an I


def test_it_takes_the_accountable_seat_when_it_asks_also(company: Company) -> None:
    """IT proposes, marketing is accountable: its yes is the one that is missing."""
    number = a_draft(company, by="cio")

    decision = propose(company, number, by="cio")
    deciding.approve(decision_id=decision, by=company.actor("cmo"), at=NOON)

    assert states()[number] == "in_force"


def test_nobody_brings_it_into_force_alone(company: Company) -> None:
    number = a_draft(company)
    decision = propose(company, number, by="cmo")

    with pytest.raises(Refused) as refused:
        deciding.approve(decision_id=decision, by=company.actor("cmo"), at=NOON)

    assert refused.value.reason is Reason.OWN_REQUEST
    assert states()[number] == "draft"


@pytest.mark.parametrize("seat", ["ceo", "cdo", "dpo", "brand", "ops", "crm"])
def test_no_other_seat_decides(company: Company, seat: str) -> None:
    number = a_draft(company)
    decision = propose(company, number)

    with pytest.raises(Refused):
        deciding.approve(decision_id=decision, by=company.actor(seat), at=NOON)

    assert states()[number] == "draft"


def test_errors_keep_it_from_being_proposed(company: Company) -> None:
    number = a_draft(company)
    change(company, number, EXPORT, cio="A")

    with pytest.raises(Invalid):
        propose(company, number)

    assert not Decision.objects.exists()


def test_what_went_wrong_meanwhile_keeps_it_from_entering(company: Company) -> None:
    number = a_draft(company)
    decision = propose(company, number)
    vacate(company, "dpo")  # accountable for the export: nobody could decide it any more

    deciding.approve(decision_id=decision, by=company.actor("cio"), at=NOON)

    assert states() == {1: "in_force", number: "draft"}
    assert Decision.objects.get(pk=decision).state == Decision.State.IMPOSSIBLE


def test_editing_voids_what_was_approved(company: Company) -> None:
    set_letters(company, AMEND, "brand", "R")
    number = a_draft(company)
    decision = propose(company, number)
    deciding.approve(decision_id=decision, by=company.actor("brand"), at=NOON)
    assert needs(decision) == (Need.IT,)

    change(company, number, EXPORT, cdo="C")

    assert Decision.objects.get(pk=decision).round == 2
    assert needs(decision) == (Need.SECOND_PERSON, Need.IT)  # the brand manager's yes is void
    told = Notice.objects.filter(kind=Notice.Kind.REOPENED).values_list("seat_id", flat=True)
    assert list(told) == [company.seats["brand"]]
    deciding.approve(decision_id=decision, by=company.actor("cio"), at=NOON)
    assert holds(company, number, EXPORT, "cdo") == "C"
    assert states()[number] == "in_force"


def needs(decision: int) -> tuple[Need, ...]:
    found = Decision.objects.get(pk=decision)
    return standing_of(found, law=current_law(), at=NOON).needs


def test_another_version_entering_reopens_what_was_proposed(company: Company) -> None:
    first, second = a_draft(company), a_draft(company, by="cio")
    change(company, first, EXPORT, cdo="C")
    waiting = propose(company, first)
    decided = propose(company, second, by="cio")

    deciding.approve(decision_id=decided, by=company.actor("cmo"), at=NOON)

    assert states() == {1: "superseded", first: "draft", second: "in_force"}
    assert Decision.objects.get(pk=waiting).round == 2


def test_exactly_one_version_rules_whatever_the_order(company: Company) -> None:
    for _round in range(3):
        number = a_draft(company)
        decision = propose(company, number)
        deciding.approve(decision_id=decision, by=company.actor("cio"), at=NOON)

        assert list(states().values()).count("in_force") == 1
        assert states()[number] == "in_force"


def test_a_changed_letter_rules_the_very_next_act(company: Company) -> None:
    number = a_draft(company)
    change(company, number, AMEND, cdo="R", cio="C", ops="R")
    with pytest.raises(Refused):
        a_draft(company, by="cdo")

    decision = propose(company, number)
    deciding.approve(decision_id=decision, by=company.actor("cio"), at=NOON)

    assert a_draft(company, by="cdo")
    with pytest.raises(Refused):
        a_draft(company, by="cio")


def test_every_step_is_in_the_audit(company: Company) -> None:
    number = a_draft(company)
    change(company, number, DEFINE, dpo="I")
    decision = propose(company, number)
    deciding.approve(decision_id=decision, by=company.actor("cio"), at=NOON + timedelta(hours=1))

    assert audited() == ["mandate.StartDraft", "mandate.EditDraft", "mandate.EnterIntoForce"]
    assert audited("requested") == ["mandate.EnterIntoForce"]


def test_an_initiative_overrides_the_company_for_itself_alone(company: Company) -> None:
    act(DefineScope("Noël 2026", "Christmas 2026"), by=company.actor("cmo"), at=NOON)
    number = a_draft(company)
    change(company, number, EXPORT, scope="christmas-2026", cmo="A", cio="R")
    decision = propose(company, number)
    deciding.approve(decision_id=decision, by=company.actor("cio"), at=NOON)

    law = current_law()
    assert law.row(EXPORT, "christmas-2026") == {
        company.seats["cmo"]: "A",
        company.seats["cio"]: "R",
    }
    assert company.seats["cmo"] not in (law.row(EXPORT) or {})
    assert law.row(DEFINE, "christmas-2026") == law.row(DEFINE)


def test_an_initiative_has_one_name(company: Company) -> None:
    outcome = act(DefineScope("Noël 2026", ""), by=company.actor("cio"), at=NOON)
    assert isinstance(outcome, Performed)
    assert outcome.result == "noel-2026"

    with pytest.raises(Invalid):
        act(DefineScope("Noël 2026", ""), by=company.actor("cio"), at=NOON)
