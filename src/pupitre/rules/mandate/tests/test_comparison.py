"""Two versions side by side."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pupitre.rules.mandate.comparison import (
    CellChange,
    ChangeKind,
    compare,
    comparison_sentence,
)
from pupitre.rules.mandate.contracts import CELL_VALUES
from pupitre.rules.mandate.findings import apply_edits
from pupitre.rules.mandate.tests.small_law import (
    ACTIVITIES,
    CIO,
    CMO,
    CRISIS,
    HEALTHY,
    OPS,
    TOOLS,
    with_row,
)

NAMES = {key: activity.name for key, activity in ACTIVITIES.items()}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def said(old_rows, new_rows) -> list[str]:
    comparison = compare(old_rows, new_rows)
    return [str(s) for s in comparison_sentence(comparison, old=7, new=8, activities=NAMES)]


def test_the_same_matrix():
    comparison = compare(HEALTHY, {**HEALTHY, ("", "empty"): {}})
    assert comparison.same
    assert (comparison.appeared, comparison.disappeared, comparison.handed_over) == ((), (), ())
    assert said(HEALTHY, HEALTHY) == ["Version 8 says the same as version 7."]


def test_letters_added_removed_and_changed():
    new = with_row(HEALTHY, TOOLS.key, cmo="R", cio="AR", ops="I", brand="")
    comparison = compare(HEALTHY, new)
    assert {(c.seat_id, c.before, c.after, c.kind) for c in comparison.changes} == {
        (CMO, "A", "R", ChangeKind.CHANGED),
        (CIO, "R", "AR", ChangeKind.CHANGED),
        (7, "R", "", ChangeKind.REMOVED),
        (OPS, "", "I", ChangeKind.ADDED),
    }
    assert comparison.counts == {
        ChangeKind.ADDED: 1,
        ChangeKind.REMOVED: 1,
        ChangeKind.CHANGED: 2,
    }
    assert comparison.handed_over == (("", TOOLS.key),)
    places = comparison.by_place()
    assert places["", TOOLS.key, OPS] == CellChange("", TOOLS.key, OPS, "", "I")
    assert ("", TOOLS.key, 9) not in places
    assert list(comparison.by_row()) == [("", TOOLS.key)]
    assert list(comparison.by_seat()) == [CMO, CIO, 7, OPS]
    assert said(HEALTHY, new) == [
        "Version 8 changes four cells of version 7.",
        "One activity changes hands: “Choose tools”.",
    ]


def test_rows_that_come_and_go():
    new = {place: row for place, row in HEALTHY.items() if place[1] != TOOLS.key}
    new["app", CRISIS.key] = {CMO: "AR"}
    comparison = compare(HEALTHY, new)
    assert comparison.appeared == (("app", CRISIS.key),)
    assert comparison.disappeared == (("", TOOLS.key),)
    assert comparison.handed_over == ()
    assert said(HEALTHY, new) == [
        "Version 8 changes six cells of version 7, in two rows.",
        "One row appears: “Answer a crisis (app)”.",
        "One row disappears: “Choose tools”.",
    ]


def test_names_follow_the_reader():
    sentence = comparison_sentence(compare(HEALTHY, {}), old=7, new=8, activities=NAMES)[-1]
    assert "Choose tools" in str(sentence)
    with translation.override("fr"):
        assert "Choisir les outils" in str(sentence)


rows = st.dictionaries(
    st.tuples(st.sampled_from(["", "app"]), st.sampled_from(["a", "b", "c"])),
    st.dictionaries(st.integers(1, 6), st.sampled_from(CELL_VALUES), min_size=1),
)


@given(old=rows, new=rows)
def test_the_changes_lead_from_one_to_the_other_and_back(old, new):
    comparison = compare(old, new)
    forth = [(c.scope, c.activity, c.seat_id, c.after) for c in comparison.changes]
    back = [(c.scope, c.activity, c.seat_id, c.before) for c in comparison.changes]
    assert apply_edits(old, forth) == new
    assert apply_edits(new, back) == old
    assert comparison.same == (old == new)
    assert sum(comparison.counts.values()) == len(comparison.changes)
    assert sum(map(len, comparison.by_row().values())) == len(comparison.changes)
    assert sum(map(len, comparison.by_seat().values())) == len(comparison.changes)
    assert {*comparison.appeared} == {k for k in new if k not in old}
    assert {*comparison.disappeared} == {k for k in old if k not in new}
