"""The audit's chain: whatever was done to it from outside is found, and the first line named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from typer.testing import CliRunner

from pupitre.core.bilingual import Bilingual
from pupitre.core.contributions import Unhealthy
from pupitre.rules.mandate import append_only, audit, deciding, guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import ORGANISATION_CHANGE
from pupitre.rules.mandate.console import audit_commands
from pupitre.rules.mandate.contracts import Activity, AnyActor, Refused, Subject, Waiting
from pupitre.rules.mandate.models import AuditLine, Function
from pupitre.rules.mandate.testing import NOON, Company, a_company

pytestmark = pytest.mark.django_db
COLUMNS = [field.attname for field in AuditLine._meta.concrete_fields]
LINES, MIDDLE = 6, 3


@dataclass(frozen=True)
class CallOtherwise(Action):
    """A change whose title and detail are whatever somebody types."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    name: str
    why: str = ""

    def subject(self) -> Subject:
        return Subject("function:it", Bilingual("DSI", "IT"))

    def title(self) -> Bilingual:
        return Bilingual(f"Renommer en {self.name}", f"Rename to {self.name}")

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        Function.objects.filter(key="it").update(name_fr=self.name[:120])


Commit = Callable[..., Any]


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Commit) -> Commit:
    """What a commit sets off (the witness) happens, although the test's own data is rolled back."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def chain(commit: Commit) -> Company:
    """Six lines: performed, requested, opined on and approved, refused, performed."""
    company = a_company()
    cdo, cio = company.actor("cdo"), company.actor("cio")
    with commit():
        act(CallOtherwise("Numérique"), by=cdo, at=NOON)
        asked = act(CallOtherwise("Technique", why="déjà dit"), by=cio, at=NOON)
        assert isinstance(asked, Waiting)
        deciding.approve(decision_id=asked.decision_id, by=cdo, at=NOON + timedelta(hours=1))
        with pytest.raises(Refused):
            act(CallOtherwise("DSI"), by=company.actor("dpo"), at=NOON)
    with commit():
        while AuditLine.objects.count() < LINES:
            act(CallOtherwise(f"Nom {AuditLine.objects.count()}"), by=cdo, at=NOON)
    assert AuditLine.objects.count() == LINES
    assert witness()[0] == LINES
    return company


def sql(statement: str, *values: Any) -> None:
    """What somebody does who writes to the database past the program."""
    with guard.permitted(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def row(seq: int) -> dict[str, Any]:
    found: dict[str, Any] = AuditLine.objects.filter(seq=seq).values(*COLUMNS).get()
    return found


def overwrite(number: int, /, **values: object) -> None:
    assignments = ", ".join(f"{column} = %s" for column in values)
    sql(
        f"UPDATE mandate_auditline SET {assignments} WHERE seq = %s",  # noqa: S608
        *values.values(),
        number,
    )


def cut(after: int) -> None:
    sql("DELETE FROM mandate_auditline WHERE seq > %s", after)


def set_ledger_back(to: int) -> None:
    last = row(to)["hash"] if to else audit.GENESIS
    sql("UPDATE mandate_ledger SET seq = %s, hash = %s", to, last)


def witness_file() -> Path:
    return Path(settings.DATA_DIR) / "audit.witness"


def witness() -> tuple[int, str]:
    found = audit._remembered()
    assert found is not None
    return found


def broken(at: int, why: str = "") -> None:
    """The audit does not hold, the line is named, and so says the operator's command."""
    proof = audit.verify()
    assert not proof.whole
    assert proof.broken_at == at, proof
    assert why in proof.why, proof
    result = CliRunner().invoke(audit_commands, ["verify"])
    assert result.exit_code == 1
    assert f"Line {at}:" in said(result)


def said(result: Any) -> str:
    return " ".join((result.stdout + result.stderr).split())


def another(value: object) -> object:
    """Something else of the same type."""
    if value is None:
        return 77
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, int):
        return value + 100
    text = str(value)
    return ("0" if text[:1] != "0" else "1") + text[1:]


# --- an untouched chain ---------------------------------------------------------------------------


def test_a_chain_that_nobody_touched_is_whole(chain: Company) -> None:
    proof = audit.verify()
    assert (proof.whole, proof.lines, proof.broken_at) == (True, LINES, None)
    assert audit.check_witness() == f"{LINES} lines"
    result = CliRunner().invoke(audit_commands, ["verify"])
    assert result.exit_code == 0
    assert f"{LINES} lines" in said(result)


