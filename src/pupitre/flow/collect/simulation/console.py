"""`pupitre simulate`: make a company, and put it where it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from django.conf import settings
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from pupitre.flow.collect.simulation import services
from pupitre.flow.collect.simulation.contracts import DEFAULT_UNTIL, SIMULATIONS, Made, Scenario
from pupitre.flow.collect.simulation.posting import PostFailed, Posting
from pupitre.flow.collect.simulation.production import cores
from pupitre.flow.collect.simulation.writing import Occupied
from pupitre.lake.contracts import LakeError, NotTheWriter

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


def fail(message: object) -> NoReturn:
    _err.print(f"✗ {message}", style="red", markup=False)
    raise typer.Exit(1)


def simulate(
    people: Annotated[int, typer.Option(help="How many people.")],
    months: Annotated[int, typer.Option(help="How many months, up to --until.")],
    seed: Annotated[int, typer.Option(help="Another seed, other people.")],
    into_lake: Annotated[
        bool, typer.Option("--into-lake", help="Append the events to this house's lake.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write events and truth as Parquet in this new folder.")
    ] = None,
    post: Annotated[
        str | None, typer.Option(help="Send the events to the collector at this address.")
    ] = None,
    write_key: Annotated[
        list[str] | None,
        typer.Option(help="For --post: a write key, or SOURCE=KEY, once for each source."),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="Where the truth goes, with --into-lake and --post. Else: data folder."),
    ] = None,
    until: Annotated[
        str, typer.Option(help="The first day that is not simulated, as YYYY-MM-DD.")
    ] = DEFAULT_UNTIL.isoformat(),
    processes: Annotated[
        int | None, typer.Option(min=1, help="How many cores. Else: all. Changes no byte.")
    ] = None,
) -> None:
    """Make the customers of a fictional retailer, their events, and the truth about them."""
    if [into_lake, out is not None, post is not None].count(True) != 1:
        fail("Say where the events go: one of --into-lake, --out and --post.")
    try:
        scenario = Scenario(people, months, seed, date.fromisoformat(until))
        posting = Posting(post, keys(write_key or [])) if post else None
    except ValueError as error:
        fail(error)
    place = out or truth or Path(settings.DATA_DIR) / SIMULATIONS / scenario.fingerprint
    many = processes or cores()
    try:
        with shown(scenario) as told:
            if posting is not None:
                made = services.against_collector(
                    scenario=scenario,
                    truth_folder=place,
                    posting=posting,
                    processes=many,
                    told=told,
                )
            elif into_lake:
                made = services.into_lake(
                    scenario=scenario, truth_folder=place, processes=many, told=told
                )
            else:
                made = services.into_folder(
                    scenario=scenario, folder=place, processes=many, told=told
                )
    except (Occupied, PostFailed, NotTheWriter, LakeError, OSError) as error:
        fail(error)
    say(made, place)


def keys(given: list[str]) -> tuple[tuple[str, str], ...]:
    """Write keys by source; one without a source, under '', is for every other."""
    found = []
    for text in given:
        source, equals, key = text.partition("=")
        found.append((source, key) if equals else ("", text))
    if not found:
        raise ValueError("--post needs --write-key: one key, or SOURCE=KEY for each source.")
    return tuple(found)


@contextmanager
def shown(scenario: Scenario) -> Iterator[Callable[[Made], None]]:
    """A bar of people made, and the events so far."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TextColumn("people, {task.fields[events]:,} events"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, transient=True) as progress:
        task = progress.add_task("Simulating", total=scenario.people, events=0)
        yield lambda made: progress.update(task, completed=made.people, events=made.events)


def say(made: Made, place: Path) -> None:
    _out.print(f"[green]✓[/] {made.events:,} events of {made.people:,} people.")
    if made.kept:
        _out.print(f"{made.kept} of {made.blocks} blocks were in the lake already.")
    _out.print(f"The truth is in {place / 'truth'}", markup=False, soft_wrap=True)
