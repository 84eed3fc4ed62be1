"""Files of every format, encoding and ill will: what is read of them, and on which line."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pupitre.core.errors import Invalid
from pupitre.flow.collect.files import chunks, other_formats, text
from pupitre.flow.collect.files.mapping import Layout
from pupitre.flow.collect.files.opening import digest_of, opened

pytestmark = pytest.mark.once
FOUND_OUT = Layout()
NINE = dt.datetime(2026, 1, 1, 9)  # noqa: DTZ001  (workbooks know no time zone)


def a_file(folder: Path, content: bytes, name: str = "f") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def rows(
    path: Path, layout: Layout = FOUND_OUT, size: int | None = None
) -> list[tuple[object, ...]]:
    """(line, cells…) of each good row."""
    file = opened(path, layout)
    found = []
    for chunk in file.chunks(file.columns, **({"size": size} if size else {})):
        cells = [chunks.cell_name(n) for n in range(len(file.columns))]
        found += [tuple(row.values()) for row in chunk.table.select(["line", *cells]).to_pylist()]
    return found


def bad(path: Path, layout: Layout = FOUND_OUT) -> list[tuple[int, str]]:
    file = opened(path, layout)
    return [(r.line, r.detail.english) for c in file.chunks(file.columns) for r in c.bad]


class TestText:
    @pytest.mark.parametrize(
        ("encoding", "start"),
        [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("cp1252", b""), ("utf-16", b"")],
    )
    @pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_encodings_separators_and_newlines(
        self, tmp_path: Path, encoding: str, start: bytes, separator: str, newline: str
    ) -> None:
        if encoding == "utf-16" and newline == "\r":
            pytest.skip("nobody ever wrote such files")
        lines = ["prénom|ville|n", "Zoé|Orléans|1", "Léa|Nîmes|2"]
        said = newline.join(line.replace("|", separator) for line in lines)
        path = a_file(tmp_path, start + said.encode(encoding))
        assert opened(path, Layout()).columns == ("prénom", "ville", "n")
        assert rows(path) == [(2, "Zoé", "Orléans", "1"), (3, "Léa", "Nîmes", "2")]

    def test_cells_over_several_lines_keep_the_lines_right(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, b'a,b\n1,"x\ny\r\nz"\n\n2,"say ""no"""\n3\n"4\n",w\n5,v,u\n')
        assert rows(path) == [
            (2, "1", "x\ny\r\nz"), (6, "2", 'say "no"'), (8, "4\n", "w"),
        ]  # fmt: skip
        assert [line for line, _ in bad(path)] == [7, 10]

    def test_a_quote_that_is_never_closed_takes_one_line_only(self, tmp_path: Path) -> None:
        text_ = 'a,b\n1,"x"\n2,"never\n3,"y"\n' + "".join(f'{n},"z"\n' for n in range(4, 500))
        path = a_file(tmp_path, text_.encode())
        found, wrong = rows(path), bad(path)
        assert [line for line, _ in wrong] == [3]
        assert [row[0] for row in found] == [2, *range(4, 501)]
        assert found[1] == (4, "3", "y")

    def test_a_quote_inside_a_cell_is_a_character(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, b'a,b\n5" pipe,1\n"x",2\n7" pipe,3\n')
        assert rows(path) == [(2, '5" pipe', "1"), (3, "x", "2"), (4, '7" pipe', "3")]

    def test_without_header(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, b"1;2026-01-01;3,5\n2;2026-01-02;4\n")
        assert opened(path, Layout()).columns == ("column 1", "column 2", "column 3")
        assert rows(path)[0] == (1, "1", "2026-01-01", "3,5")
        assert rows(path, Layout(header=True)) == [(2, "2", "2026-01-02", "4")]

    def test_columns_that_are_aligned_by_spaces(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, b" id  date  n\r\n 0001 19970101   1\r\n 0002  19970102  12\r\n")
        assert rows(path) == [(2, "0001", "19970101", "1"), (3, "0002", "19970102", "12")]

    def test_broken_characters_and_nuls_are_bad_rows(self, tmp_path: Path) -> None:
        lines = [
            b"a,b",
            *(f"{n},caf\u00e9".encode() for n in range(20_000)),
            b"x,\xff",
            b"y,\0",
            b"z,1",
        ]
        path = a_file(tmp_path, b"\n".join(lines))
        wrong = bad(path, Layout(encoding="utf-8"))
        assert [line for line, _ in wrong] == [20_002, 20_003]
        assert "UTF-8" in wrong[0][1]
        assert "NUL" in wrong[1][1]
        assert rows(path, Layout(encoding="utf-8"))[-1] == (20_004, "z", "1")

    def test_a_row_that_is_too_long(self, tmp_path: Path) -> None:
        huge = b"x" * (3 * chunks.MAX_RECORD_BYTES)
        path = a_file(tmp_path, b"a,b\n1,2\n" + huge + b",1\n3,4\n")
        assert rows(path) == [(2, "1", "2"), (4, "3", "4")]
        assert [line for line, _ in bad(path)] == [3]

    def test_a_line_without_end_takes_bounded_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(text, "MAX_RECORD_BYTES", 1_000)
        monkeypatch.setattr(text, "READ_BYTES", 500)
        source = BytesIO(b"x" * 100_000 + b"\nlast\n")
        found = list(text.blocks(source, separator=ord(","), size=2_000))
        assert max(len(block.data) for block in found) < 5_000
        assert [(b.lines.tolist(), b.data[-5:]) for b in found][-1] == ([2], b"last\n")

    @settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        cells=st.lists(
            st.tuples(*[st.text(st.sampled_from('ab,"\n\r é'), max_size=6)] * 3), min_size=1,
            max_size=30,
        ),
        size=st.integers(1, 200),
    )  # fmt: skip
    def test_whatever_is_quoted_well_is_read_back(
        self, tmp_path: Path, cells: list[tuple[str, str, str]], size: int
    ) -> None:
        said = ["h,i,j\n"]
        expected = []
        line = 2
        for row in cells:
            record = ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n"
            expected.append((line, *row))
            said.append(record)
            line += record.count("\n")
        path = a_file(tmp_path, "".join(said).encode())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(text, "READ_BYTES", 16)
            assert rows(path, Layout("utf-8", ",", True), size=size) == expected