def test_an_audit_without_a_line_is_whole() -> None:
    assert audit.verify() == audit.Proof(0)


@pytest.mark.parametrize(
    "words",
    [
        "Équipe « données » : l’été, 25 %",
        "Отдел маркетинга",
        "市场部 — 情報システム部",
        "قسم التسويق",
        "विपणन विभाग",
        "👩🏽‍💻🏳️‍🌈 𝔘𝔫𝔦",
        "e\u0301 \u202eright to left\u202c \ufeff zero\u200bwidth",
        "a 'quote' \"two\" \\ back \x1f and \x7f",
        "x" * 20_000,
        "é" * 25_000,
    ],
    ids=lambda words: words[:12].encode("unicode_escape").decode() + f" {len(words)}",
)
def test_whatever_people_write_holds(chain: Company, commit: Commit, words: str) -> None:
    with commit():
        act(CallOtherwise(words[:200], why=words), by=chain.actor("cdo"), at=NOON)
        act(CallOtherwise("Après"), by=chain.actor("cdo"), at=NOON)
    assert audit.verify() == audit.Proof(LINES + 2)


def test_a_detail_of_twenty_thousand_characters_is_kept_whole(chain: Company) -> None:
    room = 20_000 - len(json.dumps({"name": "N", "why": ""}, separators=(",", ":")))
    act(CallOtherwise("N", why="w" * room), by=chain.actor("cdo"), at=NOON)
    assert len(row(LINES + 1)["detail"]) == 20_000
    overwrite(LINES + 1, detail=row(LINES + 1)["detail"][:-3] + 'v"}')
    broken(LINES + 1, "was changed")


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/St_Johns", "Asia/Kathmandu"])
def test_an_act_of_any_time_zone_holds(chain: Company, commit: Commit, zone: str) -> None:
    at = (NOON + timedelta(microseconds=123)).astimezone(ZoneInfo(zone))
    with commit():
        act(CallOtherwise("Ailleurs"), by=chain.actor("cdo"), at=at)
    assert audit.verify() == audit.Proof(LINES + 1)


