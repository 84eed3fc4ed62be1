"""A value that nothing else has, put wherever data rest, and looked for byte by byte."""

from __future__ import annotations

import base64
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection
from openpyxl import Workbook

from pupitre.flow.collect.files.drafts import keep as keep_draft
from pupitre.flow.collect.intake.group_commit import Journal
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.intake.records import Entry, Parcel, Refused, seal
from pupitre.flow.collect.tests.drain_kit import AT_US
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Consent, Hand, HandLink, Identifier, Proposal
from pupitre.flow.identify.rights.deciding import AnswerRequest
from pupitre.flow.identify.rights.exporting import HandOver, make
from pupitre.flow.identify.rights.tests.kit import checked, collected, done, found, record
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.testing import NOON, Company

WORD = "zqxplanted7f3"
EMAIL = f"{WORD}@orange.fr"
PHONE = "+33698765432"
KEPT = "survivor8k2"  # somebody else's, that stays everywhere


def traits(**said: object) -> str:
    return json.dumps({"traits": said})


def plant(company: Company) -> int:
    """Two customers in every store; gives the number of an erasure that waits for its decision."""
    collected(
        record(1, anonymous_id=f"{WORD}-device", name="Seen before"),
        record(
            2,
            type="identify",
            user_id=WORD.upper(),
            anonymous_id=f"{WORD}-device",
            traits=json.dumps({"email": EMAIL.title(), "phone": PHONE, "lastName": WORD.title()}),
        ),
        record(3, user_id=WORD.upper(), properties=json.dumps({"engraving": f"pour {WORD}"})),
        # Not theirs by any identifier, and says who they are all the same.
        record(4, anonymous_id="till-8", properties=json.dumps({"receipt_to": EMAIL})),
        record(5, anonymous_id="till-9", context=traits(phone="06.98.76.54.32"), name=WORD),
        record(6, user_id=KEPT, context=traits(email=f"{KEPT}@orange.fr", lastName=KEPT)),
        record(7, anonymous_id="till-10", properties=json.dumps({"other": KEPT})),
        refused=(
            Refused("no_event", "{}", json.dumps({"userId": WORD.upper()}).encode()),
            Refused("no_event", "{}", f'{{"note":"mail {EMAIL}"}}'.encode()),
            Refused("no_event", "{}", f'{{"note":"mail {KEPT}"}}'.encode()),
        ),
    )
    _in_a_file_of_the_journal_that_its_writer_holds()
    theirs = found(Kind.EMAIL, EMAIL)
    _in_tables(theirs)
    _uploads()
    _jobs()
    other = checked(company, "access", theirs.pk, words=f"je suis {WORD}")
    done(AnswerRequest(other), company.actor("dpo"))
    make(other, now=lambda: NOON)
    done(HandOver(other), company.actor("crm"))  # a copy whose file was not fetched
    return checked(
        company, "erasure", theirs.pk, asker=f"Mme {WORD}", words=f"effacez {WORD}, {EMAIL}"
    )


_held: list[Journal] = []


def _in_a_file_of_the_journal_that_its_writer_holds() -> None:
    """As a web process does, for days: what the drain has moved lies in it yet."""
    journal = home().journal()
    parcel = Parcel("shop", "web", AT_US, [record(8, user_id=WORD.upper())])
    journal.commit([Entry(seal(parcel), 1)])
    _held.append(journal)
    collected()


def let_go() -> None:
    while _held:
        _held.pop().close()


def _in_tables(theirs: Identifier) -> None:
    other = found(Kind.USER_ID, KEPT)
    with guard.permitted():
        hand = Hand.objects.create(
            joins=False, one=theirs.pk, other=other.pk, reason=f"{WORD} said so", by="x", at=NOON
        )
        HandLink.objects.create(
            hand=hand, a=min(theirs, other, key=_pk), b=max(theirs, other, key=_pk)
        )
        Proposal.objects.create(
            a=min(theirs, other, key=_pk),
            b=max(theirs, other, key=_pk),
            probability=0.5,
            weight=0,
            prior=0,
            at=NOON,
            why=f"{WORD} again",
        )
        for one, place in ((theirs, WORD), (other, KEPT)):
            Consent.objects.create(
                identifier=one,
                purpose="marketing",
                channel="email",
                said=0,
                at_us=1,
                noted_at=NOON,
                by="seat",
                place=f"shop of {place}",
                key=place.encode(),
            )


