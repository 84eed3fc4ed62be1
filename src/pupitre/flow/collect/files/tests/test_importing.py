"""A file's rows become events, each once; what cannot goes to quarantine with its line."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pupitre.core.errors import Invalid
from pupitre.flow.collect import queries as collected
from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.details import Wrong, detail
from pupitre.flow.collect.files import delimited, importing, records
from pupitre.flow.collect.files.actions import CONSOLE, RunImport
from pupitre.flow.collect.files.mapping import written
from pupitre.flow.collect.files.records import State
from pupitre.flow.collect.files.tests.kit import (
    HEADER,
    SOURCE,
    a_company_that_imports,
    a_file,
    a_mapping,
    asked,
    imported,
    in_lake,
    lake,
)
from pupitre.flow.collect.pages.raw import as_let_in
from pupitre.flow.collect.sources.actions import CloseSource
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed, Refused, Waiting
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.testing import NOON, Company

__all__ = ["lake"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lake")]
GOOD = HEADER + "7;31/12/2025;1 234,50;Lyon\n8;01/01/2026;2,5;\n"


@pytest.fixture(autouse=True)
def company() -> Company:
    return a_company_that_imports()


def held() -> list[tuple[str, str]]:
    return [
        (one.reason, one.detail.english if one.detail else "")
        for one in reversed(collected.held(source=SOURCE))
    ]


class TestRows:
    def test_they_become_events_of_the_source(self, tmp_path: Path) -> None:
        done = imported(a_file(tmp_path, GOOD), a_mapping())
        assert (done.state, done.rows, done.accepted, done.refused) == (State.DONE, 2, 2, 0)
        what = (
            "source, type, name, channel, identity, amount, currency, properties, context,"
            " corrected_at::VARCHAR, received_at = original_at"
        )
        context = '{"import":{"file":"achats.csv"}}'
        assert in_lake(what) == [
            (
                SOURCE, "track", "Order Completed", "web", "user_id:7", Decimal("1234.5000"),
                "EUR", '{"shop":"Lyon"}', context, "2025-12-30 23:00:00", False,
            ),
            (
                SOURCE, "track", "Order Completed", "web", "user_id:8", Decimal("2.5000"),
                "EUR", "{}", context, "2025-12-31 23:00:00", False,
            ),
        ]  # fmt: skip

    def test_the_last_of_them_are_shown_live(self, tmp_path: Path) -> None:
        imported(a_file(tmp_path, GOOD), a_mapping())
        newest, before = collected.latest_events(source=SOURCE, limit=9)
        assert (newest.type, newest.name) == ("track", "Order Completed")
        told = [json.loads(as_let_in(event.shown)) for event in (before, newest)]
        assert [event["user_id"] for event in told] == ["7", "8"]
        assert told[0]["properties"] == {"shop": "Lyon"}
        assert told[0]["corrected_at"] == "2025-12-30T23:00:00+00:00"
        own = a_mapping(message_id="client")
        for name in ("again.csv", "thrice.csv"):
            imported(a_file(tmp_path, GOOD, name=name), own, at=NOON + timedelta(hours=1))
        assert len(collected.latest_events(source=SOURCE, limit=9)) == 4  # duplicates are not

    def test_a_bad_one_waits_in_quarantine_with_its_line_and_the_rest_goes_in(
        self, tmp_path: Path
    ) -> None:
        text = (
            HEADER
            + '1;01/01/2026;1;"Lyon\nBellecour ""Nord"""\n'  # lines 2 and 3
            + "2;32/01/2026;1;Nice\n"  # 4
            + "\n"
            + "3;01/01/2026;un;Nice\n"  # 6
            + ";01/01/2026;1;Nice\n"  # 7
            + "4;01/01/2026;1\n"  # 8: a cell is missing
            + "5;01/01/2026;1;Nice;2\n"  # 9: one too many
            + "6;01/01/2036;1;Nice\n"  # 10: the future
            + "9;02/01/2026;1;Brest\n"  # 11
        )
        done = imported(a_file(tmp_path, text), a_mapping())
        assert (done.rows, done.accepted, done.refused) == (8, 2, 6)
        assert in_lake("user_id, properties") == [
            ("1", '{"shop":"Lyon\\nBellecour \\"Nord\\""}'),
            ("9", '{"shop":"Brest"}'),
        ]
        assert held() == [
            (Refusal.BAD_TIME, "achats.csv, line 4: column “date” holds “32/01/2026”, "
             "where dates look like 31/12/2026"),
            (Refusal.BAD_ROW, "achats.csv, line 6: column “montant” holds “un”: no amount"),
            (Refusal.NO_IDENTIFIER, "achats.csv, line 7: nothing in column “client”"),
            (Refusal.BAD_ROW, "achats.csv, line 8: 3 cells; 4 are expected"),
            (Refusal.BAD_ROW, "achats.csv, line 9: 5 cells; 4 are expected"),
            (Refusal.IN_THE_FUTURE, "achats.csv, line 10: column “date” holds “01/01/2036”, "
             "where dates look like 31/12/2026"),
        ]  # fmt: skip
        [rates] = collected.last_hour(now=NOON)
        assert (rates.accepted, rates.refused) == (2, 6)

    def test_traits_of_an_identify_are_its_own(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, "id,mail,tel,vip\n1,a@b.fr,0612345678,oui\n")
        mapping = a_mapping(
            type={"constant": "identify"},
            name={},
            identifiers=[
                {"column": "id", "name": "user_id"},
                {"column": "mail", "name": "email"},
                {"column": "tel", "name": "phone"},
            ],
            time={},
            amount={},
            properties=[{"column": "vip", "name": "vip", "kind": "boolean"}],
        )
        imported(path, mapping)
        assert in_lake("traits, properties, name, corrected_at = received_at") == [
            ('{"vip":true,"email":"a@b.fr","phone":"0612345678"}', "{}", None, True)
        ]


