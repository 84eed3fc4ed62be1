"""Text made by the million says exactly what JSON says."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pupitre.flow.collect.simulation import text, words
from pupitre.flow.collect.simulation.devices import fields

texts = st.text(st.characters(codec="utf-8"), max_size=40)


@given(st.lists(texts, max_size=20))
def test_quoted_text_reads_back_as_it_was(values: list[str]) -> None:
    made = text.quote(pa.array(values, pa.string()))
    assert [json.loads(one) for one in made.to_pylist()] == values


def test_a_missing_text_stays_missing() -> None:
    assert text.quote(pa.array(["a", None, '"'])).to_pylist() == ['"a"', None, '"\\""']


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_money_is_exact(cents: list[int]) -> None:
    made = text.money(np.array(cents, dtype=np.int64)).to_pylist()
    assert [round(json.loads(one) * 100) for one in made] == cents
    assert all(one[-3] == "." for one in made)


@given(st.lists(st.integers(0, 10**8 - 1), min_size=1, max_size=20))
def test_numbers_of_one_width(values: list[int]) -> None:
    assert text.decimal(values, 8).to_pylist() == [f"{value:08d}" for value in values]
    assert text.hexadecimal(values, 16).to_pylist() == [f"{value:016x}" for value in values]


@given(st.lists(st.tuples(*[st.none() | texts] * 3), min_size=1, max_size=10))
def test_an_object_leaves_out_what_is_missing(rows: list[tuple[str | None, ...]]) -> None:
    names = ("a", "b", "c")
    columns = [pa.array([row[n] for row in rows], pa.string()) for n in range(3)]
    made = fields(*((name, text.quote(c)) for name, c in zip(names, columns, strict=True)))
    expected = [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in rows]
    assert [json.loads(one) for one in made.to_pylist()] == expected


def test_a_book_keeps_its_places() -> None:
    book = text.Book("{}")
    assert book.add(pa.array(["a", "b"])) == 1
    assert book.add(pa.array(["c"])) == 3
    assert book.bound().to_pylist() == ["{}", "a", "b", "c"]


def test_what_people_write_needs_escaping_somewhere() -> None:
    """Or the tests above would say nothing of the events."""
    said = "".join(body for _, bodies in words.TOPICS for body in bodies) + "".join(words.CLOSERS)
    assert '"' in said
    assert "\n" in said
    assert any("\\" in body for _, body in words.MENTIONS)
