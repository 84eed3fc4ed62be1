"""The organisation leaves as a file and comes back: nothing changes, nothing is lost."""

from __future__ import annotations

import io
import unicodedata
from datetime import date
from types import MappingProxyType

from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pupitre.core.spreadsheets import read_table, write_csv, write_xlsx
from pupitre.rules.mandate.contracts import FunctionKind
from pupitre.rules.mandate.organisation.columns import header, rows_of
from pupitre.rules.mandate.organisation.comparing import compare
from pupitre.rules.mandate.organisation.planning import merge
from pupitre.rules.mandate.organisation.reading import read_wanted
from pupitre.rules.mandate.organisation.state import (
    FunctionState,
    MemberState,
    OrganisationState,
    SeatState,
    TenureState,
)
from pupitre.rules.mandate.tests.organisation_kit import EMPTY, TODAY

# Names as people and attackers write them: every script, formulas, markup, quotation marks.
names = (
    st.one_of(
        st.sampled_from(
            [
                '=HYPERLINK("http://evil.example","x")',
                "+33 1 23",
                "-1+1",
                "@SUM(A1)",
                "'=1",
                "''",
                "'",
                "<script>alert(1)</script>",
                "Élodie “Lili” O’Brien; & Co, Ltd",
                "市场总监",
                "مدير التسويق",
                "Генеральный директор",
                "a|b",
                "1",
                "01",
                "1e5",
                "2026-01-01",
                "vrai",
                "oui",
                "TRUE",
                "null",
                "é",
                "🎺 conductor",
            ]
        ),
        st.text(
            st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")),
            min_size=1,
            max_size=40,
        ),
    )
    .map(lambda name: " ".join(unicodedata.normalize("NFC", name).split()))
    .filter(lambda name: bool(name) and "\ufeff" not in name and "\u007f" not in name)
)
days = st.dates(date(2026, 1, 1), date(2028, 1, 1))


@st.composite
def organisations(draw: st.DrawFn) -> OrganisationState:
    """Any sound organisation: functions in functions, lines without circles, tenures in turn."""
    functions: dict[str, FunctionState] = {}
    for number in range(draw(st.integers(1, 3))):
        key = f"f{number}"
        parent = draw(st.sampled_from(["", *functions]))
        kind = draw(st.sampled_from([kind.value for kind in FunctionKind]))
        english = draw(st.one_of(st.just(""), names))
        functions[key] = FunctionState(key, draw(names), english, kind, parent)
    seats: dict[str, SeatState] = {}
    heads: set[str] = set()
    members: dict[str, MemberState] = {}
    tenures: dict[str, tuple[TenureState, ...]] = {}
    for number in range(draw(st.integers(0, 5))):
        key, function = f"s{number}", draw(st.sampled_from(list(functions)))
        superior = draw(st.sampled_from(["", *seats]))
        others = [seat for seat in seats if seat != superior]
        dotted = draw(st.lists(st.sampled_from(others), unique=True, max_size=2)) if others else []
        head = function not in heads and draw(st.booleans())
        heads |= {function} if head else set()
        seats[key] = SeatState(
            key, function, draw(names), draw(st.one_of(st.just(""), names)), head,
            draw(st.integers(1, 5)), superior, tuple(sorted(dotted)),
        )  # fmt: skip
        turns = sorted(draw(st.lists(days, unique=True, max_size=4)))
        held = []
        for turn, starts in enumerate(turns[::2]):
            ends = turns[2 * turn + 1] if 2 * turn + 1 < len(turns) else None
            email = f"m{draw(st.integers(0, 3))}@ardoise.example"
            members.setdefault(email, MemberState(email, draw(names), len(members) + 1))
            held.append(TenureState(key, email, starts, ends, number * 10 + turn))
        tenures[key] = tuple(held)
    return OrganisationState(
        MappingProxyType(functions),
        MappingProxyType(seats),
        MappingProxyType(members),
        MappingProxyType(tenures),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(organisations(), st.sampled_from(["fr", "en"]), st.sampled_from(["csv", "xlsx"]))
def test_what_goes_out_comes_back_and_changes_nothing(
    state: OrganisationState, language: str, kind: str
) -> None:
    with translation.override(language):
        rows = list(rows_of(state, day=TODAY))
        content = (
            write_xlsx(header(), rows)
            if kind == "xlsx"
            else write_csv(header(), rows, language=language)
        )
        read = read_wanted(read_table(io.BytesIO(content), f"organisation.{kind}"), state)
        merged = merge(state, read.wanted, close_missing=True, day=TODAY)

        assert (read.problems, merged.problems) == ((), ())
        assert compare(state, merged.state) == ()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(organisations())
def test_an_export_rebuilds_the_organisation_elsewhere(state: OrganisationState) -> None:
    """Into an empty installation: everything is added, nothing is lost."""
    content = write_csv(header(), list(rows_of(state, day=TODAY)), language="fr")
    read = read_wanted(read_table(io.BytesIO(content), "organisation.csv"), EMPTY)
    merged = merge(EMPTY, read.wanted, close_missing=False, day=TODAY)

    assert (read.problems, merged.problems) == ((), ())
    assert dict(merged.state.functions) == dict(state.functions)
    assert dict(merged.state.seats) == dict(state.seats)
    for seat in state.seats:
        spans = [(t.email, t.starts, t.ends) for t in state.tenures_of(seat)]
        assert [(t.email, t.starts, t.ends) for t in merged.state.tenures_of(seat)] == spans
