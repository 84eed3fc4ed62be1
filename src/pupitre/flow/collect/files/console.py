"""`pupitre import`: a file of this machine into a source, with or without Pupitre being served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.flow.collect.files import importing, mapping, records, services
from pupitre.lake.contracts import LakeError, NotTheWriter

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


def fail(message: object) -> NoReturn:
    _err.print(Text("✗", "bold red"), Text(str(message)), soft_wrap=True)
    raise typer.Exit(1)


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines, Parquet or XLSX.")],
    source: Annotated[str, typer.Option(help="The source’s name in the lake: web-shop.")] = "",
    map_: Annotated[
        Path | None, typer.Option("--map", help="The mapping, as JSON. Else: guessed and shown.")
    ] = None,
    guess: Annotated[
        bool, typer.Option("--guess", help="Write the guessed mapping and import nothing.")
    ] = False,
) -> None:
    """Bring a file's rows in as events. Run again after a crash, it goes on where it was."""
    try:
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
            say(asked.progress, again=True)
            return
        say(_run(asked))
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


def say(done: records.Progress, *, again: bool = False) -> None:
    if done.state == records.State.FAILED:
        fail(f"Nothing more can be imported: {done.told.english if done.told else done.state}")
    if again:
        _out.print("This file is in already: nothing was added.")
    _out.print(
        f"[green]✓[/] {done.accepted:,} events of {done.rows:,} rows; {done.duplicates:,} were "
        f"there already, {done.refused:,} are in quarantine.",
        soft_wrap=True,
    )
