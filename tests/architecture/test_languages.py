"""French and English are both complete. English is what the code says; French is in catalogues."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from scripts import messages
from tests.architecture import languages
from tests.architecture.source import PACKAGE, nothing


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Catalog]:
    """What the code says, room by room, collected anew from a copy without any catalogue."""
    copy = tmp_path_factory.mktemp("collected") / "pupitre"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("locale", "tests", "__pycache__"))
    found = messages.collect(copy)
    assert len(found) >= 3
    return {home.relative_to(copy).as_posix(): messages.read(path) for home, path in found.items()}


@pytest.fixture(scope="module")
def french() -> dict[str, Catalog]:
    return {
        path.parents[3].relative_to(PACKAGE).as_posix(): messages.read(path)
        for path in sorted(PACKAGE.rglob("locale/fr/LC_MESSAGES/django.po"))
    }


def test_the_french_says_all_that_the_code_says_and_no_more(
    said: dict[str, Catalog], french: dict[str, Catalog]
) -> None:
    empty = Catalog()
    rooms = sorted(said.keys() | french.keys())
    nothing(
        gap
        for room in rooms
        for gap in languages.gaps(room, said.get(room, empty), french.get(room, empty))
    )


def test_translations_keep_their_blanks(french: dict[str, Catalog]) -> None:
    nothing(gap for room, catalogue in french.items() for gap in languages.blanks(room, catalogue))


def test_one_thing_is_said_one_way_in_every_room(french: dict[str, Catalog]) -> None:
    nothing(languages.conflicts(french))


def test_french_is_set_as_french_is_set(french: dict[str, Catalog]) -> None:
    nothing(
        misprint
        for room, catalogue in french.items()
        for message in catalogue
        if message.id
        for misprint in languages.typography(room, languages.strings(message))
    )


def test_the_catalogues_are_as_make_messages_writes_them(
    french: dict[str, Catalog], tmp_path: Path
) -> None:
    for room, catalogue in french.items():
        kept = PACKAGE / room / "locale/fr/LC_MESSAGES/django.po"
        messages.write(tmp_path / "django.po", catalogue)
        assert (tmp_path / "django.po").read_text("utf-8") == kept.read_text("utf-8"), room


# --- the rules find what is planted --------------------------------------------------------------


def catalogue(*messages_: tuple[object, object]) -> Catalog:
    made = Catalog(locale="fr")
    for text, string in messages_:
        made.add(text, string)
    return made


def test_gaps_are_found() -> None:
    code = catalogue(("Seat", ""), ("Matrix", ""), (("%(n)s seat", "%(n)s seats"), ("", "")))
    whole = catalogue(
        ("Seat", "Siège"),
        ("Matrix", "Matrice"),
        (("%(n)s seat", "%(n)s seats"), ("%(n)s siège", "%(n)s sièges")),
    )
    assert languages.gaps("room", code, whole) == []

    missing = catalogue(("Seat", "Siège"), ("Chair", "Chaise"))
    missing.add("Matrix", "")
    assert len(languages.gaps("room", code, missing)) == 3  # not there, said nowhere, empty

    half = catalogue(("Seat", "Siège"), (("%(n)s seat", "%(n)s seats"), ("%(n)s siège", "")))
    half.add("Matrix", "Matrice", flags=["fuzzy"])
    assert len(languages.gaps("room", code, half)) == 2  # a plural left empty, a guess


def test_a_new_string_in_the_code_is_found(tmp_path: Path) -> None:
    room = tmp_path / "pupitre" / "rooms"
    room.mkdir(parents=True)
    (room / "apps.py").touch()
    (room / "views.py").write_text(
        "from django.utils.translation import gettext as _\n_('Hello')\n"
    )
    (room / "page.html").write_text("{% load i18n %}{% translate 'World' %}")
    found = messages.collect(tmp_path / "pupitre")
    gaps = languages.gaps("rooms", messages.read(found[room]), Catalog())
    assert gaps == ["rooms: not in the catalogue: 'Hello'", "rooms: not in the catalogue: 'World'"]


@pytest.mark.parametrize(
    ("text", "string", "well"),
    [
        ("%(who)s has %(n)s", "%(n)s pour %(who)s", True),
        ("%(who)s has %(n)s", "%(n)s pour %(whom)s", False),
        ("%(who)s has %(n)s", "%(n)s", False),
        (("one seat", "%(n)s seats"), ("un siège", "%(n)s sièges"), True),
        (("one seat", "%(n)s seats"), ("un siège", "%(m)s sièges"), False),
        ("{count} lines", "{count} lignes", True),
        ("{count} lines", "{compte} lignes", False),
    ],
)
def test_blanks_are_compared(text: object, string: object, well: bool) -> None:
    assert (languages.blanks("room", catalogue((text, string))) == []) is well


def test_two_rooms_that_translate_differently_are_found() -> None:
    here, there = catalogue(("Desk", "Bureau")), catalogue(("Desk", "Pupitre"))
    assert languages.conflicts({"a": here, "b": here}) == []
    assert languages.conflicts({"a": here, "b": there}) != []


@pytest.mark.parametrize(
    "text",
    [
        "L'activité",
        "Pourquoi ?",
        "Attention !",
        "Attention!",
        "Refus : voir",
        "Refus: voir",
        "Un ; deux",
        "« Refus\u00a0»",
        "«\u00a0Refus »",
        'Dites "oui"',
        "Un instant...",
        "10 %",
        "%(n)s €",
        "%(who)s: refusé",
    ],
)
def test_misprints_are_found(text: str) -> None:
    assert languages.typography("room", [text]) != []


@pytest.mark.parametrize(
    "text",
    [
        "L’activité",
        "Pourquoi\u202f?",
        "Vraiment\u202f?!",
        "Refus\u00a0: voir «\u00a0matrice\u00a0»",
        "À 14:30, voir https://exemple.fr/a?b=1",
        'Lire <a href="%(url)s">la page</a>',
        "Un instant…",
        "10\u202f%% des sièges",
        "%(n)s\u00a0€",
        "R&nbsp;: agit",
    ],
)
def test_what_is_well_set_passes(text: str) -> None:
    assert languages.typography("room", [text]) == []
