"""The operator's commands: how the lake is, and tidy it now."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table

from pupitre.core import clock
from pupitre.lake import queries, services
from pupitre.lake.contracts import LakeError, NotTheWriter

lake_commands = typer.Typer(no_args_is_help=True, help="The lake, where events rest.")
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


def _fail(error: Exception) -> typer.Exit:
    _err.print("[bold red]✗[/]", end=" ")
    _err.print(str(error), markup=False)
    return typer.Exit(1)


def _bytes(number: int | None) -> str:
    if number is None:
        return "not ours to measure"
    for unit in ("bytes", "KB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{number:,.0f} {unit}" if unit == "bytes" else f"{number:,.1f} {unit}"
        number = number / 1000  # type: ignore[assignment]
    raise AssertionError("unreachable")


@lake_commands.command("status")
def status() -> None:
    """What the lake holds and takes up, and how far back it can be read."""
    try:
        space = queries.space()
        newest = queries.snapshots(limit=1)
    except (LakeError, NotTheWriter) as error:
        raise _fail(error) from error
    table = Table(box=None, show_header=False, pad_edge=False)
    oldest = space.oldest_snapshot_at
    for name, value in (
        ("events", f"{space.events:,}"),
        ("files", f"{space.files:,}, of which {space.small_files:,} small"),
        ("data", _bytes(space.data_bytes)),
        ("older states, not deleted yet", _bytes(space.waiting_bytes)),
        ("catalogue", _bytes(space.catalogue_bytes)),
        ("free on the disk", _bytes(space.free_bytes)),
        ("snapshots", f"{space.snapshots:,}"),
        ("oldest snapshot", f"{oldest:%Y-%m-%d %H:%M} UTC" if oldest else "none"),
        ("newest snapshot", f"{newest[0].at:%Y-%m-%d %H:%M} UTC" if newest else "none"),
    ):
        table.add_row(f"[bold]{name}[/]", value)
    _out.print(table)


@lake_commands.command("upkeep")
def upkeep() -> None:
    """Merge small files, thin out old snapshots, delete what nothing needs. The worker does too."""
    try:
        with _out.status("Tidying the lake"):
            done = services.keep_up(at=clock.now())
    except (LakeError, NotTheWriter) as error:
        raise _fail(error) from error
    _out.print(
        f"[green]✓[/] {done.merged_files} files merged into {done.into_files}, "
        f"{done.expired_snapshots} snapshots expired, "
        f"{done.deleted_files + done.orphaned_files} files deleted, in {done.seconds:.1f} s."
    )
