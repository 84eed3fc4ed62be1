"""The command line, `pupitre`. Rooms add groups of their own to it (see core.contributions).

Django is set up only when a command needs it: options such as --demo are settings, and must be in
the environment before settings are read. Nothing imported here reads settings while it is imported.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated, Any, NoReturn

import django
import typer
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup
from typer.main import get_group

from pupitre import __version__
from pupitre.config import checks, demonstration, doctor, environment, messages, prepare, serve
from pupitre.config.lock import AlreadyWorking
from pupitre.core.contributions import cli_commands, cli_groups, health_checks

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def complain(message: object) -> None:
    """One line on the error stream, as it is: what was typed may look like markup."""
    err.print(Text("✗", "bold red"), str(message), markup=False)


def fail(message: object) -> NoReturn:
    complain(message)
    raise typer.Exit(1)


def ready() -> None:
    """Set Django up, once; a setting that makes no sense ends the command in one plain line."""
    if apps.ready:
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pupitre.config.settings")
    try:
        django.setup()
    except (ImproperlyConfigured, OSError, ValueError) as error:
        fail(f"Pupitre cannot start with these settings. {error}")


class Commands(TyperGroup):
    """Our own commands, and after them the groups and commands that rooms contribute."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *contributed()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        return own if own is not None else contributed().get(cmd_name)


def contributed() -> dict[str, Any]:
    ready()
    shelf = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    for name in cli_groups.keys():  # noqa: SIM118  (a registry iterates over its entries)
        shelf.add_typer(cli_groups[name], name=name)
    for name in cli_commands.keys():  # noqa: SIM118
        shelf.command(name=name)(cli_commands[name])
    known = shelf.registered_groups or shelf.registered_commands
    return dict(get_group(shelf).commands) if known else {}


app = typer.Typer(
    cls=Commands,
    name="pupitre",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
translations = typer.Typer(no_args_is_help=True, help="Translations.")
app.add_typer(translations, name="messages")


def show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"pupitre {__version__}")
        raise typer.Exit


@app.callback(help="The desk that marketing and IT share.")
def pupitre(
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Say which version."),
    ] = False,
) -> None:
    del version


def given(**options: object) -> None:
    """Options that are settings go where settings are read from; those not given stay as set."""
    for field, value in options.items():
        if value is not None and value is not False:
            os.environ[environment.variable(field)] = str(value)


def translate() -> None:
    """Compile what changed; where the program may not write to itself, say so and go on."""
    try:
        messages.compile_stale()
    except OSError as error:
        complain(f"Translations were not compiled: {error}")


@app.command()
def run(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="With a demonstration company, apart from your data.")
    ] = False,
    migrate: Annotated[bool, typer.Option(help="Bring the database up to date first.")] = True,
    worker: Annotated[bool, typer.Option(help="Start the worker too.")] = True,
) -> None:
    """Serve Pupitre, and start the worker at its side, until told to stop."""
    given(host=host, port=port, demo=demo)
    translate()
    ready()
    with out.status("Making ready") as step:
        if migrate:
            step.update("Bringing the database up to date")
            prepare.migrate()
        step.update("Collecting static files")
        prepare.collect_static()
        if settings.DEMO:
            step.update("Building the demonstration company")
            demonstration.build()
    what = "Pupitre’s demonstration" if settings.DEMO else "Pupitre"
    try:
        serve.serve(
            with_worker=worker,
            ready=lambda: out.print(
                f"{what} is at {settings.PUBLIC_URL}. Ctrl-C stops it.", markup=False
            ),
        )
    except OSError as error:
        fail(f"{settings.ENV.host}:{settings.ENV.port} could not be listened on. {error}")


@app.command()
def worker(
    with_parent: Annotated[
        bool, typer.Option("--with-parent", hidden=True, help="Stop when standard input closes.")
    ] = False,
) -> None:
    """Do what is due by the clock. `pupitre run` starts one, unless `--no-worker`."""
    ready()
    from pupitre.config.worker import work

    try:
        work(with_parent=with_parent)
    except AlreadyWorking as error:
        fail(f"This worker is not needed: {error}.")


@app.command()
def demo(
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Delete the demonstration that is there, and build anew."),
    ] = False,
) -> None:
    """Build the demonstration company, in a folder apart from your data. Does nothing twice."""
    given(demo=True)
    translate()
    if fresh:
        try:
            demonstration.forget(environment.load())
        except demonstration.InUse as error:
            fail(error)
    ready()
    with out.status("Building the demonstration company"):
        prepare.migrate()
        demonstration.build()
    out.print(f"The demonstration is in {settings.DATA_DIR}. Look at it with: pupitre run --demo")


@app.command(name="doctor")
def examine() -> None:
    """Look at what is installed, reachable, writable and migrated; exit 1 if something is not."""
    ready()
    logging.disable(logging.CRITICAL)  # what goes wrong is said in the table, once
    lines = doctor.examine([*checks.HOUSE, *health_checks])
    out.print(doctor.table(lines))
    ill = sum(not line.well for line in lines)
    if ill:
        fail(f"{ill} of {len(lines)} need something done.")
    out.print(f"[green]✓[/] All {len(lines)} are well.")


@app.command(name="migrate")
def bring_up_to_date() -> None:
    """Bring the database up to this version. `pupitre run` does it too, unless `--no-migrate`."""
    ready()
    prepare.migrate()
    out.print("The database is up to date.")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def manage(arguments: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Django's own commands: `pupitre manage help` lists them."""
    ready()
    execute_from_command_line(["pupitre manage", *(arguments or ["help"])])


@translations.command("compile")
def compile_messages() -> None:
    """Compile the translations that changed. `pupitre run` does it too."""
    done = messages.compile_stale()
    out.print(f"{len(done)} compiled, {len(messages.catalogues()) - len(done)} up to date.")


def main() -> None:
    try:
        app(prog_name="pupitre")
    except (OperationalError, ProgrammingError) as error:
        complain(f"The database: {str(error).strip()}. See what is wrong with: pupitre doctor")
        sys.exit(1)
