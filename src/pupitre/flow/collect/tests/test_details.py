"""What was wrong, as a code and its values: kept whole, told in two languages, never obeyed."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import translation

import pupitre.flow.collect as room
from pupitre.flow.collect.details import (
    MAX_DETAIL_CHARACTERS,
    SENTENCES,
    Detail,
    Piece,
    Wrong,
    detail,
    places_of,
    read,
    written,
)

ROOM = Path(room.__path__[0])
NUMBERS = frozenset(
    {"bytes", "most", "events", "length", "seconds", "days", "line", "byte", "cells", "expected"}
)
CODED = [wrong for wrong in Wrong if wrong is not Wrong.AS_KEPT]
HOSTILE = '<script>alert("%(line)s")</script> %s %(x)s {{ 1 }} \u202egnp\x00\n\ud800'


def filled(wrong: Wrong) -> Detail:
    """A sentence with something in each of its places."""
    names = sorted(places_of(SENTENCES[wrong]))
    given = {name: 3 if name in NUMBERS else f"a {name}" for name in names}
    if "what" in given:
        return detail(wrong, **(given | {"what": filled(Wrong.NO_AMOUNT)}))
    return detail(wrong, **given)


def said(found: Detail | None, language: str) -> str:
    with translation.override(language):
        return str(found)


class TestTheCatalogue:
    def test_each_code_has_its_sentence(self) -> None:
        assert set(SENTENCES) == set(Wrong)
        assert len(set(SENTENCES.values())) == len(SENTENCES)

    @pytest.mark.parametrize("wrong", CODED)
    def test_each_sentence_has_its_french_with_the_same_places(self, wrong: Wrong) -> None:
        with translation.override("fr"):
            french = translation.gettext(SENTENCES[wrong])
        assert places_of(french) == places_of(SENTENCES[wrong])
        if places_of(SENTENCES[wrong]) != {"file", "what"}:  # no word of any language in it
            assert french != SENTENCES[wrong]

    @pytest.mark.parametrize("wrong", CODED)
    def test_each_is_told_in_both_languages(self, wrong: Wrong) -> None:
        whole = filled(wrong)
        assert said(whole, "en") == whole.english
        assert "%(" not in whole.english + said(whole, "fr")
        for _, value in whole.values:
            if isinstance(value, str):
                assert value in whole.english
                assert value in said(whole, "fr")

    def test_every_place_where_one_is_made_gives_what_its_sentence_needs(self) -> None:
        made = list(_made(ROOM))
        assert len(made) > 50
        for where, name, given in made:
            assert places_of(SENTENCES[Wrong[name]]) == given, where
        assert {name for _, name, _ in made} == {wrong.name for wrong in Wrong}


def _made(folder: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Each call ``detail(Wrong.NAME, …)`` of the room, with the names of its values."""
    for path in folder.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if called and node.func.id == "detail":  # type: ignore[attr-defined]
                (first,) = node.args  # type: ignore[attr-defined]
                given = frozenset(keyword.arg for keyword in node.keywords)  # type: ignore[attr-defined]
                yield f"{path}:{node.lineno}", first.attr, given  # type: ignore[attr-defined]


class TestAsItIsKept:
    @pytest.mark.parametrize("wrong", list(Wrong))
    def test_what_is_read_is_what_was_written(self, wrong: Wrong) -> None:
        whole = filled(wrong)
        assert read(written(whole)) == whole

    def test_it_is_cut_by_its_values_and_stays_whole(self) -> None:
        for character in ("é", "\x01", '"', "\ud800"):
            deep = detail(
                Wrong.IN_FILE,
                file=character * 3_000,
                what=detail(
                    Wrong.ON_LINE,
                    line=12,
                    what=detail(
                        Wrong.TIME_NOT_READ,
                        column=character * 900,
                        said=character * 90,
                        format="%Y",
                    ),
                ),
            )
            text = written(deep)
            assert len(text) <= MAX_DETAIL_CHARACTERS
            assert json.loads(text)["wrong"] == "in_file"
            kept = read(text)
            assert kept is not None
            assert kept.english.endswith("”, where dates look like %Y")
            assert ", line 12: column “" in kept.english

    def test_a_name_of_512_characters_is_kept_as_far_as_there_is_room(self) -> None:
        text = written(detail(Wrong.NAME_NOT_PLANNED, type="track", name="n" * 512))
        kept = read(text)
        assert kept is not None
        assert kept.english == f"track “{'n' * 399}…” is not in the plan"

    @pytest.mark.parametrize(
        "text",
        [
            "a track without its event",
            "x",
            "{",
            '{"wrong":',
            '{"wrong":7}',
            '{"wrong":"of a version to come","values":{"a":1}}',
            '{"wrong":"no_amount","values":{"column":"a"}}',
            '{"wrong":"no_row","values":{"what":{"wrong":"no_row","values":{"what":[]}}}}',
            '{"wrong":"no_json","values":{"engine":true}}',
            '{"wrong":"on_line","values":{"line":1,"what":' * 60,
        ],
    )
    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_a_text_that_is_no_code_s_is_told_as_it_is(self, text: str, language: str) -> None:
        kept = read(text)
        assert kept is not None
        assert kept.english == said(kept, language) == text
        assert kept.pieces == (Piece(text, foreign=True),)

    def test_nothing_said_is_nothing(self) -> None:
        assert read("") is None


class TestOnAPage:
    def test_what_an_engine_said_is_marked_as_english(self) -> None:
        kept = read(written(detail(Wrong.NO_JSON, engine="Input data was truncated")))
        with translation.override("fr"):
            page = render_to_string("collect/_detail.html", {"detail": kept}).strip()
        assert page == 'ce n’est pas du JSON\u00a0: <span lang="en">Input data was truncated</span>'

    def test_numbers_are_as_the_reader_writes_them(self) -> None:
        heavy = detail(Wrong.EVENT_TOO_LARGE, bytes=33_000, most=32_768)
        assert heavy.english == "an event of 33000 bytes; 32768 may be"
        assert said(heavy, "en") == "an event of 33,000 bytes; 32,768 may be"
        assert said(heavy, "fr") == (
            "un événement de 33\u202f000 octets\u202f; 32\u202f768 au plus"
        )

    def test_hostile_text_is_text(self) -> None:
        cell = detail(Wrong.NO_AMOUNT, column=HOSTILE, said=HOSTILE)
        kept = read(written(detail(Wrong.ON_LINE, line=4, what=cell)))
        for language in ("fr", "en"):
            with translation.override(language):
                page = render_to_string("collect/_detail.html", {"detail": kept})
            assert "<script" not in page
            assert page.count("%(line)s") == page.count("%(x)s") == page.count("{{ 1 }}") == 2
            assert not set(page.strip()) & {"\u202e", "\x00", "\n"}
