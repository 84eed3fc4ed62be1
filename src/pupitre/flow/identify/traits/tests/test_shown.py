"""Which value is shown: against a plain reading of the rules, in any order of arrival."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.core.errors import Invalid
from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.models import Identifier, Trait, TraitChoice, TraitRule, TraitTally
from pupitre.flow.identify.traits import counting, reading
from pupitre.flow.identify.traits.actions import CorrectTrait, SetTraitRule
from pupitre.flow.identify.traits.choosing import DESK
from pupitre.flow.identify.traits.names import CANONICAL, canonical, parts
from pupitre.flow.identify.traits.reading import Row, Rule, decide
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed, Refused, Waiting
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.testing import NOON, Company, a_company

NOW = since_1970(NOON)
SOURCES = ("app", "tills", "web-shop", DESK)


def oracle(rows: Sequence[Row], rule: Rule) -> tuple[str, bool]:
    """The rules of ``choosing``, word by word: one person's one trait."""
    desk = [row for row in rows if row[4] == DESK]
    if desk:
        since = max(row[6] for row in desk)
        newer = [row for row in rows if row[4] != DESK and row[5] > since]
        if not newer:
            return min(row[3] for row in desk if row[6] == since), True
        rows = newer
    voices = {row[3]: len({(r[1], r[4]) for r in rows if r[3] == row[3]}) for row in rows}
    first = {
        TraitChoice.LATEST: lambda row: 0,
        TraitChoice.SOURCE: lambda row: rule.rank(row[4]),
        TraitChoice.FREQUENT: lambda row: -voices[row[3]],
    }[rule.choice]
    return min(rows, key=lambda row: (first(row), -row[6], row[3], row[4]))[3], False


@st.composite
def said(draw: st.DrawFn) -> list[Row]:
    made = draw(
        st.lists(
            st.tuples(
                st.sampled_from((1, 2)),  # person
                st.sampled_from((10, 11, 12)),
                st.sampled_from(("firstName", "first_name", "plan")),
                st.sampled_from(("Ana", "Anne", "anne", "")),
                st.sampled_from(SOURCES),
                st.integers(0, 5),
                st.integers(0, 5),
            ),
            max_size=14,
        )
    )
    return [(*row[:5], min(row[5:]), max(row[5:])) for row in made]


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    choice = draw(st.sampled_from(list(TraitChoice)))
    return Rule(choice, tuple(draw(st.permutations(SOURCES[:3]))[: draw(st.integers(0, 3))]))


@settings(max_examples=400)
@given(said(), rules(), st.randoms(use_true_random=False))
def test_the_rules_are_followed_in_any_order(rows, rule, chance) -> None:
    known = {"given_name": rule, "plan": rule}
    shuffled = chance.sample(rows, len(rows))
    found = {}
    for some in (rows, shuffled):
        decided = decide(some, known)
        shown = {
            (int(person), trait): (decided.row[row][3], bool(corrected))
            for person, trait, row, corrected in zip(
                decided.person,
                decided.trait,
                decided.chosen.row,
                decided.chosen.corrected,
                strict=True,
            )
        }
        found[id(some)] = shown
    groups: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row[0], canonical(row[2])), []).append(row)
    assert found[id(rows)] == {key: oracle(group, rule) for key, group in groups.items()}
    assert found[id(rows)] == found[id(shuffled)]


class TestNames:
    @pytest.mark.parametrize(
        ("name", "known"),
        [
            ("firstName", "given_name"),
            ("first_name", "given_name"),
            ("Prénom", "given_name"),
            ("NOM", "surname"),
            ("Code Postal", "postcode"),
            ("plan", "plan"),
        ],
    )
    def test_one_name_for_each(self, name: str, known: str) -> None:
        assert canonical(name) == known
        assert canonical(known) == known

    def test_no_name_leads_to_two_traits(self) -> None:
        for one in CANONICAL:
            assert {canonical(name) for name in (one.key, *one.synonyms)} == {one.key}

    def test_an_address_is_opened(self) -> None:
        whole = {"city": "Reims", "postalCode": "51130", "country": "FR", "planet": "", "since": 3}
        assert dict(parts("address", json.dumps(whole))) == {
            "locality": "Reims",
            "postcode": "51130",
            "country": "FR",
            "address.since": "3",
        }
        assert list(parts("address", "{not json")) == [("address", "{not json")]
        assert list(parts("adresse", "3 rue des Lilas")) == [("street", "3 rue des Lilas")]
        assert list(parts("adresse.ville", "Reims")) == [("locality", "Reims")]
        assert list(parts("plan", '{"a": 1}')) == [("plan", '{"a": 1}')]


def person(value: str, *more: str) -> int:
    with guard.permitted():
        first = Identifier.objects.create(kind="user_id", value=value)
        first.person = first.pk
        first.save()
        for other in more:
            Identifier.objects.create(kind="email", value=other, person=first.pk)
    return first.pk


def tell(identifier: int, name: str, value: str, source: str, *, days_ago: float = 0) -> None:
    us = NOW - round(days_ago * 86_400_000_000)
    with guard.permitted():
        Trait.objects.create(
            identifier_id=identifier,
            name=name,
            value=value,
            source=source,
            first_us=us,
            last_us=us,
        )


@pytest.fixture
def company() -> Company:
    return a_company(
        rows={
            "trait.rule": {"cdo": "A", "cmo": "R", "dpo": "I"},
            "trait.correct": {"crm": "A", "ops": "R", "cmo": "C"},
        }
    )


