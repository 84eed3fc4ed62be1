"""The five starting points: right as delivered, for any company that has its two heads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.core.bilingual import Bilingual
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.activities import MATRIX_AMEND
from pupitre.rules.mandate.contracts import (
    JOINT_KINDS,
    Activity,
    Domain,
    FunctionKind,
    Span,
    enforced_activities,
)
from pupitre.rules.mandate.findings import Finding, FindingCode, errors, find, warnings
from pupitre.rules.mandate.law import Incumbency, Law, MemberFacts, SeatFacts
from pupitre.rules.mandate.starting_points import (
    CATALOGUE,
    REQUIRED_ROLES,
    STARTING_POINTS,
    Role,
    StartingPoint,
    map_roles,
    missing_roles,
    player,
    rows_for,
    starting_point,
)
from pupitre.rules.mandate.starting_points.roles import STAND_INS
from pupitre.rules.mandate.tests.small_law import DAY

OWN = ("matrix.amend", "organisation.change", "seat.appoint", "member.admit", "activity.define")
SOURCES = (
    "source.open",
    "source.change",
    "source.key",
    "plan.agree",
    "quarantine.replay",
    "import.run",
)
CUSTOMERS = (
    "person.read",
    "person.contacts",
    "person.address",
    "person.particulars",
    "person.amounts",
    "person.words",
    "consent.record",
    "consent.link",
    "trait.rule",
    "trait.correct",
    "person.merge",
    "right.handle",
    "right.decide",
    "right.erase",
    "retention.set",
    "match.run",
    "match.decide",
)
OWN_ENFORCED = tuple(
    enforced_activities[key] for key in (*OWN, "audit.export", *SOURCES, *CUSTOMERS)
)
ALL = (*OWN_ENFORCED, *CATALOGUE)

# Who leads carries much: that alone may be remarked once activities are added.
LOADS = {FindingCode.TOO_MANY_ACCOUNTABLE, FindingCode.TOO_MANY_RESPONSIBLE}

points = pytest.mark.parametrize("point", STARTING_POINTS, ids=lambda point: point.key)


def seat(
    number: int,
    key: str,
    kind: FunctionKind,
    *,
    superior: int | None,
    heads: bool = True,
    there: bool = True,
) -> SeatFacts:
    return SeatFacts(
        id=number,
        key=key,
        name=Bilingual(key, key),
        function_id=list(FunctionKind).index(kind),
        function=Bilingual(kind.value, kind.value),
        kind=kind,
        heads=heads,
        superior_id=superior,
        holders=(Incumbency(number, Span(DAY)),) if there else (),
    )


def law_of(*seats: SeatFacts, activities: tuple[Activity, ...] = ALL) -> Law:
    return Law(
        epoch=1,
        matrix_id=None,
        matrix_number=None,
        seats={s.id: s for s in seats},
        members={s.id: MemberFacts(s.id, f"Member {s.id}") for s in seats},
        activities={a.key: a for a in activities},
        rows={},
    )


def a_whole_company() -> Law:
    """Fifteen seats: every role has a seat of its own, and there is a brand manager."""
    kinds = FunctionKind
    return law_of(
        seat(1, "ceo", kinds.COMMITTEE, superior=None),
        seat(2, "cmo", kinds.MARKETING, superior=1),
        seat(3, "cio", kinds.IT, superior=1),
        seat(4, "cdo", kinds.DIGITAL, superior=1),
        seat(5, "comms", kinds.COMMUNICATION, superior=1),
        seat(6, "relations", kinds.RELATIONS, superior=2),
        seat(7, "commerce", kinds.COMMERCE, superior=4),
        seat(8, "dpo", kinds.DATA, superior=9),
        seat(9, "legal", kinds.LEGAL, superior=1),
        seat(10, "hr", kinds.HR, superior=1),
        seat(11, "cfo", kinds.FINANCE, superior=1),
        seat(12, "steward", kinds.DATA, superior=3, heads=False),
        seat(13, "campaigns", kinds.MARKETING, superior=2, heads=False),
        seat(14, "exploitation", kinds.IT, superior=3, heads=False),
    )


def outcome(point: StartingPoint, law: Law) -> tuple[Finding, ...]:
    rows = rows_for(point, map_roles(law, DAY), law.activities.values())
    enforced = [a.key for a in law.activities.values() if a.enforced]
    return find(law, day=DAY, rows=rows, enforced=enforced)


class TestDelivered:
    def test_there_are_five_and_each_has_its_key(self):
        keys = [point.key for point in STARTING_POINTS]
        assert keys == ["duopoly", "marketing-led", "it-led", "digital-led", "committee-led"]
        assert [starting_point(key) for key in keys] == list(STARTING_POINTS)
        assert starting_point("anarchy") is None

    @points
    def test_every_activity_known_today_has_a_row_of_its_own(self, point):
        assert set(point.rows) == {activity.key for activity in ALL}
        assert set(point.by_domain) == set(Domain)

    @points
    def test_in_a_whole_company_there_is_nothing_to_report(self, point):
        assert [(f.code, f.activity, f.seats) for f in outcome(point, a_whole_company())] == []

    @points
    def test_both_heads_may_ask_for_another_matrix(self, point):
        row = rows_for(point, map_roles(a_whole_company(), DAY), ALL)["", MATRIX_AMEND.key]
        assert {row[2], row[3]} <= {"A", "R", "AR"}

    @points
    def test_a_role_is_named_once_in_a_row_unless_it_approves_and_acts(self, point):
        for pattern in (*point.rows.values(), *point.by_domain.values()):
            others = (*pattern.responsible, *pattern.consulted, *pattern.informed)
            assert len(set(others)) == len(others)
            assert pattern.accountable not in (*pattern.consulted, *pattern.informed)

    @points
    def test_every_role_has_a_part(self, point):
        named = {role for row in point.rows.values() for role, _letter in row.letters()}
        assert named == set(Role)

    @points
    def test_both_languages_say_when_it_suits_and_what_it_risks(self, point):
        for text in (point.name, point.suits, point.risk):
            assert text.fr
            assert text.en
            assert text.fr != text.en

    def test_they_differ(self):
        law = a_whole_company()
        rows = [
            frozenset(
                (place, tuple(sorted(row.items())))
                for place, row in rows_for(point, map_roles(law, DAY), ALL).items()
            )
            for point in STARTING_POINTS
        ]
        for one in rows:
            for other in rows:
                assert one is other or len(one - other) >= 8  # rows of 28

    @points
    def test_the_one_who_leads_is_accountable_most_often(self, point):
        leads = {
            "marketing-led": {2},
            "it-led": {3},
            "digital-led": {4},
            "committee-led": {1},
            "duopoly": {2, 3},
        }[point.key]
        rows = rows_for(point, map_roles(a_whole_company(), DAY), ALL)
        counts = {
            seat: sum("A" in row.get(seat, "") for row in rows.values()) for seat in range(1, 15)
        }
        ranked = sorted(counts, key=lambda seat: -counts[seat])
        assert set(ranked[: len(leads)]) == leads


class TestFallback:
    """Later rooms declare activities of their own; a starting point must stay right."""

    @points
    @pytest.mark.parametrize("joint", [True, False])
    @pytest.mark.parametrize("four_eyes", [True, False])
    @pytest.mark.parametrize("domain", list(Domain))
    def test_an_activity_that_nobody_foresaw(self, point, domain, joint, four_eyes):
        new = Activity(
            "moon.launch",
            Bilingual("Lancer", "Launch"),
            domain,
            joint=joint,
            four_eyes=four_eyes,
            enforced=True,
        )
        law = replace(a_whole_company(), activities={a.key: a for a in (*ALL, new)})
        assert {f.code for f in outcome(point, law)} <= LOADS
        two = law_of(
            seat(1, "cmo", FunctionKind.MARKETING, superior=None),
            seat(2, "cio", FunctionKind.IT, superior=None),
            activities=(*ALL, new),
        )
        assert not errors(outcome(point, two))
        codes = {f.code for f in outcome(point, two)}
        assert FindingCode.CANNOT_BE_DECIDED not in codes

    @points
    def test_forty_of_them_bring_few_warnings(self, point):
        new = tuple(
            Activity(
                f"room{n}.act",
                Bilingual(f"Acte {n}", f"Act {n}"),
                list(Domain)[n % 5],
                joint=n % 3 == 0,
                four_eyes=n % 7 == 0,
                enforced=True,
            )
            for n in range(40)
        )
        law = replace(a_whole_company(), activities={a.key: a for a in (*ALL, *new)})
        findings = outcome(point, law)
        assert not errors(findings)
        assert {f.code for f in warnings(findings)} <= LOADS
        assert len(findings) <= 4


class TestRoles:
    def test_every_role_of_a_whole_company_has_its_seat(self):
        roles = map_roles(a_whole_company(), DAY)
        assert set(roles) == set(Role)
        assert roles[Role.COMMITTEE] == 1
        assert roles[Role.DPO] == 8
        assert roles[Role.STEWARD] == 12
        assert roles[Role.CAMPAIGNS] == 13
        assert roles[Role.OPERATIONS] == 14
        assert len(set(roles.values())) == len(Role)

    def test_an_empty_chair_gives_way_to_somebody_who_is_there(self):
        law = law_of(
            seat(1, "cmo", FunctionKind.MARKETING, superior=None, there=False),
            seat(2, "brand", FunctionKind.MARKETING, superior=1, heads=False),
            seat(3, "cio", FunctionKind.IT, superior=None),
        )
        assert map_roles(law, DAY)[Role.MARKETING] == 2

    def test_the_highest_head_speaks_where_a_function_has_several(self):
        law = law_of(
            seat(1, "cmo-spain", FunctionKind.MARKETING, superior=3),
            seat(2, "cio", FunctionKind.IT, superior=None),
            seat(3, "cmo-group", FunctionKind.MARKETING, superior=None),
        )
        assert map_roles(law, DAY)[Role.MARKETING] == 3

    def test_a_specialist_is_known_by_name_before_place(self):
        law = law_of(
            seat(1, "cmo", FunctionKind.MARKETING, superior=None),
            seat(2, "cio", FunctionKind.IT, superior=None),
            seat(3, "developer", FunctionKind.IT, superior=2, heads=False),
            seat(4, "it-operations", FunctionKind.IT, superior=2, heads=False),
            seat(5, "data-steward", FunctionKind.DIGITAL, superior=2, heads=False),
        )
        roles = map_roles(law, DAY)
        assert (roles[Role.OPERATIONS], roles[Role.STEWARD]) == (4, 5)
        assert roles[Role.CAMPAIGNS] is None

    def test_every_stand_in_leads_to_a_required_role(self):
        heads = {Role.MARKETING: 1, Role.IT: 2}
        for role in Role:
            assert player(role, heads) in (1, 2)
        assert set(STAND_INS) == set(Role)

    @pytest.mark.parametrize("missing", REQUIRED_ROLES)
    def test_without_one_of_the_two_heads_there_is_no_starting_point(self, missing):
        roles = {**map_roles(a_whole_company(), DAY), missing: None}
        assert missing_roles(roles) == (missing,)
        with translation.override("en"), pytest.raises(Invalid, match="which heads IT"):
            rows_for(STARTING_POINTS[0], roles, ALL)


kinds = st.sampled_from([kind for kind in FunctionKind if kind not in JOINT_KINDS])


@st.composite
def companies(draw: st.DrawFn) -> Law:
    """Two occupied heads, and whatever else: heads or not, occupied or not, any line."""
    seats = [
        seat(1, "cmo", FunctionKind.MARKETING, superior=draw(st.sampled_from([None, 2, 3]))),
        seat(2, "cio", FunctionKind.IT, superior=draw(st.sampled_from([None, 3]))),
    ]
    for number in range(3, 3 + draw(st.integers(0, 14))):
        seats.append(
            seat(
                number,
                draw(st.sampled_from(["chief", "ops", "campaign", "steward", "x"])) + str(number),
                draw(st.one_of(kinds, st.sampled_from(JOINT_KINDS))),
                superior=draw(st.integers(1, number - 1) | st.none()),
                heads=draw(st.booleans()),
                there=draw(st.booleans()),
            )
        )
    return law_of(*seats)


@settings(max_examples=200, deadline=None)
@given(law=companies(), point=st.sampled_from(STARTING_POINTS))
def test_valid_as_delivered_on_any_company_with_its_two_heads(law, point):
    findings = outcome(point, law)
    assert errors(findings) == ()
    assert FindingCode.CANNOT_BE_DECIDED not in {f.code for f in findings}
    assert FindingCode.ACTIVITY_WITHOUT_ROW not in {f.code for f in findings}


def test_the_catalogue_is_bilingual_and_covers_every_domain():
    assert 20 <= len(CATALOGUE) <= 25
    assert {activity.domain for activity in CATALOGUE} == set(Domain)
    keys = [activity.key for activity in CATALOGUE]
    assert len(set(keys)) == len(keys)
    for activity in CATALOGUE:
        assert not activity.enforced
        assert "." not in activity.key  # a dot belongs to what the software enforces
        assert activity.name.fr
        assert activity.name.en
        assert max(len(activity.name.fr), len(activity.name.en)) <= 120
