"""The operator's first matrix: before one is in force nobody holds a letter, so nobody may."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer
from django.db import transaction
from django.utils import translation
from rich.console import Console
from rich.markup import escape

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.activities import SETUP
from pupitre.rules.mandate.contracts import Performed
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.matrix.actions import EnterIntoForce
from pupitre.rules.mandate.matrix.queries import fresh_law, version_in_force
from pupitre.rules.mandate.matrix.starting import StartFromPoint
from pupitre.rules.mandate.starting_points import (
    STARTING_POINTS,
    Role,
    map_roles,
    missing_roles,
    starting_point,
)

matrix_commands = typer.Typer(no_args_is_help=True, help="The responsibility matrix.")
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


def _fail(message: object) -> NoReturn:
    _err.print(f"[bold red]✗[/] {escape(str(message))}")
    raise typer.Exit(1)


@matrix_commands.command("points")
def points() -> None:
    """The five starting points."""
    for point in STARTING_POINTS:
        _out.print(f"[bold]{point.key:15}[/] {escape(point.name.en)}. {escape(point.suits.en)}\n")


@matrix_commands.command("start")
def start(
    point: Annotated[str, typer.Argument(help="Its key; `pupitre matrix points` lists the five.")],
    role: Annotated[
        list[str] | None,
        typer.Option(help="Who plays a part, as ROLE=SEAT: --role marketing=cmo. Repeatable."),
    ] = None,
) -> None:
    """Bring a first matrix into force from a starting point. Refused once one is."""
    with translation.override("en"):
        _start(point, role or [])


def _start(key: str, given: list[str]) -> None:
    in_force = version_in_force()
    if in_force is not None:
        _fail(f"Version {in_force.number} is in force. Change it from a draft, on its page.")
    if starting_point(key) is None:
        known = ", ".join(point.key for point in STARTING_POINTS)
        _fail(f"There is no starting point {key!r}: choose {known}.")
    law = fresh_law()
    at = clock.now()
    roles = {**map_roles(law, clock.day_of(at)), **_roles(law, given)}
    missing = missing_roles(roles)
    if missing:
        said = " and ".join(str(role.label).lower() for role in missing)
        _fail(f"Nobody plays the {said}: seat somebody there, or say who with --role.")
    played = tuple((role.value, seat) for role, seat in roles.items() if seat is not None)
    try:
        with transaction.atomic():  # a matrix in force, or nothing at all
            draft = act(StartFromPoint(key, played), by=SETUP, at=at)
            if not isinstance(draft, Performed) or not isinstance(draft.result, int):
                raise TypeError("the software's own acts are performed at once")
            act(EnterIntoForce(draft.result), by=SETUP, at=at)
    except Invalid as invalid:
        _fail(invalid)
    _out.print(f"[green]✓[/] Version {draft.result} is in force, from the starting point “{key}”.")
    for role, seat in roles.items():
        if seat is not None:
            _out.print(f"  {role.label!s:26} {law.seats[seat].name}", markup=False)


def _roles(law: Law, given: list[str]) -> dict[Role, int | None]:
    by_key = {seat.key: seat.id for seat in law.seats.values()}
    roles: dict[Role, int | None] = {}
    for pair in given:
        name, _equals, seat = pair.partition("=")
        if name not in set(Role):
            _fail(f"There is no part {name!r}: choose among {', '.join(Role)}.")
        if seat not in by_key:
            _fail(f"There is no seat {seat!r}; `pupitre seat list` shows them.")
        roles[Role(name)] = by_key[seat]
    return roles
