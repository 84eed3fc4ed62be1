"""The room's test kit: a small company with a matrix in force, for the tests of every room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.contrib.auth import get_user_model

from pupitre.rules.mandate import guard
from pupitre.rules.mandate.contracts import Actor, FunctionKind, enforced_activities
from pupitre.rules.mandate.models import (
    Cell,
    Delegation,
    Function,
    Ledger,
    MatrixVersion,
    Member,
    ReportingLine,
    Seat,
    Tenure,
)
from pupitre.rules.mandate.standing import forget_law

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)  # a Friday, noon in Paris
FIRST_DAY = date(2026, 1, 1)

# seat key → (function kind, French, English, the seat that it reports to)
SEATS: Mapping[str, tuple[FunctionKind, str, str, str | None]] = {
    "ceo": (FunctionKind.COMMITTEE, "Directrice générale", "Chief executive", None),
    "cmo": (FunctionKind.MARKETING, "Directrice marketing", "Chief marketing officer", "ceo"),
    "cio": (FunctionKind.IT, "Directeur des systèmes d’information", "CIO", "ceo"),
    "cdo": (FunctionKind.DIGITAL, "Directrice digitale", "Chief digital officer", "ceo"),
    "crm": (FunctionKind.RELATIONS, "Responsable relation client", "Head of service", "cmo"),
    "dpo": (FunctionKind.DATA, "Déléguée à la protection des données", "DPO", "ceo"),
    "brand": (FunctionKind.MARKETING, "Responsable de marque", "Brand manager", "cmo"),
    "ops": (FunctionKind.IT, "Responsable de production", "Head of operations", "cio"),
}
ROW = {"cmo": "A", "cio": "R", "cdo": "C", "crm": "I"}
ROWS: Mapping[str, Mapping[str, str]] = {
    "matrix.amend": {"cmo": "A", "cio": "R", "ceo": "I"},
    "organisation.change": {"cdo": "A", "cmo": "R", "cio": "R", "crm": "I"},
    "seat.appoint": {"ceo": "A", "cmo": "R", "cio": "R", "dpo": "C", "crm": "I"},
    "member.admit": {"cio": "AR", "cmo": "R", "dpo": "I"},
    "activity.define": {"cdo": "A", "cmo": "R", "cio": "R", "dpo": "C", "ceo": "I"},
    "audit.export": {"dpo": "AR", "ceo": "I"},
}


@dataclass(frozen=True, slots=True)
class Company:
    """A company in the database; keys lead to ids."""

    seats: Mapping[str, int]
    members: Mapping[str, int]  # by the key of the seat that they hold

    def actor(self, seat: str, *, member: str | None = None) -> Actor:
        return Actor(self.members[member or seat], self.seats[seat])


def a_company(*, rows: Mapping[str, Mapping[str, str]] | None = None) -> Company:
    """Functions, seats, one member a seat since FIRST_DAY, and version 1 in force.

    Enforced activities that ``rows`` and ROWS leave out get ROW.
    """
    given = {**ROWS, **(rows or {})}
    with guard.permitted():
        Ledger.objects.get_or_create(pk=1)
        seats = _seats()
        members = {key: a_member(key.upper()).pk for key in SEATS}
        for key, seat in seats.items():
            Tenure.objects.create(member_id=members[key], seat=seat, starts=FIRST_DAY)
        version = MatrixVersion.objects.create(
            number=1, state=MatrixVersion.State.IN_FORCE, started_at=NOON, entered_at=NOON
        )
        for activity in {*enforced_activities.keys(), *given}:
            for key, letters in given.get(activity, ROW).items():
                Cell.objects.create(
                    version=version, activity=activity, seat=seats[key], letters=letters
                )
    forget_law()
    return Company({key: seat.pk for key, seat in seats.items()}, members)


def a_member(name: str, *, email: str | None = None) -> Member:
    """A member with an account that has no password. Write inside ``guard.permitted()``."""
    user = get_user_model().objects.create_user(
        email=email or f"{name.lower().replace(' ', '.')}@ardoise.example"
    )
    return Member.objects.create(user=user, name=name)


def set_letters(company: Company, activity: str, seat: str, letters: str) -> None:
    """Change one letter of the matrix in force, as an amendment would have."""
    with guard.permitted():
        version = MatrixVersion.objects.get(state=MatrixVersion.State.IN_FORCE)
        place = {"version": version, "scope": "", "activity": activity}
        Cell.objects.filter(**place, seat_id=company.seats[seat]).delete()
        if letters:
            Cell.objects.create(**place, seat_id=company.seats[seat], letters=letters)
        bump()


def vacate(company: Company, seat: str) -> None:
    """Nobody holds the seat any more, and nobody did today."""
    with guard.permitted():
        Tenure.objects.filter(seat_id=company.seats[seat]).delete()
        bump()


def deputise(company: Company, seat: str, *, deputy: str, starts: date, ends: date) -> None:
    """The member who sits in ``deputy`` speaks for ``seat`` too."""
    with guard.permitted():
        Delegation.objects.create(
            seat_id=company.seats[seat],
            deputy_id=company.members[deputy],
            starts=starts,
            ends=ends,
        )
        bump()


def bump() -> None:
    """What every act does when it changes the law."""
    ledger = Ledger.objects.get(pk=1)
    ledger.epoch += 1
    ledger.save()


def _seats() -> dict[str, Seat]:
    functions: dict[FunctionKind, Function] = {}
    seats: dict[str, Seat] = {}
    for position, (key, (kind, fr, en, _superior)) in enumerate(SEATS.items()):
        if kind not in functions:
            functions[kind] = Function.objects.create(
                key=kind.value, kind=kind, name_fr=str(kind.label), position=position
            )
        heads = not Seat.objects.filter(function=functions[kind], heads=True).exists()
        seats[key] = Seat.objects.create(
            key=key, function=functions[kind], name_fr=fr, name_en=en, heads=heads
        )
    for key, (_kind, _fr, _en, superior) in SEATS.items():
        if superior is not None:
            ReportingLine.objects.create(seat=seats[key], superior=seats[superior])
    return seats
