"""What is drawn of a matrix: which rows and seats, within which limits, and what a row says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import QueryDict
from django.utils import translation

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain
from pupitre.rules.mandate.findings import find
from pupitre.rules.mandate.law import Incumbency, Law
from pupitre.rules.mandate.matrix.filters import Filters, read_filters
from pupitre.rules.mandate.matrix.seat import letters_of
from pupitre.rules.mandate.matrix.story import story
from pupitre.rules.mandate.matrix.table import (
    MAX_COLUMNS,
    MAX_ROWS,
    MatrixTable,
    Source,
    draw,
    line_at,
    row_id,
)
from pupitre.rules.mandate.tests.small_law import (
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
    SINCE,
    TOOLS,
    a_law,
    with_row,
    with_seat,
)

EVERYTHING = Filters()


def source(law: Law | None = None, **changes: object) -> Source:
    law = law or a_law()
    drawn = Source(
        law=law,
        rows=law.rows,
        activities=law.activities,
        scopes={"noel": Bilingual("Noël", "Christmas")},
        day=DAY,
    )
    return replace(drawn, **changes)  # type: ignore[arg-type]


def keys(table: MatrixTable) -> list[tuple[str, str]]:
    return [(line.scope, line.activity.key) for line in table.lines]


def seats(table: MatrixTable) -> list[int]:
    return [column.seat.id for column in table.columns]


def a_large_company(seat_count: int, activity_count: int) -> Source:
    """Every activity has one seat that decides and does it, in turn."""
    law = a_law()
    template = law.seats[OPS]
    chairs = {
        number: replace(
            template,
            id=number,
            key=f"seat{number}",
            heads=False,
            holders=(Incumbency(1, SINCE),),
        )
        for number in range(1, seat_count + 1)
    }
    activities = {
        f"a{number:03}": Activity(
            f"a{number:03}",
            Bilingual(f"Activité {number:03}", f"Activity {number:03}"),
            Domain.DATA,
        )
        for number in range(activity_count)
    }
    rows = {("", key): {1 + position % seat_count: "AR"} for position, key in enumerate(activities)}
    return source(replace(law, seats=chairs, activities=activities, rows=rows))


# Rows


def test_rows_stand_by_domain_and_then_by_name() -> None:
    with translation.override("en"):
        drawn = draw(source(), EVERYTHING)

    assert [group.domain for group in drawn.groups] == [
        Domain.PROCESS,
        Domain.TECHNOLOGY,
        Domain.DATA,
        Domain.CUSTOMER,
    ]
    assert keys(drawn) == [("", a.key) for a in (AMEND, TOOLS, ERASE, CRISIS)]


def test_an_initiatives_row_follows_the_companys() -> None:
    rows = with_row(HEALTHY, TOOLS.key, scope="noel", cdo="AR")

    drawn = draw(source(rows=rows), EVERYTHING)

    assert keys(drawn)[1:3] == [("", TOOLS.key), ("noel", TOOLS.key)]
    line = drawn.lines[2]
    assert (line.scope_name and line.scope_name.en, line.id) == (
        "Christmas",
        row_id("noel", TOOLS.key),
    )
    assert line.id != drawn.lines[1].id


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"domain": "data"}, [ERASE]),
        ({"only": "enforced"}, [AMEND, ERASE]),
        ({"only": "own"}, [TOOLS, CRISIS]),
        ({"only": "joint"}, [AMEND, TOOLS]),
        ({"q": "CRISE"}, [CRISIS]),
        ({"q": "repondre"}, [CRISIS]),  # accents do not matter
        ({"q": "choose tools"}, [TOOLS]),  # the other language is searched too
        ({"q": "person.erase"}, [ERASE]),
        ({"q": "zzz"}, []),
        ({"domain": "data", "q": "crise"}, []),
        ({"domain": "nonsense", "only": "nonsense", "page": "-1", "function": "x"}, "all"),
        ({"page": "9" * 5_000, "columns": "٣"}, "all"),
    ],
)
def test_filters_choose_rows(asked: dict[str, str], expected: list[Activity] | str) -> None:
    drawn = draw(source(), read_filters(asked))

    wanted = [AMEND, TOOLS, ERASE, CRISIS] if expected == "all" else expected
    assert keys(drawn) == [("", activity.key) for activity in wanted]  # type: ignore[union-attr]


def test_activities_without_a_row_are_drawn_where_one_fills_them_in() -> None:
    rows = {place: row for place, row in HEALTHY.items() if place[1] != CRISIS.key}

    assert ("", CRISIS.key) not in keys(draw(source(rows=rows), EVERYTHING))
    drawn = draw(source(rows=rows, empty_rows=True), EVERYTHING)
    assert ("", CRISIS.key) in keys(drawn)
    assert drawn.lines[-1].held == ()


def test_filters_come_back_from_their_address() -> None:
    asked = {"domain": "data", "function": "3", "q": "é & b", "only": "joint", "seats": "all"}
    filters = read_filters({**asked, "page": "2", "columns": "3"})

    assert read_filters(QueryDict(filters.query)) == filters
    assert read_filters({}).query == ""


# Seats


def test_only_seats_with_a_letter_in_these_rows_are_drawn() -> None:
    drawn = draw(source(), read_filters({"domain": "data"}))

    assert seats(drawn) == [CRM, DPO, OPS]  # in the organisation's order


def test_a_function_shows_all_its_seats_and_says_what_it_hides() -> None:
    law = a_law()
    marketing = law.seats[CMO].function_id

    drawn = draw(source(), read_filters({"function": str(marketing)}))

    assert seats(drawn) == [CMO, BRAND]
    assert drawn.lines[1].beyond == 3  # CIO, CDO and communication hold letters elsewhere


def test_every_seat_on_demand_and_in_a_small_company_where_one_edits() -> None:
    everybody = [CEO, CMO, CIO, CDO, CRM, DPO, BRAND, OPS, COMMS]

    assert seats(draw(source(), read_filters({"domain": "data", "seats": "all"}))) == everybody
    assert seats(draw(source(empty_rows=True), read_filters({"domain": "data"}))) == everybody


def test_a_closed_seat_is_drawn_only_while_it_holds_a_letter() -> None:
    law = with_seat(a_law(), COMMS, closed_on=DAY)
    assert COMMS in seats(draw(source(law), EVERYTHING))

    rows = with_row(with_row(HEALTHY, CRISIS.key, comms="", crm="AR"), TOOLS.key, comms="")
    drawn = draw(source(law, rows=rows), read_filters({"seats": "all"}))

    assert COMMS not in seats(drawn)


def test_an_empty_chair_is_said_in_its_column_and_cells() -> None:
    drawn = draw(source(with_seat(a_law(), DPO, holders=())), read_filters({"domain": "data"}))

    assert [column.vacant for column in drawn.columns] == [False, True, False]
    assert [cell.vacant for cell in drawn.lines[0].cells] == [False, True, False]


# Limits


@pytest.mark.parametrize(("seat_count", "activity_count"), [(200, 60), (500, 300)])
@pytest.mark.parametrize("asked", [{}, {"seats": "all"}])
def test_a_large_matrix_is_drawn_a_page_at_a_time(
    seat_count: int, activity_count: int, asked: dict[str, str]
) -> None:
    large = a_large_company(seat_count, activity_count)

    drawn = draw(large, read_filters(asked))

    assert len(drawn.lines) <= MAX_ROWS
    assert len(drawn.columns) <= MAX_COLUMNS
    assert sum(len(line.cells) for line in drawn.lines) <= MAX_ROWS * MAX_COLUMNS
    assert drawn.total_rows == activity_count


def test_pages_hold_every_row_and_every_seat_once() -> None:
    large = a_large_company(95, 170)
    first = draw(large, read_filters({"seats": "all"}))

    rows = [
        key
        for page in range(1, first.pages + 1)
        for key in keys(draw(large, Filters(all_seats=True, page=page)))
    ]
    columns = [
        seat
        for page in range(1, first.column_pages + 1)
        for seat in seats(draw(large, Filters(all_seats=True, column_page=page)))
    ]

    assert len(rows) == len(set(rows)) == 170
    assert columns == list(range(1, 96))
    assert (first.first_column, first.last_column) == (1, MAX_COLUMNS)


def test_a_page_beyond_the_last_shows_the_last() -> None:
    large = a_large_company(10, 100)

    assert draw(large, Filters(page=99)).page == 2


# Findings and changes


def test_a_row_is_tinted_for_what_is_wrong_with_it_and_cells_ringed() -> None:
    law = replace(a_law(), rows=with_row(HEALTHY, TOOLS.key, cio="A"))
    found = find(law, day=DAY, enforced=ENFORCED)

    line = next(
        one for one in draw(source(law, findings=found), EVERYTHING).lines if one.activity is TOOLS
    )

    assert line.level == "bad"
    assert [cell.seat.id for cell in line.cells if cell.wrong] == [CMO, CIO]


def test_an_empty_chair_rings_its_cells_and_tints_no_row() -> None:
    law = with_seat(a_law(), CRM, holders=())
    found = find(law, day=DAY, enforced=ENFORCED)

    drawn = draw(source(law, findings=found), EVERYTHING)

    assert [line.level for line in drawn.lines] == ["", "", "", ""]
    assert [c.seat.id for line in drawn.lines for c in line.cells if c.wrong] == [CRM, CRM]


def test_cells_say_what_they_were() -> None:
    rows = with_row(HEALTHY, TOOLS.key, cio="C", cdo="", crm="I")

    drawn = draw(source(rows=rows, before=HEALTHY), read_filters({"domain": "technology"}))

    changed = {c.seat.id: (c.change, c.before) for c in drawn.lines[0].cells if c.change}
    assert changed == {CIO: ("changed", "R"), CDO: ("removed", "C"), CRM: ("added", "")}


def test_a_seat_stays_drawn_after_its_last_letter_has_gone() -> None:
    rows = with_row(HEALTHY, ERASE.key, crm="")
    data = read_filters({"domain": "data"})

    assert CRM not in seats(draw(source(rows=rows), data))
    assert CRM in seats(draw(source(rows=rows), data, keep=[CRM]))


# Words


def said(key: str, law: Law | None = None, **changes: object) -> str:
    with translation.override("en"):
        line = line_at(source(law, **changes), ("", key))
        return " ".join(str(sentence) for sentence in story(line))


def test_a_row_says_what_happens_when_somebody_acts() -> None:
    assert said(ERASE.key) == (
        "“Data protection officer” decides, and it is done at once. "
        "“IT operations” may ask for it: a decision is opened, and waits. "
        "Nobody approves what they asked for themselves. "
        "“Customer relations” is told afterwards."
    )


def test_a_row_says_who_is_asked_first_and_for_how_long() -> None:
    sentence = said(ERASE.key, rows=with_row(HEALTHY, ERASE.key, cmo="C", cio="C"))

    assert (
        "“Marketing director” and “CIO” are asked first and have three days to answer." in sentence
    )
    assert "once the others have been heard" in sentence


def test_a_joint_row_says_that_both_say_yes() -> None:
    assert "Marketing and IT must both say yes, by two different people." in said(AMEND.key)


def test_a_row_of_the_companys_own_says_that_nobody_holds_them_to_it() -> None:
    assert said(CRISIS.key) == (
        "“Communication” decides, and answers for it. "
        "“Communication” and “Customer relations” do it. "
        "“Chief executive” is told afterwards. "
        "Pupitre shows this row; people keep to it by themselves."
    )


def test_a_row_says_that_a_chair_is_empty() -> None:
    assert "Nobody can speak for “Data protection officer” today: the seat is vacant." in said(
        ERASE.key, with_seat(a_law(), DPO, holders=())
    )


def test_an_empty_row_says_so() -> None:
    assert said(ERASE.key, rows={}) == "Nobody holds a letter here."


def test_one_seats_letters_are_sorted_by_what_they_ask() -> None:
    letters = letters_of(source(), COMMS)

    assert [line.activity for line in letters.accountable] == [CRISIS]
    assert [line.activity for line in letters.responsible] == [CRISIS]
    assert [line.activity for line in letters.informed] == [TOOLS]
    assert letters.consulted == ()
    assert letters_of(source(rows={}), COMMS).none