class TestOnce:
    def test_again_adds_nothing(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, GOOD)
        first = imported(path, a_mapping())
        assert imported(path, a_mapping()) == first
        path.rename(tmp_path / "other name.csv")
        assert imported(tmp_path / "other name.csv", a_mapping()) == first
        assert len(in_lake()) == 2

    def test_nor_does_the_same_file_read_another_way(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, GOOD)
        imported(path, a_mapping())
        done = imported(path, a_mapping(properties=[]))
        assert (done.accepted, done.duplicates) == (0, 2)
        assert len(in_lake()) == 2

    def test_rows_that_another_file_has_too_go_in_once(self, tmp_path: Path) -> None:
        columns = "no,client,date,montant,magasin\n"
        mapping = a_mapping(message_id="no")
        one = a_file(
            tmp_path, columns + "a,1,01/01/2026,1,X\nb,1,02/01/2026,1,X\na,1,01/01/2026,1,X"
        )
        two = a_file(tmp_path, columns + "b,1,02/01/2026,1,X\nc,1,03/01/2026,1,X\n", "2.csv")
        assert imported(one, mapping).duplicates == 1
        done = imported(two, mapping)
        assert (done.accepted, done.duplicates) == (1, 1)
        assert in_lake("message_id") == [("a",), ("b",), ("c",)]

    def test_chunk_by_chunk_each_once_wherever_it_stops(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Stopped before and after each write, and gone on with: never a row less, nor twice."""
        monkeypatch.setattr(delimited.Delimited.chunks, "__kwdefaults__", {"size": 1, "after": -1})
        monkeypatch.setattr("pupitre.flow.collect.files.text.READ_BYTES", 400)
        rows = [f"{n};01/01/2026;{'1' if n % 10 else 'x'};S\n" for n in range(1, 101)]
        row = asked(a_file(tmp_path, HEADER + "".join(rows)), a_mapping())
        stops = 0
        for where in ("_enter", "_take") * 40:
            real = getattr(importing, where)
            calls = 0

            def stopping(*args: object, real: object = real) -> object:
                nonlocal calls
                calls += 1
                if calls == 2:
                    raise OSError("the power is gone")
                return real(*args)  # type: ignore[operator]

            with monkeypatch.context() as patch:
                patch.setattr(importing, where, stopping)
                try:
                    done = importing.run(row, now=lambda: NOON)
                    break
                except OSError:
                    stops += 1
        assert stops >= 4
        assert (done.accepted, done.refused, done.duplicates) == (90, 10, 0)
        assert [int(user) for (user,) in sorted(in_lake("user_id"), key=lambda r: int(r[0]))] == [
            n for n in range(1, 101) if n % 10
        ]
        assert [int(d.split("line ")[1].split(":")[0]) for _, d in held()] == list(
            range(11, 102, 10)
        )
        [rates] = collected.last_hour(now=NOON)
        assert (rates.accepted, rates.refused, rates.duplicates) == (90, 10, 0)


class TestWhatCannotComeIn:
    def test_a_mapping_that_reads_no_row_stops_at_once(self, tmp_path: Path) -> None:
        done = imported(a_file(tmp_path, GOOD), a_mapping(time={"column": "date", "format": "%Y"}))
        assert done.state == State.FAILED
        assert done.told is not None
        assert "no row can be read. line 2: " in done.told.english
        assert not in_lake()

    def test_a_file_that_has_changed_meanwhile(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, GOOD)
        row = asked(path, a_mapping())
        path.write_text(GOOD + "9;01/01/2026;1;Lyon\n")
        done = importing.run(row, now=lambda: NOON)
        assert done.state == State.FAILED
        assert done.told == detail(Wrong.FILE_CHANGED)

    def test_a_column_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(Invalid, match="magasin"):
            asked(a_file(tmp_path, "client;date;montant\n1;01/01/2026;1\n"), a_mapping())

    def test_a_source_that_is_closed(self, tmp_path: Path, company: Company) -> None:
        row = asked(a_file(tmp_path, GOOD), a_mapping())
        outcome = act(CloseSource(SOURCE), by=company.actor("cio"), at=NOON)
        assert isinstance(outcome, Performed)
        assert importing.run(row, now=lambda: NOON).state == State.FAILED
        with pytest.raises(Invalid, match=r"closed|fermée"):
            asked(a_file(tmp_path, GOOD + "1;01/01/2026;1;X\n"), a_mapping())


class TestWhoMay:
    def an_import(self, data: Path) -> RunImport:
        token = "ab" * 16
        records.stored_path(token).parent.mkdir(parents=True)
        a_file(records.stored_path(token).parent, GOOD, "file")
        mapping = written(a_mapping()).decode()
        return RunImport(SOURCE, "achats.csv", "0" * 64, mapping, token)

    def test_the_matrix_says(self, lake: Path, company: Company) -> None:
        action = self.an_import(lake)
        with pytest.raises(Refused):
            act(action, by=company.actor("brand"), at=NOON)
        assert isinstance(act(action, by=company.actor("cio"), at=NOON), Waiting)
        done = act(action, by=company.actor("ops"), at=NOON)
        assert isinstance(done, Performed)
        [row] = records.unfinished()
        assert (row.id, row.uploaded, row.source) == (done.result, True, SOURCE)
        with pytest.raises(Invalid, match=r"déjà|already"):
            act(action, by=company.actor("ops"), at=NOON)

    def test_the_console_is_written_down(self, tmp_path: Path) -> None:
        asked(a_file(tmp_path, GOOD), a_mapping())
        line = AuditLine.objects.latest("pk")
        assert line.activity == "import.run"
        assert "achats.csv" in str(line.detail)
        assert line.actor == CONSOLE.name
