"""The copy that somebody asked for: made by the worker, handed over once, gone after a week.

Whoever took it may take it again for an hour: downloads break off, and buttons are pressed twice.
It is given to nobody once somebody whose data it holds was separated from whoever asked.

Its file is written a part at a time, whatever it holds, under a name that nobody can guess, and is
readable by the account that runs Pupitre alone.
"""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, BinaryIO, ClassVar

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual
from pupitre.core.erasing import Erased, Removed
from pupitre.core.errors import Invalid
from pupitre.flow.identify.models import Identifier, RightsExport, RightsRequest
from pupitre.flow.identify.models.rights import RequestState
from pupitre.flow.identify.rights import gathering
from pupitre.flow.identify.rights import plain as plain_words
from pupitre.flow.identify.rights.activities import RIGHT_DECIDE, RIGHT_HANDLE, WORKER
from pupitre.flow.identify.rights.gathering import Row, plain
from pupitre.flow.identify.rights.requests import AboutRequest, close, standing, tell, titled
from pupitre.flow.identify.rights.targets import Known, known_of
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Activity, Actor, AnyActor

FOLDER = "rights"
KEPT_DAYS = 7
AGAIN = timedelta(hours=1)  # from when it was taken
SHOWN_EVENTS = 500  # on the readable page; the tables have them all
_PAGES = {"fr": "vos-donnees.html", "en": "your-data.html"}


class Parted(Invalid):
    """The copy holds somebody who was separated since from whoever asked."""


@dataclass(frozen=True)
class NoteCopy(AboutRequest):
    """The copy is there, and waits to be handed over."""

    activity: ClassVar[Activity] = RIGHT_DECIDE
    token: str
    bytes: int
    made_of: tuple[int, ...]  # keys in the book

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Make the copy: %(name)s") % {"name": name})

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        request = standing(self.number, RequestState.UNDER_WAY)
        RightsExport.objects.create(
            request=request,
            token=self.token,
            bytes=self.bytes,
            made_at=at,
            until=at + timedelta(days=KEPT_DAYS),
            made_of=list(self.made_of),
        )
        tell(request, "made", by=by, at=at)

    def detail(self) -> dict[str, object]:
        """Without the file's name: who has it has the file."""
        return {"number": self.number, "bytes": self.bytes}


@dataclass(frozen=True)
class HandOver(AboutRequest):
    """Take the copy out, once, to give it to whoever asked; again, within the hour."""

    activity: ClassVar[Activity] = RIGHT_HANDLE
    prepares: ClassVar[bool] = True

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Hand over the copy: %(name)s") % {"name": name})

    def check(self, *, at: datetime) -> None:
        _waiting(self.number, at=at)

    def perform(self, *, by: AnyActor, at: datetime) -> str:
        """The file's name."""
        export = _waiting(self.number, at=at)
        if export.taken_at is None:
            export.taken_at, export.taken_by = at, taker(by)
            export.save(update_fields=["taken_at", "taken_by"])
            close(export.request, RequestState.DONE, "taken", by=by, at=at)
        elif export.taken_by != taker(by):
            raise Invalid(_("This copy was handed over already: it is given once."))
        return export.token


@dataclass(frozen=True)
class DropCopy(AboutRequest):
    """A copy goes: nobody took it for a week, or it was taken, or (``parted``) it may be given to
    nobody. Where nobody took it the request can be answered again."""

    activity: ClassVar[Activity] = RIGHT_DECIDE
    parted: bool = False

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Delete the copy: %(name)s") % {"name": name})

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        export = export_of(self.number)
        if export is None or (self.parted and not holds_another(export)):
            raise Invalid(_("The copy is not made yet."))  # it was dropped, and another one made
        tell(export.request, "parted" if self.parted else "deleted", by=by, at=at)
        if export.taken_at is not None or export.request.state != RequestState.UNDER_WAY:
            export.deleted_at, export.made_of = at, []
            export.save(update_fields=["deleted_at", "made_of"])
            return
        export.request.state = RequestState.CHECKED
        export.request.save(update_fields=["state"])
        export.delete()


def taker(by: AnyActor) -> str:
    return f"seat:{by.seat_id}" if isinstance(by, Actor) else by.name


