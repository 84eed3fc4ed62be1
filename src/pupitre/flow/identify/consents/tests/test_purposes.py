"""What customers are asked is agreed between marketing and IT, and each wording stays as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pupitre.core.errors import Invalid
from pupitre.flow.identify.consents.demo import ASKED
from pupitre.flow.identify.consents.purposes import (
    SetPurpose,
    all_purposes,
    purpose_of,
    wording_of,
)
from pupitre.flow.identify.consents.reading import agreed, standing
from pupitre.flow.identify.consents.tests.kit import NOW, a_person, alice, line, note
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Said
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Refused, Waiting
from pupitre.rules.mandate.models import Decision
from pupitre.rules.mandate.services import approve, opine
from pupitre.rules.mandate.testing import NOON, Company, a_company

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("heard_shop")]
NEW = SetPurpose(
    purpose_key="marketing",
    new=True,
    name_fr="Offres",
    name_en="Offers",
    about_fr="Vous proposer des offres.",
    about_en="",
    channels=("sms", "email"),
    wording_fr="J’accepte les offres.",
    wording_en="I accept offers.",
)
ROWS = {"consent.purposes": {"cio": "A", "cmo": "R", "dpo": "C", "crm": "I"}}


@pytest.fixture
def company() -> Company:
    return a_company(rows=ROWS)


def agree(company: Company, action: SetPurpose) -> None:
    waiting = act(action, by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    decision = waiting.decision_id
    opine(decision_id=decision, verdict="for", by=company.actor("dpo"), at=NOON)
    approve(decision_id=decision, by=company.actor("cio"), at=NOON)


def test_marketing_asks_the_dpo_is_heard_and_it_assures(company: Company) -> None:
    waiting = act(NEW, by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    assert all_purposes() == ()
    with pytest.raises(Refused):  # before the DPO has been heard
        approve(decision_id=waiting.decision_id, by=company.actor("cio"), at=NOON)
    opine(decision_id=waiting.decision_id, verdict="for", by=company.actor("dpo"), at=NOON)
    approve(decision_id=waiting.decision_id, by=company.actor("cio"), at=NOON)
    (row,) = all_purposes()
    assert (row.key, row.channels, row.version, row.wording.en) == (
        "marketing", ("email", "sms"), 1, "I accept offers.",
    )  # fmt: skip
    assert row.about.in_language("en") == "Vous proposer des offres."


def test_whoever_has_no_letter_asks_for_nothing(company: Company) -> None:
    with pytest.raises(Refused):
        act(NEW, by=company.actor("brand"), at=NOON)


def test_another_sentence_is_another_version_and_the_first_stays(company: Company) -> None:
    agree(company, NEW)
    agree(company, replace(NEW, new=False, name_fr="Offres et nouvelles"))
    assert purpose_of("marketing").version == 1  # type: ignore[union-attr]
    agree(company, replace(NEW, new=False, wording_fr="J’accepte tout."))
    row = purpose_of("marketing")
    assert row is not None
    assert (row.version, row.wording.fr) == (2, "J’accepte tout.")
    first = wording_of("marketing", 1)
    assert first is not None
    assert first.fr == "J’accepte les offres."
    assert wording_of("marketing", 3) is None


def given(person: int, version: str, at_us: int = NOW) -> None:
    told = line(person, Said.GIVEN, at_us, message_id=f"m{version}{at_us}")
    note(replace(told, proof=replace(told.proof, version=version)))


@pytest.mark.parametrize("still", [False, True])
def test_who_agreed_to_one_sentence_agrees_to_another_only_if_that_was_decided(
    company: Company, still: bool
) -> None:
    agree(company, NEW)
    (alice_number, *_) = alice()
    (bob,) = a_person((Kind.EMAIL, "bob@boite.example"))
    (carl,) = a_person((Kind.EMAIL, "carl@boite.example"))
    (dora,) = a_person((Kind.EMAIL, "dora@boite.example"))
    given(alice_number, "1", NOW + 5)  # by a form that still shows the first
    given(carl, "", NOW - 5)  # names none: what was shown then
    given(dora, "2", NOW - 5)  # a number of the source's own: ours of that number was not shown yet
    other = replace(NEW, new=False, wording_fr="Vos données vont à nos partenaires.")
    agree(company, replace(other, earlier_count=still))
    given(bob, "2")

    def who() -> list[int]:
        return agreed(purpose="marketing", channel="email", at=NOON).tolist()

    def said(person: int) -> Said | None:
        found = {(s.purpose, s.channel): s for s in standing(person, at=NOON)}
        one = found["marketing", "email"]
        assert one.agreed == (one.said is Said.GIVEN)
        return one.said

    assert who() == ([alice_number, bob, carl, dora] if still else [bob])
    assert said(bob) is Said.GIVEN
    for earlier in (alice_number, carl, dora):
        assert said(earlier) is (Said.GIVEN if still else None)
    given(carl, "", NOW + 5)  # said after the sentence changed
    assert carl in who()
    note(line(alice_number, Said.WITHDRAWN, NOW + 1))
    assert said(alice_number) is (Said.GIVEN if still else Said.WITHDRAWN)
    agree(company, replace(other, name_fr="Un autre nom"))  # the sentence stays: nothing is void
    assert bob in who()


def test_a_purpose_that_is_retired_is_used_no_more_and_may_come_back(company: Company) -> None:
    (person, *_) = alice()
    note(line(person, Said.GIVEN))
    agree(company, NEW)

    def who() -> list[int]:
        return agreed(purpose="marketing", channel="email", at=NOON).tolist()

    assert who() == [person]
    agree(company, replace(NEW, new=False, retired=True))
    assert who() == []
    agree(company, replace(NEW, new=False))
    assert who() == [person]
    agree(company, replace(NEW, new=False, channels=("sms",)))
    assert who() == []


def test_an_approval_is_void_once_what_it_changes_has_changed(company: Company) -> None:
    agree(company, NEW)
    change = replace(NEW, new=False, wording_fr="J’accepte tout.")
    waiting = act(change, by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    before = Decision.objects.get(pk=waiting.decision_id).material
    agree(company, replace(NEW, new=False, channels=("email",)))
    assert Decision.objects.get(pk=waiting.decision_id).material != before


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose_key": "Marketing!"},
        {"purpose_key": "*"},
        {"name_fr": " "},
        {"about_fr": ""},
        {"wording_fr": "x" * 2_001},
        {"wording_en": "x" * 2_001},
        {"channels": ()},
        {"channels": ("email", "pigeon")},
        {"new": False},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_not_asked(company: Company, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        act(replace(NEW, **wrong), by=company.actor("cmo"), at=NOON)  # type: ignore[arg-type]


def test_a_key_is_taken_once(company: Company) -> None:
    agree(company, NEW)
    with pytest.raises(Invalid, match=r"already|déjà"):
        act(NEW, by=company.actor("cmo"), at=NOON)


def test_the_demonstration_asks_what_the_simulated_company_says(company: Company) -> None:
    for _days, action, _advice in ASKED:
        action.check(at=NOON)
        agree(company, action)
    pairs = {(row.key, channel) for row in all_purposes() for channel in row.channels}
    assert pairs == {
        ("marketing", "email"), ("marketing", "sms"),
        ("measurement", "web"), ("personalisation", "web"),
    }  # fmt: skip
