"""The purchases of CDNOW's customers: real ones, which ship in the wheel of `lifetimes`.

Everybody who bought a first time in the first quarter of 1997, and all they bought until June 1998:
23,570 customers and 69,659 purchases (Fader and Hardie, 2001). Only the file is used; the package
is installed without what it depends on, and never imported.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path

from pupitre.core.clock import day_of, now
from pupitre.flow.collect.files import importing, services
from pupitre.flow.collect.files import mapping as mappings
from pupitre.flow.collect.files.mapping import (
    Identifier,
    Kind,
    Layout,
    Mapping,
    Money,
    Property,
    Text,
    Time,
)
from pupitre.flow.collect.models import Source
from pupitre.flow.collect.sources.actions import OpenSource
from pupitre.lake.contracts import Channel
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Actor, Chapter, Waiting
from pupitre.rules.mandate.queries import holder_of
from pupitre.rules.mandate.services import approve, opine

PACKAGE = "lifetimes"
FILE = "lifetimes/datasets/CDNOW_master.txt"
SOURCE = "cdnow"
OPENED_DAYS_AGO = 100
CUSTOMERS, PURCHASES = 23_570, 69_659
MAPPING = Mapping(
    type=Text(constant="track"),
    name=Text(constant="Order Completed"),
    identifiers=(Identifier("customer_id", "user_id"),),
    # Days of the United States, where CDNOW sold: their midnight is that day's morning in Paris.
    time=Time("date", "%Y%m%d", "America/New_York"),
    amount=Money("dollar_value", ".", Text(constant="USD")),
    properties=(Property("number_of_cds", "quantity", Kind.NUMBER),),
    layout=Layout(encoding="utf-8", separator=" ", header=True),
)
WHY = (
    "Avoir de vrais achats sous les yeux : ceux des clients de CDNOW, disquaire en ligne, de "
    "janvier 1997 à juin 1998."
)


def purchases() -> Path | None:
    """The file, where the wheel is installed. Nothing of the package is run to find it."""
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        return None
    found = next((file for file in files if str(file) == FILE), None)
    path = Path(str(found.locate())) if found else None
    return path if path and path.is_file() else None


def build(at: datetime) -> None:
    """The demonstration's part: the source, and its purchases. Nothing where they are in."""
    path = purchases()
    if path is None or holder_of(seat="cmo", day=day_of(at)) is None:
        return
    if not Source.objects.filter(key=SOURCE).exists():
        _open(at)
    row = services.asked_at_console(
        source=SOURCE, file=path, mapping=mappings.written(MAPPING).decode(), at=at
    )
    importing.run(row, now=now, digest=row.digest)


def open_source(now: datetime) -> None:
    """The part of the company's year in which its source is opened."""
    if purchases() is not None:
        _open(now)


def _open(now: datetime) -> None:
    asked = now - timedelta(days=OPENED_DAYS_AGO)
    outcome = act(
        OpenSource(
            source_key=SOURCE,
            name_fr="Achats de CDNOW",
            name_en="CDNOW purchases",
            why=WHY,
            channel=Channel.WEB.value,
            owner_id=_seat("data-quality", now).seat_id or 0,
        ),
        by=_seat("cmo", now),
        at=asked,
    )
    if isinstance(outcome, Waiting):
        number = outcome.decision_id
        opine(
            decision_id=number,
            verdict="for",
            comment="Oui : des achats anciens, sans nom ni adresse.",
            by=_seat("dpo", now),
            at=asked + timedelta(days=1),
        )
        approve(decision_id=number, by=_seat("cio", now), at=asked + timedelta(days=2))


def _seat(key: str, now: datetime) -> Actor:
    actor = holder_of(seat=key, day=day_of(now))
    if actor is None:
        raise LookupError(f"nobody sits in {key} at Maison Ardoise")
    return actor


CHAPTER = Chapter(OPENED_DAYS_AGO, open_source)