@pytest.mark.django_db
class TestPeople:
    def test_all_that_was_said_is_kept_and_one_is_shown(self) -> None:
        anne = person("anne", "anne@example.com")
        email = Identifier.objects.get(kind="email").pk
        tell(anne, "firstName", "Anne", "web-shop", days_ago=3)
        tell(email, "prénom", "Ana", "tills", days_ago=1)
        tell(email, "address", '{"city": "Reims"}', "app", days_ago=1)
        first, town = reading.profile(anne)
        assert (first.trait, first.value, first.why) == ("given_name", "Ana", "latest")
        assert [one.value for one in first.others] == ["Anne"]
        assert first.others[0].voices[0].source == "web-shop"
        assert first.others[0].voices[0].last_at == NOON - timedelta(days=3)
        assert (town.trait, town.value, town.others) == ("locality", "Reims", ())

    def test_many_at_once_are_each_as_alone(self, monkeypatch) -> None:
        monkeypatch.setattr(reading, "PEOPLE_AT_ONCE", 3)
        monkeypatch.setattr(reading, "ASKED_AT_ONCE", 2)
        people = [person(f"u{n}") for n in range(8)]
        for n, one in enumerate(people):
            tell(one, "firstName", f"A{n % 3}", "app", days_ago=n)
            tell(one, "first_name", f"B{n % 2}", "tills", days_ago=3)
        alone = {(one, t.trait): t.value for one in people for t in reading.profile(one)}
        for tables in ([reading.profiles(people)], list(reading.everybody())):
            rows = [row for table in tables for row in table.to_pylist()]
            assert {(row["person"], row["trait"]): row["value"] for row in rows} == alone
            assert len(rows) == len(alone) == 8
            assert {row["values"] for row in rows} == {2}
        assert reading.profiles([]).num_rows == 0

    def test_the_rule_is_set_by_an_act(self, company: Company) -> None:
        anne = person("anne")
        tell(anne, "firstName", "Anne", "web-shop", days_ago=3)
        tell(anne, "firstName", "Ana", "tills", days_ago=1)
        action = SetTraitRule("given_name", "source", ("web-shop", "tills"))
        assert isinstance(act(action, by=company.actor("cmo"), at=NOON), Waiting)
        assert not TraitRule.objects.exists()
        for seat in ("dpo", "brand"):
            with pytest.raises(Refused):
                act(action, by=company.actor(seat), at=NOON)
        assert isinstance(act(action, by=company.actor("cdo"), at=NOON), Performed)
        (shown,) = reading.profile(anne)
        assert (shown.value, shown.why) == ("Anne", "source")

    @pytest.mark.parametrize(
        "action",
        [
            SetTraitRule("nothing like it", "latest"),
            SetTraitRule("firstName", "latest"),  # not its one name
            SetTraitRule("given_name", "loudest"),
            SetTraitRule("given_name", "source"),
            SetTraitRule("given_name", "source", ("a", "a")),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, company: Company, action) -> None:
        with pytest.raises(Invalid):
            act(action, by=company.actor("cdo"), at=NOON)

    def test_how_many_have_several_is_counted(self) -> None:
        for n in range(3):
            one = person(f"u{n}")
            tell(one, "firstName", "Anne", "web-shop")
            tell(one, "plan", "gold", "web-shop")
            if n:
                tell(one, "first_name", "Ana", "tills")
        counting.count(NOON)
        counting.count(NOON)
        tallies = {one.trait: (one.people, one.several) for one in TraitTally.objects.all()}
        assert tallies == {"given_name": (3, 2), "plan": (3, 0)}


@pytest.mark.django_db
class TestCorrecting:
    def test_it_stands_until_something_is_said_for_the_first_time(self, company: Company) -> None:
        anne = person("anne")
        tell(anne, "firstName", "Ane", "tills", days_ago=3)
        for seat in ("crm", "ops"):  # A and R alike: a right has a clock
            outcome = act(CorrectTrait(anne, "given_name", "Anne"), by=company.actor(seat), at=NOON)
            assert isinstance(outcome, Performed)
        with guard.permitted():  # the till says the same again, later
            Trait.objects.filter(source="tills").update(last_us=NOW + 5)
        (shown,) = reading.profile(anne)
        assert (shown.value, shown.why) == ("Anne", reading.CORRECTED)
        assert [one.value for one in shown.others] == ["Ane"]
        tell(anne, "firstName", "Anna", "web-shop", days_ago=-1)
        (shown,) = reading.profile(anne)
        assert (shown.value, shown.why) == ("Anna", "latest")

    def test_back_to_what_it_was_corrected_to_before(self, company: Company) -> None:
        anne = person("anne")
        for minutes, value in enumerate(("Anne", "Anna", "Anne", "")):
            act(
                CorrectTrait(anne, "given_name", value),
                by=company.actor("crm"),
                at=NOON + timedelta(minutes=minutes),
            )
            assert reading.profile(anne)[0].value == value

    def test_the_audit_does_not_keep_the_value(self, company: Company) -> None:
        anne = person("anne")
        act(CorrectTrait(anne, "given_name", "Zéphyrine"), by=company.actor("crm"), at=NOON)
        line = AuditLine.objects.get()
        assert "phyrine" not in line.detail + line.title_fr + line.title_en
        assert str(anne) in line.title_en

    def test_others_may_not(self, company: Company) -> None:
        anne = person("anne")
        for seat in ("cmo", "brand"):
            with pytest.raises(Refused):
                act(CorrectTrait(anne, "given_name", "X"), by=company.actor(seat), at=NOON)
        with pytest.raises(Invalid):
            act(CorrectTrait(anne + 1, "given_name", "X"), by=company.actor("crm"), at=NOON)
        assert not Trait.objects.exists()
