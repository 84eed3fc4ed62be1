"""The one flat format in which an organisation leaves as a file and comes back.

One line for each person in a seat; a seat that nobody holds takes one line, and so does a
function that has no seat. What is said of a function or a seat is repeated on its lines.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import Bilingual
from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import Row, place
from pupitre.rules.mandate.contracts import FunctionKind
from pupitre.rules.mandate.organisation.state import OrganisationState, SeatState, TenureState

SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its stable name, its title in both languages, and what goes into it."""

    name: str
    title: Bilingual
    means: Bilingual
    example: Bilingual


COLUMNS = (
    Column(
        "function_key",
        Bilingual("Code de la fonction", "Function code"),
        Bilingual(
            "Lettres sans accent, chiffres et tirets. Laissé vide, il vient du nom.",
            "Unaccented letters, digits and dashes. Left empty, it is made from the name.",
        ),
        Bilingual("marketing", "marketing"),
    ),
    Column(
        "function_fr",
        Bilingual("Fonction", "Function (French)"),
        Bilingual(
            "Le nom de la direction ou de la fonction.", "What the function is called in French."
        ),
        Bilingual("Marketing", "Marketing"),
    ),
    Column(
        "function_en",
        Bilingual("Fonction (anglais)", "Function"),
        Bilingual(
            "Facultatif\u00a0: son nom en anglais.",
            "What it is called in English. One of the two names is enough.",
        ),
        Bilingual("Marketing", "Marketing"),
    ),
    Column(
        "kind",
        Bilingual("Nature", "Kind"),
        Bilingual(
            "Marketing, DSI, digital, communication… Donne sa couleur à la fonction\u00a0; "
            "marketing et DSI décident ensemble de ce qui est conjoint.",
            "Marketing, IT, digital, communication… Gives the function its colour; marketing and "
            "IT decide together on what is joint.",
        ),
        Bilingual("marketing", "marketing"),
    ),
    Column(
        "parent",
        Bilingual("Rattachée à", "Part of"),
        Bilingual(
            "Facultatif\u00a0: le code ou le nom de la fonction dont elle fait partie.",
            "Optional: the code or name of the function that it is part of.",
        ),
        Bilingual("", ""),
    ),
    Column(
        "seat_key",
        Bilingual("Code du siège", "Seat code"),
        Bilingual(
            "Ce qui permet de reconnaître le siège à l’import suivant. Laissé vide, il vient du "
            "nom.",
            "How the seat is recognised at the next import. Left empty, it is made from the name.",
        ),
        Bilingual("cmo", "cmo"),
    ),
    Column(
        "seat_fr",
        Bilingual("Siège", "Seat (French)"),
        Bilingual("Le nom du siège.", "What the seat is called in French."),
        Bilingual("Directrice marketing", "Directrice marketing"),
    ),
    Column(
        "seat_en",
        Bilingual("Siège (anglais)", "Seat"),
        Bilingual(
            "Facultatif\u00a0: son nom en anglais.",
            "What it is called in English. One of the two names is enough.",
        ),
        Bilingual("Chief marketing officer", "Chief marketing officer"),
    ),
    Column(
        "heads",
        Bilingual("Dirige la fonction", "Heads the function"),
        Bilingual("Oui ou non\u00a0; un seul siège par fonction.", "Yes or no; one a function."),
        Bilingual("oui", "yes"),
    ),
    Column(
        "places",
        Bilingual("Places", "Places"),
        Bilingual(
            "Combien de personnes peuvent occuper le siège en même temps\u00a0; une, si la case "
            "est vide.",
            "How many people may hold the seat at the same time; one where it is empty.",
        ),
        Bilingual("1", "1"),
    ),
    Column(
        "superior",
        Bilingual("Rend compte à", "Reports to"),
        Bilingual(
            "Le code ou le nom du siège supérieur (trait plein).",
            "The code or name of the seat above (solid line).",
        ),
        Bilingual("ceo", "ceo"),
    ),
    Column(
        "dotted",
        Bilingual("Lien fonctionnel avec", "Dotted line to"),
        Bilingual(
            "Codes ou noms de sièges, séparés par |.", "Codes or names of seats, separated by |."
        ),
        Bilingual("cio | cdo", "cio | cdo"),
    ),
    Column(
        "email",
        Bilingual("Adresse e-mail", "E-mail address"),
        Bilingual(
            "De la personne qui occupe le siège\u00a0; vide s’il est vacant.",
            "Of the person who holds the seat; empty where it is vacant.",
        ),
        Bilingual("claire.aubert@example.com", "claire.aubert@example.com"),
    ),
    Column(
        "name",
        Bilingual("Nom de la personne", "Person’s name"),
        Bilingual(
            "Nécessaire pour quelqu’un que Pupitre ne connaît pas encore.",
            "Needed for somebody whom Pupitre does not know yet.",
        ),
        Bilingual("Claire Aubert", "Claire Aubert"),
    ),
    Column(
        "starts",
        Bilingual("Du", "From"),
        Bilingual(
            "Premier jour, AAAA-MM-JJ ou JJ/MM/AAAA. Vide\u00a0: aujourd’hui, pour qui arrive.",
            "First day, YYYY-MM-DD or DD/MM/YYYY. Empty: today, for somebody who arrives.",
        ),
        Bilingual("2026-01-05", "2026-01-05"),
    ),
    Column(
        "ends",
        Bilingual("Au", "To"),
        Bilingual(
            "Dernier jour compris\u00a0; vide s’il n’y a pas de fin prévue.",
            "Last day, included; empty where no end is planned.",
        ),
        Bilingual("", ""),
    ),
)
BY_NAME: Mapping[str, Column] = MappingProxyType({column.name: column for column in COLUMNS})
YES = frozenset({"oui", "o", "yes", "y", "true", "vrai", "1", "x"})
NO = frozenset({"", "non", "n", "no", "false", "faux", "0"})


