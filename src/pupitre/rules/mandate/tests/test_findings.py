"""The findings: each one alone on a healthy matrix, all of them against an oracle, and remedies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import (
    CELL_VALUES,
    JOINT_KINDS,
    Activity,
    Domain,
    FunctionKind,
    Span,
)
from pupitre.rules.mandate.findings import (
    Finding,
    FindingCode,
    apply_edits,
    errors,
    find,
    opening_sentence,
    warnings,
)
from pupitre.rules.mandate.findings import seats as seat_checks
from pupitre.rules.mandate.findings.words import WORDINGS
from pupitre.rules.mandate.law import Incumbency, Law
from pupitre.rules.mandate.tests import small_law
from pupitre.rules.mandate.tests.small_law import (
    ACTIVITIES,
    AMEND,
    BRAND,
    CDO,
    CEO,
    CIO,
    CMO,
    COMMS,
    CRISIS,
    CRM,
    DAY,
    DPO,
    ENFORCED,
    ERASE,
    HEALTHY,
    OPS,
    TOOLS,
    Rows,
    a_law,
    with_row,
    with_seat,
)

Code = FindingCode


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def found(rows: Rows = HEALTHY, *, law: Law | None = None) -> tuple[Finding, ...]:
    return find(law or a_law(), day=DAY, rows=rows, enforced=ENFORCED)


def only(rows: Rows = HEALTHY, *, law: Law | None = None) -> Finding:
    (finding,) = found(rows, law=law)
    return finding


def error(rows: Rows = HEALTHY, *, law: Law | None = None) -> Finding:
    (finding,) = errors(found(rows, law=law))
    return finding


def after(finding: Finding, rows: Rows, *, fix: int = 0) -> Rows:
    return apply_edits(rows, finding.fixes[fix].edits)


def test_a_healthy_matrix_has_no_findings():
    assert found() == ()
    assert find(a_law(), day=DAY, enforced=ENFORCED) == ()


class TestErrors:
    def test_two_seats_accountable(self):
        rows = with_row(HEALTHY, TOOLS.key, cio="A")
        finding = error(rows)
        assert (finding.code, finding.activity) == (Code.SEVERAL_ACCOUNTABLE, TOOLS.key)
        assert finding.cells == (("", TOOLS.key, CMO), ("", TOOLS.key, CIO))
        assert str(finding.title) == "Choose tools"
        assert str(finding.message) == "“Marketing director” and “CIO” approve side by side."
        assert str(finding.why) == "Who settles it when they disagree?"
        assert [str(fix.label) for fix in finding.fixes] == [
            "Keep only “Marketing director”",
            "Keep only “CIO”",
        ]
        assert after(finding, rows)["", TOOLS.key] == {**HEALTHY["", TOOLS.key], CIO: "C"}
        assert found(after(finding, rows, fix=1)) == ()

    def test_several_accountable_who_also_act_go_on_acting(self):
        rows = with_row(HEALTHY, CRISIS.key, crm="AR")
        fixed = after(error(rows), rows)
        assert fixed["", CRISIS.key] == HEALTHY["", CRISIS.key]

    def test_nobody_accountable(self):
        rows = with_row(HEALTHY, AMEND.key, cmo="C")
        finding = error(rows)
        assert (finding.code, finding.cells) == (Code.NO_ACCOUNTABLE, ())
        assert str(finding.fixes[0].label) == "Let “CIO” approve"
        assert after(finding, rows)["", AMEND.key][CIO] == "AR"

    def test_nobody_accountable_and_nobody_acting_asks_the_owner_of_the_domain(self):
        codes = {f.code: f for f in found(with_row(HEALTHY, CRISIS.key, comms="", crm=""))}
        assert codes.keys() == {Code.NO_ACCOUNTABLE, Code.NO_RESPONSIBLE}
        assert codes[Code.NO_ACCOUNTABLE].fixes[0].edits == (("", CRISIS.key, CMO, "A"),)

    def test_nobody_acts(self):
        rows = with_row(HEALTHY, ERASE.key, ops="C")
        finding = error(rows)
        assert finding.code is Code.NO_RESPONSIBLE
        assert after(finding, rows)["", ERASE.key][DPO] == "AR"

    def test_an_accountable_seat_that_acts_is_enough(self):
        assert not errors(found(with_row(HEALTHY, ERASE.key, dpo="AR", ops="")))

    @pytest.mark.parametrize("letters", CELL_VALUES)
    def test_any_letter_on_an_empty_chair(self, letters):
        law = with_seat(a_law(), BRAND, holders=())
        rows = {**HEALTHY, ("", CRISIS.key): {**HEALTHY["", CRISIS.key], BRAND: letters}}
        rows = with_row(rows, TOOLS.key, brand="")
        vacant = [f for f in found(rows, law=law) if f.code is Code.SEAT_VACANT]
        assert [f.cells for f in vacant] == [(("", CRISIS.key, BRAND),)]

    def test_an_empty_chair_is_one_finding_and_its_letters_move_to_the_next_in_line(self):
        law = with_seat(a_law(), CIO, holders=())
        finding = error(law=law)
        assert (finding.code, finding.seats) == (Code.SEAT_VACANT, (CIO,))
        assert finding.cells == (("", TOOLS.key, CIO), ("", AMEND.key, CIO))
        assert str(finding.title) == "CIO"
        assert "holds 2 letters: “Choose tools” and “Amend the matrix”." in str(finding.message)
        assert str(finding.fixes[0].label) == "Give them to “IT operations”"
        assert not errors(found(after(finding, HEALTHY), law=law))

    def test_letters_of_an_empty_chair_do_not_leave_a_department_that_must_speak(self):
        law = with_seat(with_seat(a_law(), CIO, holders=()), OPS, holders=())
        findings = [f for f in found(law=law) if f.seats == (CIO,)]
        assert [f.fixes for f in findings] == [()]

    def test_a_deputy_fills_an_empty_chair(self):
        deputy = (Incumbency(OPS, Span(DAY, DAY)),)
        law = with_seat(a_law(), CIO, holders=(), deputies=deputy)
        assert found(law=law) == ()
        assert Code.SEAT_VACANT in {
            f.code for f in find(law, day=date(2026, 11, 21), enforced=ENFORCED)
        }

    def test_a_suspended_member_leaves_the_chair_empty(self):
        law = a_law()
        members = {**law.members, CIO: replace(law.members[CIO], suspended=True)}
        assert error(law=replace(law, members=members)).code is Code.SEAT_VACANT

    def test_a_closed_seat(self):
        law = with_seat(a_law(), COMMS, closed_on=DAY)
        finding = error(law=law)
        assert (finding.code, finding.seats) == (Code.SEAT_CLOSED, (COMMS,))

    def test_idle_letters_on_an_empty_chair_may_be_taken_away(self):
        rows = with_row(HEALTHY, AMEND.key, ceo="", comms="I")
        rows = with_row(rows, CRISIS.key, ceo="")
        law = with_seat(a_law(), CEO, holders=())
        assert not errors(found(rows, law=law))
        rows = with_row(rows, AMEND.key, ceo="I")
        (finding,) = errors(found(rows, law=law))
        assert [str(fix.label) for fix in finding.fixes] == ["Take its letters away"]
        assert not errors(found(after(finding, rows), law=law))

    @pytest.mark.parametrize(
        ("marketing", "it", "variant"),
        [
            ("", "R", "marketing.absent"),
            ("I", "R", "marketing.told"),
            ("R", "", "it.absent"),
            ("R", "I", "it.told"),
        ],
    )
    def test_a_joint_activity_needs_both_departments(self, marketing, it, variant):
        rows = with_row(HEALTHY, TOOLS.key, cdo="A", brand="", cmo=marketing, cio=it)
        finding = error(rows)
        assert (finding.code, finding.variant) == (Code.JOINT_ONE_SIDED, variant)
        assert ("to be told is not to decide" in str(finding.message)) == variant.endswith("told")
        for fix in range(2):
            assert not errors(found(after(finding, rows, fix=fix)))

    @pytest.mark.parametrize("letters", ["A", "AR", "R", "C"])
    def test_any_letter_but_i_lets_a_department_speak(self, letters):
        other = "R" if "A" in letters else "A"
        rows = with_row(HEALTHY, TOOLS.key, cmo=letters, cio=other, brand="R")
        assert not errors(found(rows))

    def test_an_enforced_activity_without_a_row(self):
        rows = {place: row for place, row in HEALTHY.items() if place[1] != AMEND.key}
        finding = error(rows)
        assert (finding.code, finding.activity) == (Code.NO_ROW, AMEND.key)
        assert found(after(finding, rows)) == ()

    def test_a_row_for_an_initiative_does_not_stand_in_for_the_companys(self):
        rows = dict(HEALTHY)
        rows["app", AMEND.key] = rows.pop(("", AMEND.key))

        assert Code.NO_ROW in {f.code for f in found(rows)}

    def test_a_row_emptied_of_its_letters_is_no_row(self):
        assert error({**HEALTHY, ("", ERASE.key): {}}).code is Code.NO_ROW

    def test_an_initiatives_row_is_checked_like_the_companys(self):
        rows = with_row(HEALTHY, CRISIS.key, scope="app", cmo="A", comms="A", ops="R", cio="I")
        law = a_law()
        (finding,) = find(
            law,
            day=DAY,
            rows=rows,
            enforced=ENFORCED,
            scopes={"app": Bilingual("Application", "Mobile app")},
        )
        assert (finding.code, finding.scope) == (Code.SEVERAL_ACCOUNTABLE, "app")
        assert str(finding.title) == "Answer a crisis (Mobile app)"


class TestWarnings:
    def test_nobody_asked_or_told_names_who_would_be_surprised(self):
        rows = with_row(HEALTHY, ERASE.key, crm="")
        rows = with_row(rows, CRISIS.key, crm="R")
        finding = only(rows)
        assert finding.code is Code.NOBODY_TOLD
        assert str(finding.why) == "Customer relations will answer customers without knowing."
        assert str(finding.fixes[0].label) == "Inform “Customer relations”"
        assert found(after(finding, rows)) == ()

    def test_accountable_reports_to_responsible_through_the_line(self):
        rows = with_row(HEALTHY, CRISIS.key, comms="C", crm="A", ceo="R")
        finding = only(rows)
        assert finding.code is Code.REPORTS_TO_RESPONSIBLE
        assert finding.seats == (CRM, CEO)
        assert "“Customer relations” approves what its own superior" in str(finding.message)
        fixed = after(finding, rows)["", CRISIS.key]
        assert (fixed[CRM], fixed[CEO]) == ("R", "A")

    def test_a_line_that_bites_its_tail_ends(self):
        law = with_seat(a_law(), CEO, superior_id=CRM)
        assert {f.code for f in found(law=law)} <= {Code.REPORTS_TO_RESPONSIBLE}

    def test_everybody_consulted(self):
        everybody = dict.fromkeys((CEO, CIO, CDO, CRM, DPO, BRAND, OPS), "C")
        rows = {**HEALTHY, ("", CRISIS.key): {CMO: "AR", COMMS: "C", **everybody}}
        finding = only(rows)
        assert finding.code is Code.EVERYBODY_CONSULTED
        assert (
            str(finding.message) == "Eight seats must be asked first, of the 9 that hold letters."
        )
        assert str(finding.fixes[0].label) == (
            "Ask only “Brand manager”, “CIO” and “Data protection officer”; tell the others"
        )
        assert found(after(finding, rows)) == ()

    def test_everybody_else_consulted_in_a_small_circle(self):
        circle = {("", CRISIS.key): {CMO: "AR", CIO: "C", CRM: "C", CDO: "C"}}
        law = a_law(activities={CRISIS.key: CRISIS})
        codes = {f.code for f in find(law, day=DAY, rows=circle, enforced=())}
        assert codes == {Code.EVERYBODY_CONSULTED, Code.SEATS_WITHOUT_LETTER}

    def test_three_fifths_exactly_is_not_everybody(self):
        asked = dict.fromkeys((CEO, CIO, CRM, DPO, OPS), "C")
        rows = {**HEALTHY, ("", CRISIS.key): {CMO: "AR", **asked}}
        assert found(rows) == ()  # five of nine
        rows["", CRISIS.key] = {CMO: "AR", **asked, BRAND: "C"}
        assert only(rows).code is Code.EVERYBODY_CONSULTED  # six of nine

    def test_seats_that_the_matrix_never_names(self):
        finding = only(with_row(HEALTHY, TOOLS.key, cdo="I", brand=""))
        assert (finding.code, finding.seats) == (Code.SEATS_WITHOUT_LETTER, (BRAND,))
        assert str(finding.title) == "One seat without a letter"
        assert str(finding.message) == "“Brand manager” holds no letter."

    def test_an_empty_chair_without_letters_is_nobodys_worry(self):
        law = with_seat(a_law(), BRAND, holders=())
        assert found(with_row(HEALTHY, TOOLS.key, brand=""), law=law) == ()

    @pytest.mark.parametrize(
        ("letters", "code", "limit"),
        [
            ("A", Code.TOO_MANY_ACCOUNTABLE, seat_checks.ACCOUNTABLE_FLOOR),
            ("R", Code.TOO_MANY_RESPONSIBLE, seat_checks.RESPONSIBLE_FLOOR),
        ],
    )
    def test_too_many_letters_on_one_seat(self, letters, code, limit):
        def company(rows_of_seat: int) -> tuple[Law, Rows]:
            extra = {
                f"x{n}": Activity(f"x{n}", Bilingual(f"X{n}", f"X{n}"), Domain.PEOPLE)
                for n in range(rows_of_seat)
            }
            other = "R" if letters == "A" else "A"
            rows = {("", key): {CDO: letters, CEO: other, DPO: "I"} for key in extra}
            if letters == "R":  # spread the A, so that one seat alone is over the limit
                chairs = (CEO, CMO, CIO)
                rows = {
                    ("", key): {CDO: "R", chairs[n % 3]: "A", DPO: "I"}
                    for n, key in enumerate(extra)
                }
            else:
                chairs = (CRM, OPS, BRAND)
                rows = {
                    ("", key): {CDO: "A", chairs[n % 3]: "R", DPO: "I"}
                    for n, key in enumerate(extra)
                }
            law = a_law(activities={**ACTIVITIES, **extra})
            return law, {**HEALTHY, **rows}

        law, rows = company(limit)
        assert found(rows, law=law) == ()
        law, rows = company(limit + 1)
        finding = only(rows, law=law)
        assert (finding.code, finding.seats, len(finding.cells)) == (code, (CDO,), limit + 1)

    def test_an_activity_of_the_company_without_a_row(self):
        rows = {place: row for place, row in HEALTHY.items() if place[1] != TOOLS.key}
        rows = with_row(rows, CRISIS.key, cdo="I", brand="I")
        finding = only(rows)
        assert (finding.code, finding.activity) == (Code.ACTIVITY_WITHOUT_ROW, TOOLS.key)
        assert not errors(found(after(finding, rows)))

    def test_a_row_about_an_activity_that_is_gone(self):
        rows = {**HEALTHY, ("", "gone"): {CMO: "A", CIO: "R"}}
        finding = only(rows)
        assert finding.code is Code.ACTIVITY_UNKNOWN
        assert after(finding, rows) == HEALTHY

    def test_a_gone_activity_still_may_not_have_two_accountable_seats(self):
        codes = {f.code for f in found({**HEALTHY, ("", "gone"): {CMO: "A", CIO: "AR"}})}
        assert codes == {Code.ACTIVITY_UNKNOWN, Code.SEVERAL_ACCOUNTABLE}

    def test_an_initiatives_row_that_repeats_the_companys(self):
        rows = {**HEALTHY, ("app", TOOLS.key): dict(HEALTHY["", TOOLS.key])}
        finding = only(rows)
        assert finding.code is Code.SCOPE_CHANGES_NOTHING
        assert after(finding, rows) == HEALTHY

    def test_one_person_cannot_agree_with_herself(self):
        law = with_seat(a_law(), CIO, holders=(Incumbency(CMO, small_law.SINCE),))
        law = with_seat(law, OPS, holders=(Incumbency(CIO, small_law.SINCE),))
        findings = found(with_row(HEALTHY, TOOLS.key, ops="R"), law=law)
        assert [(f.code, f.variant, f.activity) for f in findings] == [
            (Code.CANNOT_BE_DECIDED, "one_person", AMEND.key)
        ]

    @pytest.mark.parametrize(("empty", "lender"), [(CMO, OPS), (CIO, BRAND)])
    def test_a_deputy_from_the_other_department_is_not_its_voice(self, empty, lender):
        borrowed = (Incumbency(lender, Span(DAY, DAY)),)
        law = with_seat(a_law(), empty, holders=(), deputies=borrowed)
        kind = law.seats[empty].kind
        findings = found(with_row(HEALTHY, TOOLS.key, ops="R"), law=law)
        assert [(f.code, f.variant, f.activity) for f in findings] == [
            (Code.CANNOT_BE_DECIDED, kind, AMEND.key)
        ]

    def test_four_eyes_need_two_people(self):
        four = replace(ERASE, four_eyes=True)
        law = a_law(activities={**ACTIVITIES, ERASE.key: four})
        law = with_seat(law, OPS, holders=(Incumbency(DPO, small_law.SINCE),))
        finding = only(law=law)
        assert (finding.code, finding.variant) == (Code.CANNOT_BE_DECIDED, "four_eyes")

    def test_a_seat_says_yes_once_whoever_speaks_from_it(self):
        """A holder and their deputy are two people, and one voice: the row needs another seat."""
        four = replace(ERASE, four_eyes=True)
        law = a_law(activities={**ACTIVITIES, ERASE.key: four})
        law = with_seat(law, DPO, deputies=(Incumbency(BRAND, Span(DAY, DAY)),))
        alone = {(scope, key): row for (scope, key), row in HEALTHY.items() if key != ERASE.key}
        alone["", ERASE.key] = {DPO: "AR", CIO: "C"}
        (finding,) = [f for f in found(alone, law=law) if f.code is Code.CANNOT_BE_DECIDED]
        assert (finding.variant, finding.activity) == ("four_eyes", ERASE.key)


# An oracle for the errors: the sentences once more, cell by cell and without cleverness.


def oracle(law: Law, rows: Rows) -> set[tuple[str, str, str, object]]:
    wrong: set[tuple[str, str, str, object]] = set()
    for (scope, key), row in rows.items():
        if not row:
            continue
        approving = [s for s in row if "A" in row[s]]
        if len(approving) == 0:
            wrong.add((Code.NO_ACCOUNTABLE, scope, key, None))
        if len(approving) >= 2:
            wrong.add((Code.SEVERAL_ACCOUNTABLE, scope, key, None))
        if all("R" not in row[s] for s in row):
            wrong.add((Code.NO_RESPONSIBLE, scope, key, None))
        activity = law.activities.get(key)
        if activity is not None and activity.joint:
            for kind in JOINT_KINDS:
                letters = {row[s] for s in row if law.seats[s].kind == kind}
                if not letters - {"I"}:
                    wrong.add((Code.JOINT_ONE_SIDED, scope, key, kind))
        for seat in row:
            if not law.occupants(seat, DAY):
                closed = law.seats[seat].closed_on is not None
                wrong.add((Code.SEAT_CLOSED if closed else Code.SEAT_VACANT, "", "", seat))
    for key in ENFORCED:
        if not rows.get(("", key)):
            wrong.add((Code.NO_ROW, "", key, None))
    return wrong


def told(finding: Finding) -> tuple[str, str, str, object]:
    about: object = None
    if finding.code is Code.JOINT_ONE_SIDED:
        about = FunctionKind(finding.variant.split(".")[0])
    if finding.code in (Code.SEAT_VACANT, Code.SEAT_CLOSED):
        (about,) = finding.seats
    return (finding.code, finding.scope, finding.activity or "", about)


cells = st.dictionaries(
    st.sampled_from(sorted(small_law.SEATS)), st.sampled_from(CELL_VALUES), max_size=9
)
matrices = st.dictionaries(
    st.tuples(
        st.sampled_from(["", "", "app"]),
        st.sampled_from([*ACTIVITIES, "gone"]),
    ),
    cells,
    max_size=8,
)


@st.composite
def companies(draw: st.DrawFn) -> Law:
    law = a_law()
    for seat in draw(st.sets(st.sampled_from(sorted(small_law.SEATS)), max_size=4)):
        change: Mapping[str, object] = draw(
            st.sampled_from(
                [
                    {"holders": ()},
                    {"closed_on": DAY},
                    {"holders": (), "deputies": (Incumbency(DPO, Span(DAY, DAY)),)},
                    {"holders": (Incumbency(CMO, Span(DAY)),)},
                    {"superior_id": None},
                    {"heads": False},
                ]
            )
        )
        law = with_seat(law, seat, **change)
    return law


@settings(max_examples=400, deadline=None)
@given(law=companies(), rows=matrices)
def test_errors_are_those_of_the_oracle(law, rows):
    assert {told(f) for f in errors(found(rows, law=law))} == oracle(law, rows)


@settings(max_examples=400, deadline=None)
@given(law=companies(), rows=matrices)
def test_every_remedy_cures_its_finding_and_brings_no_new_error(law, rows):
    before = found(rows, law=law)
    for finding in before:
        for fix in finding.fixes:
            later = found(apply_edits(rows, fix.edits), law=law)
            assert told(finding) not in {told(f) for f in later} or not finding.blocks
            assert {told(f) for f in errors(later)} <= {told(f) for f in errors(before)}
            if finding.code not in (Code.NOBODY_TOLD, Code.EVERYBODY_CONSULTED):
                continue
            same = [f for f in later if told(f) == told(finding)]
            assert not same


@settings(max_examples=100, deadline=None)
@given(law=companies(), rows=matrices)
def test_every_finding_can_be_said_in_both_languages(law, rows):
    for finding in found(rows, law=law):
        for language in ("fr", "en"):
            with translation.override(language):
                said = [finding.title, finding.headline, finding.message, finding.why]
                said += [finding.remedy, *(fix.label for fix in finding.fixes)]
                for sentence in said:
                    assert str(sentence)
                    assert "%(" not in str(sentence)


def test_names_are_said_in_the_readers_language():
    finding = only(with_row(HEALTHY, TOOLS.key, cio="A"))
    assert "Marketing director" in str(finding.message)
    with translation.override("fr"):
        assert "Directrice marketing" in str(finding.message)
        assert str(finding.title) == "Choisir les outils"


def test_every_code_has_words_and_every_wording_a_code():
    assert {code for code, _variant in WORDINGS} == set(FindingCode)


def test_errors_come_first():
    rows = with_row(HEALTHY, ERASE.key, crm="", ops="")
    findings = found(rows)
    assert [f.blocks for f in findings] == sorted((f.blocks for f in findings), reverse=True)
    assert errors(findings) + warnings(findings) == findings
    assert warnings(findings)


class TestOpening:
    def test_one_error_is_told_whole(self):
        opening = opening_sentence(found(with_row(HEALTHY, TOOLS.key, cio="A")), 8)
        assert str(opening) == (
            "One error keeps version 8 from entering into force: "
            "two seats are accountable for “Choose tools”; only one may be."
        )
        assert str(opening.point) == "two seats are accountable for “Choose tools”"

    def test_several_errors_are_counted_and_the_first_is_told(self):
        rows = with_row(with_row(HEALTHY, TOOLS.key, cio="A"), ERASE.key, ops="")
        assert str(opening_sentence(found(rows), 8)) == (
            "Two errors keep version 8 from entering into force. The first: "
            "two seats are accountable for “Choose tools”; only one may be."
        )

    def test_warnings_keep_nothing(self):
        rows = with_row(HEALTHY, ERASE.key, crm="")
        assert str(opening_sentence(found(rows), 8)) == (
            "Nothing keeps version 8 from entering into force. One point deserves a look."
        )

    def test_nothing_to_say(self):
        assert str(opening_sentence((), 8)) == ("Nothing keeps version 8 from entering into force.")
        assert str(opening_sentence((), 7, in_force=True)) == "Version 7 is in force."

    def test_a_version_in_force_that_became_wrong(self):
        law = with_seat(a_law(), COMMS, holders=())
        assert str(opening_sentence(found(law=law), 7, in_force=True)) == (
            "Version 7 is in force with one error: "
            "“Communication” holds letters and nobody sits there."
        )