def export_of(number: int) -> RightsExport | None:
    rows = RightsExport.objects.select_related("request__identifier")
    return rows.filter(request=number).first()


def holds_another(export: RightsExport) -> bool:
    """Whether anything that it was made of is, by now, not known to be theirs."""
    identifier = export.request.identifier
    if identifier is None:  # erased: its file goes with them
        return False
    return not known_of(identifier).keys().issuperset(export.made_of)


def again_until(export: RightsExport, *, at: datetime) -> datetime | None:
    """Until when whoever took it may take it again; None: not, or not any more."""
    if export.taken_at is None or export.deleted_at is not None:
        return None
    until = export.taken_at + AGAIN
    return until if at < until and place_of(export.token).is_file() else None


def is_ready(export: RightsExport, *, at: datetime) -> bool:
    """Whether it may be taken for the first time."""
    new = export.taken_at is None and export.deleted_at is None and export.until > at
    return new and export.request.state == RequestState.UNDER_WAY


def _waiting(number: int, *, at: datetime) -> RightsExport:
    standing(number, RequestState.UNDER_WAY, RequestState.DONE)
    export = export_of(number)
    if export is None:
        raise Invalid(_("The copy is not made yet."))
    if export.taken_at is not None and again_until(export, at=at) is None:
        raise Invalid(_("This copy was handed over already: it is given once."))
    untaken = export.taken_at is None
    if (untaken and export.until <= at) or not place_of(export.token).is_file():
        raise Invalid(_("This copy is not there any more: answer the request again."))
    if holds_another(export):
        raise Parted(
            _(
                "This copy is not given: it also held the data of somebody who was separated from "
                "this customer since. Answer the request again."
            )
        )
    return export


def drop_parted(number: int, *, at: datetime) -> None:
    """Delete a copy that may be given to nobody any more. May be repeated."""
    export = export_of(number)
    if export is None or export.deleted_at is not None or not holds_another(export):
        return
    place_of(export.token).unlink(missing_ok=True)
    with suppress(Invalid):  # somebody else dropped it
        act(DropCopy(number, parted=True), by=WORKER, at=at)


def folder() -> Path:
    return Path(settings.DATA_DIR) / FOLDER


def place_of(token: str) -> Path:
    return folder() / f"{token}.zip"


def opened(token: str) -> BinaryIO:
    """The copy, which stays for its hour: a download that broke off is begun again."""
    return place_of(token).open("rb")


def make(number: int, *, now: Callable[[], datetime]) -> bool:
    """Make the copy of a request that was decided, if it is not there; drop it where it may be
    given to nobody any more. May be repeated."""
    request = standing(number, RequestState.UNDER_WAY)
    if RightsExport.objects.filter(request=number).exists():
        drop_parted(number, at=now())
        return False
    identifier = request.identifier
    if identifier is None:
        raise Invalid(_("This customer is not known any more."))
    token = f"{number}-{secrets.token_hex(24)}"  # found by its request, whatever dies in between
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder().glob(f"{number}-*.part"):  # of a process that died
        left.unlink(missing_ok=True)
    draft = folder() / f"{token}.part"
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    with os.fdopen(handle, "wb") as file:
        known = gathering.gathered(identifier)
        _write(file, identifier, known, at=now())
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    draft.rename(place_of(token))
    made_of = known.keys()
    since = Identifier.objects.filter(pk=identifier.pk).first()
    if since is not None:  # whoever was joined to them while it was written may be in it as well
        made_of |= gathering.gathered(since).keys()
    try:
        act(NoteCopy(number, token, size, tuple(sorted(made_of))), by=WORKER, at=now())
    except Invalid:  # closed meanwhile: its customer is erased
        place_of(token).unlink(missing_ok=True)
        raise
    return True