class TestOtherFormats:
    def test_json_lines(self, tmp_path: Path) -> None:
        lines = [
            b'{"id": 1, "who": {"mail": "a@b.fr"}, "tags": [1, 2], "ok": true}',
            b"not json",
            b'{"id": "2", "who": null}',
            b"[1]",
            b"",
            b'{"id": 3, "late": "\\u00e9"}',
        ]
        path = a_file(tmp_path, b"\n".join(lines))
        assert opened(path, Layout()).columns == ("id", "who.mail", "tags", "ok", "who", "late")
        found = [row[:4] for row in rows(path)]
        assert found == [
            (1, "1", "a@b.fr", "[1,2]"), (3, "2", None, None), (6, "3", None, None),
        ]  # fmt: skip
        assert [line for line, _ in bad(path)] == [2, 4]

    def test_parquet(self, tmp_path: Path) -> None:
        table = pa.table(
            {
                "id": [1, 2],
                "at": pa.array([NINE, None], pa.timestamp("us", "UTC")),
                "price": pa.array([1.5, None]),
                "tags": [["a"], None],
            }
        )
        pq.write_table(table, tmp_path / "f")
        assert rows(tmp_path / "f") == [
            (1, "1", "2026-01-01 09:00:00+00", "1.5", '["a"]'),
            (2, "2", None, None, None),
        ]

    def test_workbooks(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["client", "date", "total", "ok"])
        sheet.append([7, NINE, 12.5, True])
        sheet.append([])
        sheet.append(["=1+1", dt.date(2026, 1, 2), 3.0, None])
        sheet.append([8, None, None, None, "too far"])
        book.save(tmp_path / "f.csv")  # its name says nothing
        path = tmp_path / "f.csv"
        assert rows(path) == [
            (2, "7", "2026-01-01 09:00:00", "12.5", "true"),
            (4, None, "2026-01-02 00:00:00", "3", None),  # nobody has computed the formula
        ]
        assert [line for line, _ in bad(path)] == [5]


class TestIllWill:
    def test_a_million_columns(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, b",".join(b"c%d" % n for n in range(10**6)) + b"\n1\n")
        with pytest.raises(Invalid):
            opened(path, Layout())

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"a;b;c\n", b"  \r\n"])
    def test_nothing_in_it(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(Invalid):
            opened(a_file(tmp_path, content), Layout())

    @pytest.mark.parametrize(
        "content",
        [
            b"\x1f\x8b\x08" + b"x" * 50,
            b"\xd0\xcf\x11\xe0" + b"x" * 50,
            b"PAR1" + b"x" * 50 + b"PAR1",
            b"PK\x03\x04" + b"x" * 50,
            b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        ],
    )
    def test_what_is_no_table(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(Invalid):
            opened(a_file(tmp_path, content, "f.csv"), Layout())

    def test_a_workbook_that_unpacks_to_gigabytes(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(["a"])
        book.save(tmp_path / "f.xlsx")
        with zipfile.ZipFile(tmp_path / "f.xlsx", "a", zipfile.ZIP_DEFLATED) as parts:
            parts.writestr("xl/sharedStrings.xml", b" " * (other_formats.MAX_SHARED_BYTES + 1))
        assert (tmp_path / "f.xlsx").stat().st_size < 1_000_000
        with pytest.raises(Invalid):
            opened(tmp_path / "f.xlsx", Layout())

    def test_deep_json_is_a_bad_row(self, tmp_path: Path) -> None:
        deep = b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
        path = a_file(tmp_path, b'{"a": 1}\n' + deep + b'\n{"a": 2}\n')
        found = [row for row in rows(path) if row[0] != 2]
        assert found == [(1, "1"), (3, "2")]

    def test_names_of_columns_go_into_no_query(self, tmp_path: Path) -> None:
        name = "a'); DROP TABLE x; --"
        path = a_file(tmp_path, json.dumps({name: "v", 'q"\\': 1}).encode() + b"\n")
        assert rows(path) == [(1, "v", "1")]

    def test_the_digest_is_the_contents(self, tmp_path: Path) -> None:
        one, two = a_file(tmp_path, b"x", "1"), a_file(tmp_path, b"x", "2")
        assert digest_of(one) == digest_of(two) != digest_of(a_file(tmp_path, b"y", "3"))
