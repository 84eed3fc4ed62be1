"""The organisation as a file: what comes in, what is refused and where, and that it goes round."""

from __future__ import annotations

import io
from datetime import date
from types import MappingProxyType

import pytest
from django.utils import translation

from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import read_table, write_csv
from pupitre.rules.mandate.organisation.columns import COLUMNS, header, template_rows
from pupitre.rules.mandate.organisation.comparing import Change, compare
from pupitre.rules.mandate.organisation.drafts import Problem
from pupitre.rules.mandate.organisation.planning import merge
from pupitre.rules.mandate.organisation.reading import MAX_LINES, read_wanted
from pupitre.rules.mandate.organisation.state import (
    FunctionState,
    MemberState,
    OrganisationState,
    SeatState,
    TenureState,
)
from pupitre.rules.mandate.tests.organisation_kit import (
    EMPTY,
    TODAY,
    TOMORROW,
    YESTERDAY,
    reading,
)

HEADER = [column.name for column in COLUMNS]
SINCE = date(2026, 1, 1)


def line(**cells: str) -> list[str]:
    """A line of the file, by the names of its columns."""
    return [cells.get(name, "") for name in HEADER]


MARKETING = {"function_key": "marketing", "function_fr": "Marketing", "kind": "marketing"}
CMO = {**MARKETING, "seat_key": "cmo", "seat_fr": "Directrice marketing", "heads": "oui"}
BRAND = {**MARKETING, "seat_key": "brand", "seat_fr": "Responsable de marque", "superior": "cmo"}
CLAIRE = {"email": "claire@ardoise.example", "name": "Claire Aubert", "starts": "2026-01-01"}


def a_state() -> OrganisationState:
    """Marketing with two seats; Claire holds the first, nobody the second."""
    return OrganisationState(
        functions=MappingProxyType(
            {"marketing": FunctionState("marketing", "Marketing", "", "marketing")}
        ),
        seats=MappingProxyType(
            {
                "cmo": SeatState("cmo", "marketing", "Directrice marketing", "", heads=True),
                "brand": SeatState(
                    "brand", "marketing", "Responsable de marque", "", superior="cmo"
                ),
            }
        ),
        members=MappingProxyType(
            {
                "claire@ardoise.example": MemberState("claire@ardoise.example", "Claire Aubert", 1),
                "paul@ardoise.example": MemberState("paul@ardoise.example", "Paul Ndiaye", 2),
            }
        ),
        tenures=MappingProxyType(
            {"cmo": (TenureState("cmo", "claire@ardoise.example", SINCE, None, 1),)}
        ),
    )


def imported(
    state: OrganisationState, *lines: list[str], close_missing: bool = False
) -> tuple[tuple[Change, ...], tuple[Problem, ...], OrganisationState]:
    read = reading(state, HEADER, *lines)
    merged = merge(state, read.wanted, close_missing=close_missing, day=TODAY)
    problems = tuple({*read.problems, *merged.problems})
    return compare(state, merged.state), problems, merged.state


def said(changes: tuple[Change, ...]) -> set[tuple[str, str, str]]:
    return {(change.what.value, change.how.value, change.key) for change in changes}


def places(problems: tuple[Problem, ...]) -> set[tuple[int, str]]:
    return {(problem.line, problem.column) for problem in problems}


# Coming in


def test_a_first_file_lays_out_everything() -> None:
    changes, problems, after = imported(EMPTY, line(**CMO, **CLAIRE), line(**BRAND))

    assert problems == ()
    assert said(changes) == {
        ("function", "added", "marketing"),
        ("seat", "added", "cmo"),
        ("seat", "added", "brand"),
        ("member", "added", "claire@ardoise.example"),
        ("holder", "added", "cmo/claire@ardoise.example/2026-01-01"),
    }
    assert after.seats["cmo"].heads
    assert after.seats["brand"].superior == "cmo"


def test_the_template_can_be_imported_as_it_is() -> None:
    for language in ("fr", "en"):
        with translation.override(language):
            content = write_csv(header(), template_rows(), language=language)
            read = read_wanted(read_table(io.BytesIO(content), "template.csv"), EMPTY)
            # Its example names seats above and beside that the reader's own file would have.
            assert {p.column for p in read.problems} <= {"superior", "dotted"}
            assert [seat.key for seat in read.wanted.seats] == ["cmo"]


def test_without_codes_things_are_known_by_their_names() -> None:
    names = ["Fonction", "Nature", "Siège", "Rend compte à"]
    read = reading(
        a_state(),
        names,
        ["  marketing ", "", "DIRECTRICE MARKETING", ""],
        ["Marketing", "", "Chargé d’études", "directrice  marketing"],
        ["Région Ouest", "unité", "Directeur", "Directrice marketing"],
    )
    assert {p.column for p in read.problems} == {"kind"}, "“unité” alone is not a kind"
    assert [seat.key for seat in read.wanted.seats] == ["cmo", "charge-detudes", "directeur"]
    assert [seat.superior for seat in read.wanted.seats] == ["", "cmo", "cmo"]
    assert [f.key for f in read.wanted.functions] == ["marketing", "region-ouest"]