def _write(file: BinaryIO, identifier: Identifier, known: Known, *, at: datetime) -> None:
    parts: tuple[tuple[str, tuple[str, ...], Callable[[], Iterator[Row]]], ...] = (
        ("identifiers", gathering.IDENTIFIERS, lambda: gathering.identifiers(known)),
        ("links", gathering.LINKS, lambda: gathering.links(known)),
        ("traits", gathering.TRAITS, lambda: gathering.traits(known)),
        ("consents", gathering.CONSENTS, lambda: gathering.consents(known)),
        ("pauses", gathering.PAUSES, lambda: gathering.pauses(known)),
        ("requests", gathering.REQUESTS, lambda: gathering.requests(known)),
        ("events", gathering.EVENTS, lambda: gathering.events(identifier)),
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, columns, rows in parts:
            with packed.open(f"{name}.csv", "w", force_zip64=True) as out:
                _csv(out, columns, rows())
        with packed.open("data.json", "w", force_zip64=True) as out:
            _json(out, parts)
        shown = {name: _first(rows()) for name, _columns, rows in parts}
        for language, page in _PAGES.items():
            packed.writestr(page, readable(shown, language=language, at=at))


def _first(rows: Iterator[Row]) -> list[Row]:
    return [row for _number, row in zip(range(SHOWN_EVENTS), rows, strict=False)]


def readable(shown: dict[str, list[Row]], *, language: str, at: datetime) -> str:
    with translation.override(language):
        context = {
            "known": plain_words.identifiers(shown["identifiers"]),
            "links": plain_words.links(shown["links"]),
            "traits": plain_words.traits(shown["traits"]),
            "consents": plain_words.consents(shown["consents"]),
            "pauses": plain_words.pauses(shown["pauses"]),
            "requests": plain_words.requests(shown["requests"]),
            "events": plain_words.events(shown["events"]),
            "company": settings.COMPANY,
            "at": at,
            "language": language,
            "most": SHOWN_EVENTS,
            "more": len(shown["events"]) >= SHOWN_EVENTS,
        }
        return render_to_string("identify/rights/copy.html", context)


def _csv(out: IO[bytes], columns: Sequence[str], rows: Iterator[Row]) -> None:
    text = io.TextIOWrapper(out, "utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(plain(row[name])) for name in columns])
    text.flush()
    text.detach()


def _harmless(text: str) -> str:
    """No spreadsheet takes it for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and len(text) > 1 else text


def _json(
    out: IO[bytes],
    parts: Sequence[tuple[str, tuple[str, ...], Callable[[], Iterator[Row]]]],
) -> None:
    write = out.write
    write(b"{")
    for place, (name, _columns, rows) in enumerate(parts):
        write(f"{',' if place else ''}\n{json.dumps(name)}: [".encode())
        for number, row in enumerate(rows()):
            line = {key: None if value is None else plain(value) for key, value in row.items()}
            write(b",\n" if number else b"\n")
            write(json.dumps(line, ensure_ascii=False).encode())
        write(b"]")
    write(b"}\n")


def delete_old(*, at: datetime) -> None:
    """Each hour: copies past their week, or past the hour of whoever took them, and files that
    belong to no copy."""
    untaken = Q(taken_at__isnull=True, until__lte=at)
    over = untaken | Q(taken_at__lte=at - AGAIN)
    for export in RightsExport.objects.filter(over, deleted_at__isnull=True):
        place_of(export.token).unlink(missing_ok=True)
        act(DropCopy(export.request_id), by=WORKER, at=at)
    known = {place_of(one) for one in RightsExport.objects.values_list("token", flat=True)}
    oldest = (at - timedelta(days=1)).timestamp()
    for file in folder().glob("*") if folder().exists() else ():
        if file not in known and file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)


def erase(who: Erased) -> Removed:
    """Copies of somebody who is erased go at once, and again when the book has gone: what their
    other requests were is told by their state then."""
    theirs = Q(identifier__in=who.records) | Q(state=RequestState.ERASED)
    requests = RightsRequest.objects.filter(theirs)
    tokens = RightsExport.objects.filter(request__in=requests).values_list("token", flat=True)
    files = {place_of(token) for token in tokens}
    for number in requests.values_list("pk", flat=True):
        files.update(folder().glob(f"{number}-*"))
    found = sum(file.is_file() for file in files)
    for file in files:
        file.unlink(missing_ok=True)
    return Removed(found=found, left=sum(file.is_file() for file in files), unit="files")
