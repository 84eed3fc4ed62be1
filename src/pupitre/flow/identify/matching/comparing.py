"""How two values of a column are compared: levels from "the same" to "different", as SQL.

The levels of a comparison are tried in order and the first that holds counts (Fellegi and Sunter,
1969, with the partial agreements of Winkler, 1990). `training` learns what a level is worth.
Every condition is symmetric: which of two people stands left makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pupitre.flow.identify.matching.contracts import Kind, Level

ALMOST, ALIKE = 0.92, 0.80  # Jaro-Winkler similarities, those that Splink's documentation advises
NEAR_CHARACTERS = 2  # of a postcode: a French department

Condition = tuple[Level, str]


def kind_of(column: str) -> Kind:
    """Of one of our own column names."""
    return Kind.IDENTIFIER if column.startswith("identifier_") else Kind(column)


def _slips(column: str, most: int) -> str:
    return slips(f"{column}_l", f"{column}_r", most)


def slips(left: str, right: str, most: int) -> str:
    """Two texts at most so many slips apart. Most pairs are told apart by their lengths, which
    costs a fiftieth of counting slips."""
    return (
        f"(abs(length({left}) - length({right})) <= {most}"
        f" and damerau_levenshtein({left}, {right}) <= {most})"
    )


def _similar(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def names_swapped() -> str:
    """A given name where the surname should be and the reverse, each with one slip at most."""
    return (
        "(given_name_l <> given_name_r"
        f" and {slips('given_name_l', 'surname_r', 1)}"
        f" and {slips('surname_l', 'given_name_r', 1)})"
    )


def _contained(column: str) -> str:
    """A word in common, or an initial for a name."""
    left, right = f"{column}_l", f"{column}_r"
    return (
        f"(list_has_any(string_split({left}, ' '), string_split({right}, ' '))"
        f" or ((length({left}) = 1 or length({right}) = 1)"
        f" and substr({left}, 1, 1) = substr({right}, 1, 1)))"
    )


def _part(column: str, start: int, length: int) -> str:
    return f"substr({column}_l, {start}, {length}) = substr({column}_r, {start}, {length})"


def _given_name(column: str, others: frozenset[str]) -> list[Condition]:
    swapped = [(Level.PARTS_SWAPPED, names_swapped())] if Kind.SURNAME in others else []
    return [
        *swapped,
        (Level.ONE_SLIP, _slips(column, 1)),
        (Level.ALMOST, _similar(column, ALMOST)),
        (Level.CONTAINED, _contained(column)),
        (Level.ALIKE, _similar(column, ALIKE)),
    ]


def _text(column: str, _: frozenset[str]) -> list[Condition]:
    return [
        (Level.ONE_SLIP, _slips(column, 1)),
        (Level.ALMOST, _similar(column, ALMOST)),
        (Level.ALIKE, _similar(column, ALIKE)),
    ]


def _surname(column: str, others: frozenset[str]) -> list[Condition]:
    slip, almost, alike = _text(column, others)
    return [slip, almost, (Level.CONTAINED, _contained(column)), alike]


def _birth_date(column: str, _: frozenset[str]) -> list[Condition]:
    left, right = f"{column}_l", f"{column}_r"
    year, month, day = (_part(column, *span) for span in ((1, 4), (5, 2), (7, 2)))
    turned = f"concat(substr({right}, 1, 4), substr({right}, 7, 2), substr({right}, 5, 2))"
    return [
        (Level.PARTS_SWAPPED, f"(length({left}) = 8 and {left} = {turned})"),
        (Level.ONE_SLIP, _slips(column, 1)),
        (
            Level.TWO_PARTS,
            f"(length({left}) = 8 and length({right}) = 8 and "
            f"(({year} and {month}) or ({year} and {day}) or ({month} and {day})))",
        ),
        (Level.TWO_SLIPS, _slips(column, 2)),
    ]


def _code(column: str, _: frozenset[str]) -> list[Condition]:
    return [(Level.ONE_SLIP, _slips(column, 1))]


def _number(column: str, _: frozenset[str]) -> list[Condition]:
    return [(Level.ONE_SLIP, _slips(column, 1)), (Level.TWO_SLIPS, _slips(column, 2))]


def _postcode(column: str, _: frozenset[str]) -> list[Condition]:
    return [
        (Level.ONE_SLIP, _slips(column, 1)),
        (Level.NEAR, _part(column, 1, NEAR_CHARACTERS)),
    ]


def _email(column: str, _: frozenset[str]) -> list[Condition]:
    name = f"split_part({column}_l, '@', 1) = split_part({column}_r, '@', 1)"
    return [
        (Level.ONE_SLIP, _slips(column, 1)),
        (Level.SAME_NAME_ELSEWHERE, name),
        (Level.TWO_SLIPS, _slips(column, 2)),
    ]


_BETWEEN = {
    Kind.GIVEN_NAME: _given_name,
    Kind.SURNAME: _surname,
    Kind.BIRTH_DATE: _birth_date,
    Kind.HOUSE_NUMBER: _code,
    Kind.STREET: _text,
    Kind.ADDRESS_LINE: _text,
    Kind.LOCALITY: _text,
    Kind.POSTCODE: _postcode,
    Kind.REGION: _code,
    Kind.EMAIL: _email,
    Kind.TELEPHONE: _code,
    Kind.IDENTIFIER: _number,
}


def levels(column: str, columns: Iterable[str]) -> tuple[Level, ...]:
    """Of a column's comparison where `columns` are compared, from the closest to DIFFERENT."""
    between = _BETWEEN[kind_of(column)](column, frozenset(columns))
    return (Level.SAME, *(level for level, _ in between), Level.DIFFERENT)


def comparison(column: str, columns: Iterable[str], same_by_chance: float) -> dict[str, Any]:
    """Splink's form of one column's comparison.

    `same_by_chance` is the probability that two different people bear the same value: it comes from
    counting values, so it is not sampled. How rare a value is counts (term frequencies).
    """
    others = frozenset(columns)
    nobody = f"{column}_l is null or {column}_r is null"
    if column == Kind.SURNAME and Kind.GIVEN_NAME in others:
        # Swapped names are one observation: they count with the given name, and only there.
        nobody += f" or coalesce({names_swapped()}, false)"
    between = _BETWEEN[kind_of(column)](column, others)
    return {
        "output_column_name": column,
        "comparison_levels": [
            {"sql_condition": nobody, "label_for_charts": Level.UNKNOWN, "is_null_level": True},
            {
                "sql_condition": f"{column}_l = {column}_r",
                "label_for_charts": Level.SAME,
                "tf_adjustment_column": column,
                "u_probability": same_by_chance,
                "fix_u_probability": True,
            },
            *(
                {"sql_condition": condition, "label_for_charts": level}
                for level, condition in between
            ),
            {"sql_condition": "ELSE", "label_for_charts": Level.DIFFERENT},
        ],
    }