def test_the_same_name_in_two_functions_makes_two_seats_not_one_that_moves() -> None:
    other = {"function_key": "it", "function_fr": "DSI", "kind": "it"}
    changes, problems, _after = imported(
        a_state(), line(**other, seat_fr="Responsable de marque"), line(**other, seat_fr="Chef"),
        line(**MARKETING, seat_fr="Chef"),
    )  # fmt: skip

    assert problems == ()
    assert ("seat", "added", "responsable-de-marque") in said(changes)
    assert ("seat", "added", "chef") in said(changes)
    assert ("seat", "added", "chef-marketing") in said(changes)
    assert not any(how == "changed" for _what, how, _key in said(changes))


def test_a_missing_column_changes_nothing_and_an_empty_cell_empties() -> None:
    state = a_state()
    without = reading(state, ["function_key", "seat_key"], ["marketing", "brand"])
    merged = merge(state, without.wanted, close_missing=False, day=TODAY)
    assert compare(state, merged.state) == ()

    emptied = reading(state, ["function_key", "seat_key", "superior"], ["marketing", "brand", ""])
    merged = merge(state, emptied.wanted, close_missing=False, day=TODAY)
    (change,) = compare(state, merged.state)
    assert [(d.old, d.new) for d in change.differences] == [("Directrice marketing", "")]


def test_people_stay_unless_the_file_says_otherwise() -> None:
    changes, problems, _after = imported(a_state(), line(**CMO))
    assert (changes, problems) == ((), ())

    ended = {**CLAIRE, "ends": "31/12/2026"}
    changes, problems, after = imported(a_state(), line(**CMO, **ended))
    assert problems == ()
    assert said(changes) == {("holder", "changed", "cmo/claire@ardoise.example/2026-01-01")}
    assert after.tenures_of("cmo")[0].ends == date(2026, 12, 31)


def test_a_handover_is_two_lines() -> None:
    paul = {"email": "PAUL@ardoise.example", "starts": "2027-01-01"}
    leaving = {**CLAIRE, "ends": "2026-12-31"}

    changes, problems, _after = imported(a_state(), line(**CMO, **leaving), line(**CMO, **paul))
    assert problems == ()
    assert len(changes) == 2

    _changes, problems, _after = imported(a_state(), line(**CMO, **paul))
    assert places(problems) == {(2, "starts")}
    assert "Claire Aubert" in problems[0].message


def test_seats_that_are_not_in_the_file_stay_or_close_as_asked() -> None:
    changes, _problems, _after = imported(a_state(), line(**BRAND))
    assert changes == ()

    changes, problems, after = imported(a_state(), line(**BRAND), close_missing=True)
    assert ("seat", "closed", "cmo") in said(changes)
    assert after.seats["cmo"].closed_on == TODAY
    assert after.tenures_of("cmo")[0].ends == YESTERDAY
    assert places(problems) == {(2, "superior")}, "it would report to a seat that closes"


def test_a_closed_seat_that_a_file_names_opens_again() -> None:
    state = a_state()
    closed = SeatState("old", "marketing", "Ancien", "", closed_on=YESTERDAY)
    state = OrganisationState(
        state.functions,
        MappingProxyType({**state.seats, "old": closed}),
        state.members,
        state.tenures,
    )

    changes, problems, _after = imported(state, line(**MARKETING, seat_key="old"))

    assert problems == ()
    assert said(changes) == {("seat", "reopened", "old")}


# What is refused, and where