def plain(text: str) -> str:
    """For comparing what people typed: no accents, no capitals, single spaces."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def read_header(header: Row) -> dict[str, int]:
    """Which column holds what, counted from 1. Titles of both languages and names are known.

    Raises `Invalid` for a title that is unknown or there twice, or where the seats are missing.
    """
    known: dict[str, str] = {}
    for column in COLUMNS:
        # "Function" is English for what French calls "Fonction (anglais)": no two columns share
        # a title in one language, nor across both.
        for title in (column.name, column.title.fr, column.title.en):
            known.setdefault(plain(title), column.name)
    found: dict[str, int] = {}
    for position, title in enumerate(header.cells, start=1):
        if not title:
            continue
        name = known.get(plain(title))
        where = capfirst(place(header.line, position))
        if name is None:
            raise Invalid(
                _(
                    "%(place)s: Pupitre does not know the column “%(title)s”. Remove it, or "
                    "rename it as in the template."
                )
                % {"place": where, "title": title[:60]}
            )
        if name in found:
            raise Invalid(
                _("%(place)s: the column “%(title)s” is there twice. Keep one of the two.")
                % {"place": where, "title": title[:60]}
            )
        found[name] = position
    _require(found)
    return found


def _require(found: Mapping[str, int]) -> None:
    missing = []
    if not {"function_key", "function_fr", "function_en"} & found.keys():
        missing.append(BY_NAME["function_key"])
    if not {"seat_key", "seat_fr", "seat_en"} & found.keys():
        missing.append(BY_NAME["seat_key"])
    if missing:
        raise Invalid(
            ngettext(
                "The first line must name the columns, and “%(titles)s” is missing. Start from "
                "the template: it has them all.",
                "The first line must name the columns, and these are missing: %(titles)s. Start "
                "from the template: it has them all.",
                len(missing),
            )
            % {"titles": ", ".join(str(column.title) for column in missing)}
        )


def kind_of(text: str) -> FunctionKind | None:
    """A kind of function from its code or its name in either language; None where unknown."""
    wanted = plain(text)
    for kind, names in _kind_names().items():
        if wanted in names:
            return kind
    return None


def _kind_names() -> dict[FunctionKind, set[str]]:
    names: dict[FunctionKind, set[str]] = {kind: {kind.value} for kind in FunctionKind}
    for language in ("fr", "en"):
        with translation.override(language):
            for kind in FunctionKind:
                names[kind].add(plain(str(kind.label)))
    return names


# Going out


def header() -> list[str]:
    return [str(column.title) for column in COLUMNS]


def template_rows() -> list[list[str]]:
    return [[str(column.example) for column in COLUMNS]]


def rows_of(state: OrganisationState, *, day: date) -> Iterable[list[object]]:
    """The organisation as the format's lines: functions in order, their seats, who holds them."""
    seats: dict[str, list[SeatState]] = {key: [] for key in state.functions}
    for seat in state.open_seats(day):
        seats[seat.function].append(seat)
    for key, function in state.functions.items():
        start: list[object] = [
            function.key,
            function.name_fr,
            function.name_en,
            str(FunctionKind(function.kind).label),
            function.parent,
        ]
        if not seats[key]:
            yield [*start, *([""] * (len(COLUMNS) - len(start)))]
        for seat in seats[key]:
            for tenure in state.tenures_of(seat.key) or (None,):
                yield [*start, *_seat_cells(seat), *_holder_cells(state, tenure)]


def _seat_cells(seat: SeatState) -> list[object]:
    return [
        seat.key,
        seat.name_fr,
        seat.name_en,
        seat.heads,
        seat.places,
        seat.superior,
        f" {SEPARATOR} ".join(seat.dotted),
    ]


def _holder_cells(state: OrganisationState, tenure: TenureState | None) -> list[object]:
    if tenure is None:
        return ["", "", "", ""]
    member = state.members[tenure.email]
    return [member.email, member.name, tenure.starts, tenure.ends or ""]