def test_more_lines_than_one_batch_are_proved(
    chain: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_BATCH_ROWS", 2)
    assert audit.verify() == audit.Proof(LINES)
    overwrite(5, actor="Somebody else")
    broken(5, "was changed")


def test_who_acts_while_it_is_proved_raises_no_alarm(
    chain: Company, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = audit._lines
    acts = iter(range(2))

    def and_meanwhile(*, after: int) -> Any:
        yield from read(after=after)
        if next(acts, None) is not None:
            with commit():
                act(CallOtherwise("Entretemps"), by=chain.actor("cdo"), at=NOON)

    monkeypatch.setattr(audit, "_lines", and_meanwhile)
    assert audit.verify() == audit.Proof(LINES + 2)


# --- lines that were changed ----------------------------------------------------------------------


@pytest.mark.parametrize("seq", [1, MIDDLE, LINES], ids=["first", "middle", "last"])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_in_any_column_is_found(chain: Company, column: str, seq: int) -> None:
    overwrite(seq, **{column: another(row(seq)[column])})
    broken(seq)


@pytest.mark.parametrize("column", [f.attname for f in AuditLine._meta.concrete_fields if f.null])
def test_what_was_there_and_is_emptied_is_found(chain: Company, column: str) -> None:
    seq = AuditLine.objects.exclude(**{column: None}).order_by("seq")[0].seq
    overwrite(seq, **{column: None})
    broken(seq, "was changed")


def test_words_moved_from_one_column_to_the_next_are_found(chain: Company) -> None:
    line = row(1)
    fr, en = line["title_fr"], line["title_en"]
    overwrite(1, title_fr=fr + en[:1], title_en=en[1:])
    broken(1, "was changed")


@pytest.mark.parametrize("words", ["é", "", "F" * 64], ids=["accent", "empty", "capitals"])
def test_a_hash_that_is_none_is_found(chain: Company, words: str) -> None:
    overwrite(MIDDLE, hash=words)
    broken(MIDDLE, "was changed")


def test_a_line_sealed_with_another_key_is_found(chain: Company, settings: Any) -> None:
    known, settings.SECRET_KEY = settings.SECRET_KEY, "a guess"
    line = AuditLine.objects.get(seq=LINES)
    line.actor = "Somebody else"
    forged = audit.seal(line)
    settings.SECRET_KEY = known
    overwrite(LINES, actor=line.actor, hash=forged)
    set_ledger_back(LINES)
    broken(LINES, "was changed")


def test_a_value_that_is_no_date_names_its_line(chain: Company) -> None:
    """SQLite takes it; PostgreSQL refuses, and that is as good."""
    if connection.vendor == "sqlite":
        overwrite(MIDDLE, at="the day before")
        broken(MIDDLE, "was changed")
    else:
        with pytest.raises(DatabaseError), transaction.atomic():
            overwrite(MIDDLE, at="the day before")
        assert audit.verify().whole


def test_text_changed_to_the_bytes_that_json_writes_alike_is_found(chain: Company) -> None:
    with guard.permitted():
        line = AuditLine.objects.get(seq=LINES)
        line.actor = "Ardo"  # as text, and as the base64 of three bytes
        line.hash = audit.seal(line)
        line.save()
    set_ledger_back(LINES)
    witness_file().unlink()
    audit.write_witness(LINES, line.hash, anew=True)
    assert audit.verify().whole
    if connection.vendor == "sqlite":
        sql("UPDATE mandate_auditline SET actor = X'02B768' WHERE seq = %s", LINES)
        broken(LINES, "was changed")
    else:
        line.actor = b"\x02\xb7\x68"  # type: ignore[assignment]
        assert audit.seal(line) != line.hash


# --- lines taken away -----------------------------------------------------------------------------


@pytest.mark.parametrize("seq", [1, MIDDLE])
def test_a_line_taken_away_is_found(chain: Company, seq: int) -> None:
    sql("DELETE FROM mandate_auditline WHERE seq = %s", seq)
    broken(seq, f"line {seq} is missing")


@pytest.mark.parametrize("seq", [1, MIDDLE])
def test_a_line_taken_away_and_the_rest_renumbered_is_found(chain: Company, seq: int) -> None:
    sql("DELETE FROM mandate_auditline WHERE seq = %s", seq)
    for later in range(seq + 1, LINES + 1):
        overwrite(later, seq=later - 1)
    sql("UPDATE mandate_ledger SET seq = %s", LINES - 1)
    broken(seq, "does not follow")


def test_a_chain_renumbered_from_a_hundred_on_is_found(chain: Company) -> None:
    for seq in range(LINES, 0, -1):
        overwrite(seq, seq=seq + 100)
    broken(1, "line 1 is missing")


@pytest.mark.parametrize("kept", [0, 1, LINES - 1])
def test_the_last_lines_cut_off_are_found(chain: Company, kept: int) -> None:
    cut(after=kept)
    broken(kept + 1, f"lines {kept + 1} to {LINES} were removed")


@pytest.mark.parametrize("kept", [0, 1, LINES - 1])
def test_cut_off_with_the_ledger_set_back_they_are_found_by_the_witness(
    chain: Company, kept: int
) -> None:
    cut(after=kept)
    set_ledger_back(kept)
    broken(kept + 1, f"lines {kept + 1} to {LINES} were removed")
    with pytest.raises(Unhealthy):
        audit.check_witness()


def test_cut_off_and_written_again_by_the_program_they_are_found_by_the_witness(
    chain: Company, commit: Commit
) -> None:
    """Real seals over other lines: only what was witnessed tells them apart."""
    cut(after=MIDDLE)
    set_ledger_back(MIDDLE)
    for number in range(LINES - MIDDLE + 2):
        with commit():
            act(CallOtherwise(f"Réécrit {number}"), by=chain.actor("cdo"), at=NOON)
        if number >= LINES - MIDDLE - 1:  # however far it grows: the witness moves on no more
            broken(LINES, "is not the one that was witnessed")


def test_a_witness_that_cannot_be_written_stops_no_act_and_is_told(
    chain: Company, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_WITNESS_LAGS_LINES", 1)
    folder = witness_file().with_suffix(".new")
    folder.mkdir()  # where the new witness would be written
    try:
        with commit():
            act(CallOtherwise("Une"), by=chain.actor("cdo"), at=NOON)
            assert audit.check_witness() == f"{LINES + 1} lines"
            act(CallOtherwise("Deux"), by=chain.actor("cdo"), at=NOON)
    finally:
        folder.rmdir()
    with pytest.raises(Unhealthy, match=f"stopped at line {LINES} of {LINES + 2}"):
        audit.check_witness()
    with commit():
        act(CallOtherwise("Trois"), by=chain.actor("cdo"), at=NOON)
    assert audit.check_witness() == f"{LINES + 3} lines"
    whole = audit.verify()
    assert (whole.whole, whole.lines) == (True, LINES + 3)


def test_the_witness_deleted_is_found_and_no_act_heals_it(chain: Company, commit: Commit) -> None:
    cut(after=MIDDLE)
    set_ledger_back(MIDDLE)
    witness_file().unlink()
    broken(MIDDLE, "witness file is missing or forged")
    with pytest.raises(Unhealthy):
        audit.check_witness()
    with commit():
        act(CallOtherwise("Ensuite"), by=chain.actor("cdo"), at=NOON)
    broken(MIDDLE + 1, "witness file is missing or forged")
    assert not witness_file().exists()


@pytest.mark.parametrize(
    "forged",
    [
        lambda _: "",
        lambda _: "1 2",
        lambda _: "one two three",
        lambda _: "9" * 5_000 + " two three",
        lambda _: "3 é é",
        lambda words: words.replace(str(LINES), str(MIDDLE), 1),
        lambda words: f"{MIDDLE} {row(MIDDLE)['hash']} {words.split()[2]}",
    ],
)
def test_a_forged_witness_is_found_and_no_act_heals_it(
    chain: Company, commit: Commit, forged: Callable[[str], str]
) -> None:
    witness_file().write_text(forged(witness_file().read_text()), encoding="utf-8")
    broken(LINES, "witness file is missing or forged")
    with commit():
        act(CallOtherwise("Ensuite"), by=chain.actor("cdo"), at=NOON)
    broken(LINES + 1, "witness file is missing or forged")


def test_all_three_rolled_back_to_what_was_once_true_is_beyond_this_machine(
    chain: Company, commit: Commit
) -> None:
    """The limit that audit.py's own words admit; what shows it is a number kept elsewhere."""
    earlier = witness_file().read_text()
    with commit():
        act(CallOtherwise("À cacher"), by=chain.actor("cdo"), at=NOON)
    kept_elsewhere = audit.verify().lines
    cut(after=LINES)
    set_ledger_back(LINES)
    broken(LINES + 1, "were removed")  # as long as the witness is the newest
    witness_file().write_text(earlier)
    proof = audit.verify()
    assert proof.whole
    assert proof.lines < kept_elsewhere
    assert "cannot find" in (audit.__doc__ or "")


# --- the ledger's row -----------------------------------------------------------------------------


def test_a_ledger_that_ends_elsewhere_is_found(chain: Company) -> None:
    sql("UPDATE mandate_ledger SET hash = %s", "1" * 64)
    broken(LINES, "the ledger does not end")


def test_a_ledger_that_counts_fewer_lines_is_found(chain: Company) -> None:
    set_ledger_back(LINES - 1)
    broken(LINES, "the ledger does not end")


def test_a_ledger_taken_away_is_found(chain: Company) -> None:
    sql("DELETE FROM mandate_ledger")
    broken(LINES, "the ledger does not end")


# --- lines put in ---------------------------------------------------------------------------------


def put_in(number: int, /, **changes: object) -> None:
    with guard.permitted():
        AuditLine(**{**row(LINES), "seq": number, **changes}).save(force_insert=True)


def test_a_line_put_at_the_end_is_found(chain: Company) -> None:
    put_in(LINES + 1, previous=row(LINES)["hash"])
    broken(LINES + 1, "was changed")


def test_a_line_put_at_the_end_with_ledger_and_all_is_found(chain: Company) -> None:
    put_in(LINES + 1, previous=row(LINES)["hash"], hash="a" * 64)
    set_ledger_back(LINES + 1)
    broken(LINES + 1, "was changed")


def test_a_line_put_in_between_is_found(chain: Company) -> None:
    for seq in range(LINES, MIDDLE - 1, -1):
        overwrite(seq, seq=seq + 1)
    put_in(MIDDLE, previous=row(MIDDLE - 1)["hash"])
    broken(MIDDLE, "was changed")


def test_a_line_put_before_the_first_is_found(chain: Company) -> None:
    put_in(0, previous=audit.GENESIS)
    broken(1, "a line numbered 0 was put in")


@pytest.mark.parametrize("sealed_too", [False, True])
def test_two_lines_that_changed_places_are_found(chain: Company, *, sealed_too: bool) -> None:
    one, two = row(2), row(5)
    kept = () if sealed_too else ("previous", "hash")
    for seq, given in ((2, two), (5, one)):
        overwrite(seq, **{k: v for k, v in given.items() if k not in ("seq", *kept)})
    broken(2)


# --- the operator starts a new witness ------------------------------------------------------------


def test_a_new_witness_is_started_over_a_chain_that_holds(chain: Company, commit: Commit) -> None:
    witness_file().unlink()
    result = CliRunner().invoke(audit_commands, ["witness"])
    assert result.exit_code == 0
    assert f"line {LINES}" in said(result)
    assert audit.verify().whole
    with commit():
        act(CallOtherwise("Ensuite"), by=chain.actor("cdo"), at=NOON)
    assert witness()[0] == LINES + 1


def test_a_forged_witness_is_replaced_on_the_operators_word(chain: Company) -> None:
    witness_file().write_text("one two three")
    assert CliRunner().invoke(audit_commands, ["witness"]).exit_code == 0
    assert witness() == (LINES, row(LINES)["hash"])


def test_no_witness_is_started_over_a_broken_chain(chain: Company) -> None:
    witness_file().unlink()
    overwrite(MIDDLE, actor="Somebody else")
    result = CliRunner().invoke(audit_commands, ["witness"])
    assert result.exit_code == 1
    assert f"Line {MIDDLE}:" in said(result)
    assert "No witness was written" in said(result)
    assert not witness_file().exists()


def test_a_genuine_witness_gives_way_to_no_shorter_chain(chain: Company) -> None:
    cut(after=MIDDLE)
    set_ledger_back(MIDDLE)
    result = CliRunner().invoke(audit_commands, ["witness"])
    assert result.exit_code == 1
    assert f"Line {MIDDLE + 1}:" in said(result)
    assert witness()[0] == LINES


def test_there_is_nothing_to_witness_before_the_first_line() -> None:
    result = CliRunner().invoke(audit_commands, ["witness"])
    assert result.exit_code == 0
    assert "nothing to witness" in said(result)
    assert not witness_file().exists()


# --- the triggers ---------------------------------------------------------------------------------

FORBIDDEN = {
    "update": "UPDATE mandate_auditline SET actor = 'x' WHERE seq = 2",
    "update all": "UPDATE mandate_auditline SET detail = ''",
    "delete": "DELETE FROM mandate_auditline WHERE seq = 2",
    "delete all": "DELETE FROM mandate_auditline",
}
AGAIN = "INTO mandate_auditline SELECT * FROM mandate_auditline WHERE seq = 2"
FORBIDDEN_HERE = {
    "sqlite": {"insert or replace": f"INSERT OR REPLACE {AGAIN}", "replace": f"REPLACE {AGAIN}"},
    "postgresql": {
        "truncate": "TRUNCATE mandate_auditline",
        "upsert": f"INSERT {AGAIN} ON CONFLICT (seq) DO UPDATE SET actor = 'x'",
    },
}


def test_the_database_itself_refuses_to_change_the_audit(chain: Company) -> None:
    append_only.install(connection)
    for statement in (*FORBIDDEN.values(), *FORBIDDEN_HERE[connection.vendor].values()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            sql(statement)
    assert audit.verify() == audit.Proof(LINES)


def test_with_its_triggers_the_audit_still_grows(chain: Company, commit: Commit) -> None:
    append_only.install(connection)
    with commit():
        act(CallOtherwise("Ensuite"), by=chain.actor("cdo"), at=NOON)
    assert audit.verify() == audit.Proof(LINES + 1)


def test_triggers_taken_away_are_gone_and_may_be_taken_away_twice(chain: Company) -> None:
    append_only.install(connection)
    append_only.remove(connection)
    append_only.remove(connection)
    for statement in (*FORBIDDEN.values(), *FORBIDDEN_HERE[connection.vendor].values()):
        with transaction.atomic():
            sql(statement)
            transaction.set_rollback(True)
    assert audit.verify() == audit.Proof(LINES)