BAD = {
    "unknown kind": (line(**{**CMO, "kind": "sorcery"}), {(2, "kind")}),
    "new function without kind": (
        line(function_key="x", function_fr="X", seat_key="x", seat_fr="X"),
        {(2, "kind")},
    ),
    "new function without name": (
        line(function_key="x", kind="it", seat_key="x", seat_fr="X"),
        {(2, "function_fr")},
    ),
    "no function": (line(seat_key="x", seat_fr="X"), {(2, "function_key")}),
    "malformed code": (line(**{**CMO, "seat_key": "C M O"}), {(2, "seat_key")}),
    "script in a code": (line(**{**CMO, "seat_key": "<script>"}), {(2, "seat_key")}),
    "new seat without name": (line(**MARKETING, seat_key="new"), {(2, "seat_fr")}),
    "long name": (line(**{**CMO, "seat_fr": "é" * 121}), {(2, "seat_fr")}),
    "neither yes nor no": (line(**{**CMO, "heads": "maybe"}), {(2, "heads")}),
    "no number of places": (line(**CMO, places="many"), {(2, "places")}),
    "no place": (line(**CMO, places="0"), {(2, "places")}),
    "half a place": (line(**CMO, places="1,5"), {(2, "places")}),
    "Arabic digits": (line(**CMO, places="٣"), {(2, "places")}),
    "unknown superior": (line(**{**BRAND, "superior": "nobody"}), {(2, "superior")}),
    "unknown dotted": (line(**BRAND, dotted="cmo2 | x"), {(2, "dotted")}),
    "dotted to itself": (line(**BRAND, dotted="brand"), {(2, "dotted")}),
    "dotted and solid": (line(**BRAND, dotted="cmo"), {(2, "dotted")}),
    "unknown parent": (line(**CMO, parent="nothing"), {(2, "parent")}),
    "own parent": (line(**CMO, parent="marketing"), {(2, "parent")}),
    "own superior": (line(**{**BRAND, "superior": "brand"}), {(2, "superior")}),
    "a circle": (line(**CMO, superior="brand"), {(2, "superior")}),
    "two heads": (line(**BRAND, heads="x"), {(2, "heads")}),
    "no address": (line(**BRAND, name="Somebody"), {(2, "email")}),
    "malformed address": (line(**BRAND, email="claire at home"), {(2, "email")}),
    "stranger without name": (line(**BRAND, email="new@ardoise.example"), {(2, "name")}),
    "no day": (line(**BRAND, **{**CLAIRE, "starts": "soon"}), {(2, "starts")}),
    "an impossible day": (line(**BRAND, **{**CLAIRE, "starts": "31/02/2026"}), {(2, "starts")}),
    "reversed days": (line(**BRAND, **CLAIRE, ends="2025-12-31"), {(2, "ends")}),
    "over before today": (
        line(**BRAND, email="paul@ardoise.example", ends="2020-01-01"),
        {(2, "ends")},
    ),
    "somebody without seat": (line(**MARKETING, email="paul@ardoise.example"), {(2, "seat_key")}),
    "too many people": (
        line(**CMO, email="paul@ardoise.example", starts="2026-11-20"),
        {(2, "starts")},
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_told_by_line_and_column(name: str) -> None:
    bad, expected = BAD[name]

    _changes, problems, _after = imported(a_state(), bad)

    assert places(problems) == expected
    assert all(problem.message for problem in problems)


def test_lines_that_contradict_each_other_or_say_it_twice_are_told() -> None:
    twice = line(**CMO, **CLAIRE)
    otherwise = line(**{**CMO, "seat_fr": "Autre nom", "kind": "it"})

    _changes, problems, _after = imported(a_state(), line(**CMO, **CLAIRE), twice, otherwise)

    assert places(problems) == {(3, "email"), (4, "seat_fr"), (4, "kind")}


def test_a_suspended_person_is_not_put_on_a_seat() -> None:
    state = a_state()
    gone = MemberState("gone@ardoise.example", "Gone", 3, suspended=True)
    state = OrganisationState(
        state.functions,
        state.seats,
        MappingProxyType({**state.members, gone.email: gone}),
        state.tenures,
    )
    _changes, problems, _after = imported(state, line(**BRAND, email=gone.email))
    assert places(problems) == {(2, "email")}


@pytest.mark.parametrize(
    "lines",
    [
        [["function_key", "seat_key", "colour"], ["marketing", "cmo", "red"]],
        [["function_key", "seat_key", "Seat code"], ["marketing", "cmo", "cmo"]],
        [["function_key", "Nature"], ["marketing", "it"]],
        [["seat_key", "Siège"], ["cmo", "X"]],
        [["a", "b"], ["c", "d"]],
        [HEADER],
        [
            HEADER,
            *([line(**MARKETING, seat_key=f"s{n}", seat_fr="S")] for n in range(MAX_LINES + 1)),
        ],
    ],
)
def test_a_file_that_is_not_an_organisation_is_refused_whole(lines: list[list[str]]) -> None:
    flat = [entry[0] if isinstance(entry[0], list) else entry for entry in lines]
    with pytest.raises(Invalid):
        reading(a_state(), *flat)  # type: ignore[arg-type]


def test_headers_of_both_languages_and_the_stable_names_are_understood() -> None:
    for titles in (
        [column.name for column in COLUMNS],
        [column.title.fr for column in COLUMNS],
        [column.title.en for column in COLUMNS],
        [column.title.fr.upper() for column in COLUMNS],
    ):
        read = reading(a_state(), titles, line(**CMO, **CLAIRE))
        assert read.problems == ()
        assert set(read.columns) == set(HEADER)


def test_a_file_changes_only_once() -> None:
    """Importing the result of an import changes nothing more."""
    lines = [line(**CMO, **CLAIRE), line(**BRAND, email="paul@ardoise.example")]
    _changes, _problems, after = imported(a_state(), *lines)
    numbered = OrganisationState(
        after.functions,
        after.seats,
        after.members,
        MappingProxyType(
            {
                seat: tuple(
                    TenureState(t.seat, t.email, t.starts, t.ends, number)
                    for number, t in enumerate(held)
                )
                for seat, held in after.tenures.items()
            }
        ),
    )
    read = reading(numbered, HEADER, *lines)
    again = merge(numbered, read.wanted, close_missing=False, day=TOMORROW)

    assert compare(numbered, again.state) == ()
