"""`pupitre import`: a file of this machine into a source, with or without Pupitre being served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.flow.collect.files import importing, mapping, records, services
from pupitre.flow.collect.files.taking_back import take_back
from pupitre.lake import queries as lake
from pupitre.lake.contracts import LakeError, NotTheWriter

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


def fail(message: object) -> NoReturn:
    _err.print(Text("✗", "bold red"), Text(str(message)), soft_wrap=True)
    raise typer.Exit(1)


def import_file(
    file: Annotated[Path | None, typer.Argument(help="CSV, JSON lines, Parquet or XLSX.")] = None,
    source: Annotated[str, typer.Option(help="The source’s name in the lake: web-shop.")] = "",
    map_: Annotated[
        Path | None, typer.Option("--map", help="The mapping, as JSON. Else: guessed and shown.")
    ] = None,
    guess: Annotated[
        bool, typer.Option("--guess", help="Write the guessed mapping and import nothing.")
    ] = False,
    back: Annotated[
        int | None, typer.Option("--take-back", help="Take back the import of this number.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --take-back: without asking first.")
    ] = False,
) -> None:
    """Bring a file's rows in as events. Run again after a crash, it goes on where it was."""
    try:
        if back is not None:
            if file is not None or source or map_ or guess:
                fail("--take-back takes the number of an import, and nothing else.")
            _take_back(back, yes=yes)
            return
        if file is None:
            fail("Say which file, or which import to --take-back.")
        if guess or map_ is None:
            found = services.guessed(file)
            _out.print_json(mapping.written(found).decode())
            if not guess:
                fail("Look at this guess, keep it in a file, and give that file with --map.")
            return
        if not source:
            fail("Say which source it comes from: --source web-shop.")
        asked = services.asked_at_console(
            source=source, file=file, mapping=map_.read_text(encoding="utf-8"), at=clock.now()
        )
        if asked.progress.over:
            say(asked, asked.progress, again=True)
            return
        say(asked, _run(asked))
    except importing.Stopped:
        fail("It was asked back while it came in: it stopped.")
    except (Invalid, LakeError, NotTheWriter, OSError, UnicodeError) as error:
        fail(error)


def _run(row: records.ImportRow) -> records.Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[events]:,} events, {task.fields[refused]:,} refused"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, transient=True) as shown:
        task = shown.add_task(row.file, total=None, events=0, refused=0)

        def told(now: records.Progress) -> None:
            shown.update(
                task,
                total=now.size or None,
                completed=now.done,
                events=now.accepted,
                refused=now.refused,
            )

        return importing.run(row, now=clock.now, told=told, digest=row.digest)


def say(row: records.ImportRow, done: records.Progress, *, again: bool = False) -> None:
    if done.state == records.State.FAILED:
        fail(f"Nothing more can be imported: {done.told.english if done.told else done.state}")
    if again:
        _out.print("This file is in already: nothing was added.")
    _out.print(
        f"[green]✓[/] {done.accepted:,} events of {done.rows:,} rows; {done.duplicates:,} were "
        f"there already, {done.refused:,} are in quarantine. This is import {row.id}.",
        soft_wrap=True,
    )


def _take_back(number: int, *, yes: bool) -> None:
    row = records.import_numbered(number=number)
    if row is None:
        fail(f"There is no import {number}.")
    if row.progress.state == records.State.TAKEN:
        _out.print(f"Import {number} was taken back before: nothing to do.")
        return
    if row.taken_back_at is None:
        events = lake.count_brought(row.brought)
        _err.print(f"{events:,} events would go: all that {escape(row.file)} brought in.")
        if not yes:
            typer.confirm("Take them back?", abort=True, err=True)
    row = services.taken_back_at_console(number=number, at=clock.now())
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=_err,
        transient=True,
    ) as shown:  # fmt: skip
        task = shown.add_task(row.file, total=None)

        def told(now: records.Progress) -> None:
            shown.update(task, total=now.going or None, completed=now.taken)

        done = take_back(row, now=clock.now, told=told)
    _out.print(f"[green]✓[/] {done.taken:,} events were taken back.", soft_wrap=True)