def _pk(one: Identifier) -> int:
    return one.pk


def _uploads() -> None:
    book = Workbook()
    book.active.append(["mail", "sum"])
    book.active.append([EMAIL, "12"])
    sheet = Path(settings.DATA_DIR) / "x.xlsx"
    book.save(sheet)
    for name, content in (
        ("theirs.csv", f"mail;sum\n{EMAIL.upper()};12\n".encode()),
        ("theirs.xlsx", sheet.read_bytes()),
        ("kept.csv", f"mail;sum\n{KEPT}@orange.fr;12\n".encode()),
    ):
        keep_draft(parts=[content], file=name, source="shop", member_id=1)
    sheet.unlink()


def _jobs() -> None:
    """As DBOS keeps a job that failed: its error, packed."""
    if connection.vendor != "sqlite":
        return
    packed = base64.b64encode(f"IntegrityError: {EMAIL} exists".encode()).decode()
    with sqlite3.connect(Path(settings.DATA_DIR) / "jobs.sqlite3") as line:
        line.execute("CREATE TABLE workflow_status(workflow_uuid TEXT, error TEXT)")
        line.execute("CREATE TABLE operation_outputs(workflow_uuid TEXT, error TEXT)")
        for table in ("workflow_status", "operation_outputs"):
            line.execute(f"INSERT INTO {table} VALUES ('1', ?)", [packed])  # noqa: S608
    line.close()


# --- looking for it -------------------------------------------------------------------------------


def traces(word: str) -> list[str]:
    """Wherever these bytes are: files as they are and unpacked, tables, and the database's file."""
    needles = _needles(word)
    return [*_in_files(needles), *_in_database(needles)]


def _needles(word: str) -> tuple[bytes, ...]:
    spelt = {word, word.upper(), word.title()}
    plain = {one.encode() for one in spelt} | {one.encode("utf-16-le") for one in spelt}
    # Base64 of a text that holds it somewhere: three ways to fall, without the uncertain ends.
    packed = {
        base64.b64encode(b"x" * shift + one.encode())[4:-4] for one in spelt for shift in range(3)
    }
    return tuple(plain | packed)


def _in_files(needles: tuple[bytes, ...]) -> Iterator[str]:
    for path in sorted(Path(settings.DATA_DIR).rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if any(needle in content for needle in needles) or any(
            needle in path.name.encode() for needle in needles
        ):
            yield str(path)
        elif path.suffix == ".parquet":
            said = str(pq.read_table(path).to_pylist()).encode()
            if any(needle in said for needle in needles):
                yield f"{path} (unpacked)"
        elif path.suffix in (".zip", ".xlsx"):
            inside = _unpacked(content)
            if any(needle in inside for needle in needles):
                yield f"{path} (packed)"


def _unpacked(content: bytes) -> bytes:
    """Whatever is deflated in there, wherever it begins."""
    found = b""
    start = 0
    while (start := content.find(b"PK\x03\x04", start)) >= 0:
        header = content[start : start + 30]
        body = (
            start
            + 30
            + int.from_bytes(header[26:28], "little")
            + int.from_bytes(header[28:30], "little")
        )
        with suppress(zlib.error):  # stored as it is: seen already
            found += zlib.decompressobj(-15).decompress(content[body:])
        start += 4
    return found


def _in_database(needles: tuple[bytes, ...]) -> Iterator[str]:
    if connection.vendor == "sqlite":
        name = Path(str(connection.settings_dict["NAME"]))
        for path in (name, Path(f"{name}-wal"), Path(f"{name}-journal")):
            if path.exists() and any(needle in path.read_bytes() for needle in needles):
                yield str(path)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name, column_name, data_type "
            "FROM information_schema.columns c JOIN information_schema.tables t "
            "USING (table_schema, table_name) WHERE t.table_type = 'BASE TABLE' "
            "AND table_schema NOT IN ('information_schema') AND data_type IN "
            "('text', 'character varying', 'character', 'bytea', 'jsonb', 'json', 'anyarray')"
        )
        for schema, table, column, kind in cursor.fetchall():
            cursor.execute(f'SELECT "{column}"::text FROM "{schema}"."{table}"')  # noqa: S608
            for (value,) in cursor.fetchall():
                text = (value or "").encode()
                held = bytes.fromhex(value[2:]) if kind == "bytea" and value else text
                if any(needle in held for needle in needles):
                    yield f"{schema}.{table}.{column}"
                    break
