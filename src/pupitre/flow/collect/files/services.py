"""What is asked of imports from elsewhere in the room: at the console, and by the demonstration."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.flow.collect.files import guessing
from pupitre.flow.collect.files import mapping as mappings
from pupitre.flow.collect.files.actions import CONSOLE, RunImport, TakeBackImport
from pupitre.flow.collect.files.mapping import Layout, Mapping
from pupitre.flow.collect.files.opening import digest_of, opened
from pupitre.flow.collect.files.records import ImportRow, State, import_numbered, same
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed


def guessed(file: Path) -> Mapping:
    """Raises Invalid where the file is no table."""
    return guessing.guess(opened(file, Layout()), zone=settings.TIME_ZONE)


def asked_at_console(*, source: str, file: Path, mapping: str, at: datetime) -> ImportRow:
    """The import of this file: the one that is under way or over already, or a new one."""
    read = mappings.read(mapping)
    found = opened(file, read.layout)
    mappings.check_against(read, found.columns)
    digest = digest_of(file)
    for earlier in same(source=source, digest=digest, mapping_digest=read.digest):
        if earlier.taken_back_at is not None:
            continue  # gone, or the act says that it is not yet
        if earlier.progress.state == State.DONE:
            return earlier
        if earlier.progress.state != State.FAILED:
            if earlier.uploaded:
                raise Invalid(_("This file is being imported already."))
            return earlier
    outcome = act(
        RunImport(
            source_key=source,
            file=file.name,
            digest=digest,
            mapping=mapping,
            place=str(file.resolve()),
            uploaded=False,
        ),
        by=CONSOLE,
        at=at,
    )
    if not isinstance(outcome, Performed):
        raise TypeError("the console waits for nobody")
    row = import_numbered(number=outcome.result)  # type: ignore[arg-type]
    if row is None:
        raise LookupError(outcome.result)
    return row


def taken_back_at_console(*, number: int, at: datetime) -> ImportRow:
    """The import of this number, asked back: by this, or before."""
    row = import_numbered(number=number)
    if row is None:
        raise Invalid(_("There is no such import."))
    if row.taken_back_at is None:
        act(TakeBackImport(row.source, number), by=CONSOLE, at=at)
        row = import_numbered(number=number)
    if row is None:
        raise LookupError(number)
    return row
