"""From a chunk of cells to the lake's columns, by a mapping: one named SQL step for all rows.

Each row comes out with the reason why it is refused, or none. What is read of a cell is trimmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.core.microseconds import instant, since_1970
from pupitre.flow.collect.contracts import PlanMode, Refusal, SourceView
from pupitre.flow.collect.details import Wrong, detail
from pupitre.flow.collect.files.chunks import BadRow, Chunk, cell_name
from pupitre.flow.collect.files.mapping import (
    ISO,
    MILLISECONDS,
    OWN_COLUMNS,
    SECONDS,
    Kind,
    Mapping,
    Property,
    Text,
    Time,
)
from pupitre.flow.collect.files.telling import wrong_row
from pupitre.flow.collect.receiving import planning
from pupitre.flow.collect.receiving.limits import (
    AHEAD,
    EARLIEST_YEAR,
    MAX_EVENT_BYTES,
    MAX_IDENTIFIER_CHARACTERS,
    MAX_MESSAGE_ID_CHARACTERS,
    MAX_NAME_CHARACTERS,
)
from pupitre.flow.collect.sources.book import SourceBook
from pupitre.lake.contracts import EVENT_SCHEMA, EventType, Sql, Value
from pupitre.lake.queries import Bench

ID_DIGITS = 16  # of a file's digest, in the message ids that are made of it
PIECE_ROWS = 30_000
MAX_BAD_BYTES = 4096
_SPACES = "[\\s\u00a0\u202f]"
# A number as JSON writes it; anything else stays text, so that nothing is lost by rounding.
_NUMBER = "-?(0|[1-9][0-9]{0,17})([.][0-9]{1,15})?"
_WHOLE = "-?(0|[1-9][0-9]{0,17})"
_OFFSET = "[Zz]|[+-][0-9]{2}(:?[0-9]{2})?"
_PEOPLE = (EventType.IDENTIFY.value, EventType.GROUP.value)  # their traits are their own


@dataclass(frozen=True, slots=True)
class Origin:
    """What all events of one import share."""

    source: SourceView
    book: SourceBook
    file: str  # its name, as people know it
    digest: str  # of its content
    received: datetime  # when the import was asked for
    extra: str = "{}"  # by which its events are known again, a JSON object


@dataclass(frozen=True, slots=True)
class Shaped:
    events: pa.Table  # of EVENT_SCHEMA
    lines: tuple[int, ...] | None  # of the events, where they were asked for
    bad: tuple[BadRow, ...]
    unplanned: int = 0


def shape(
    bench: Bench,
    chunk: Chunk,
    *,
    mapping: Mapping,
    columns: Sequence[str],
    origin: Origin,
    with_lines: bool = False,
) -> Shaped:
    """The events of a chunk, and its bad rows, in the order of their lines."""
    if not chunk.table.num_rows:
        return Shaped(EVENT_SCHEMA.empty_table(), () if with_lines else None, chunk.bad)
    step, given = the_step(mapping, columns, origin)
    table = bench.shape(step, chunk.table, given)
    bad = list(chunk.bad)
    if table["reason"].null_count < table.num_rows:
        bad += _refused(table, chunk.table, columns, mapping)
        table = table.filter(pc.is_null(table["reason"]))
    unplanned = 0
    if origin.source.plan_mode is not PlanMode.OFF:
        table, against, unplanned = _as_planned(table, origin)
        bad += against
    if mapping.message_id:
        table = _each_once(table)
    lines = tuple(table["line"].to_pylist()) if with_lines else None
    events = table.select(EVENT_SCHEMA.names).cast(EVENT_SCHEMA)
    # In pieces (of the same memory), so that the lake's cores share in the reading of them.
    events = pa.Table.from_batches(events.to_batches(max_chunksize=PIECE_ROWS), EVENT_SCHEMA)
    return Shaped(events, lines, tuple(sorted(bad, key=lambda row: row.line)), unplanned)


def the_step(
    mapping: Mapping, columns: Sequence[str], origin: Origin
) -> tuple[Sql, dict[str, Value]]:
    """The SQL of a mapping, and its parameters."""
    writing = _Writing(mapping, columns)
    given: dict[str, Value] = {
        "source": origin.source.key,
        "channel": origin.source.channel.value,
        "received": origin.received,
        "extra": origin.extra,
        "ids": f"file-{origin.digest[:ID_DIGITS]}-",
        "context": msgspec.json.encode({"import": {"file": origin.file}})[1:-1].decode(),
    }
    text = writing.text()
    return Sql("map a file to events", text), {**given, **writing.given}


class _Writing:
    """Puts the SQL together. Columns of the file are c0, c1…: what they are called goes nowhere."""

    def __init__(self, mapping: Mapping, columns: Sequence[str]) -> None:
        self.mapping = mapping
        self.columns = columns
        self.given: dict[str, Value] = {}

    def cell(self, column: str) -> str:
        return cell_name(self.columns.index(column))

    def constant(self, value: str) -> str:
        name = f"text_{_letters(len(self.given))}"
        self.given[name] = value
        return f"${name}"

    def said(self, text: Text) -> str:
        parts = [self.cell(text.column)] if text.column else []
        parts += [self.constant(text.constant)] if text.constant else []
        return f"coalesce({', '.join(parts)})" if parts else "NULL::VARCHAR"

    def text(self) -> str:
        read = sorted({self.columns.index(column) for column in self.mapping.columns})
        cells = "".join(f", nullif(trim({name}), '') AS {name}" for name in map(cell_name, read))
        known = {one.name: self.cell(one.column) for one in self.mapping.identifiers}
        own = "".join(f", {known.get(name, 'NULL::VARCHAR')} AS {name}" for name in OWN_COLUMNS)
        people = _object(
            _pair(one.name, f"to_json({self.cell(one.column)})", self.cell(one.column))
            for one in self.mapping.identifiers
            if one.name not in OWN_COLUMNS
        )
        facts = _object(self._property(one) for one in self.mapping.properties)
        money, currency = self._money()
        made = "$ids || lpad(line::VARCHAR, 10, '0')"
        own_id = self.mapping.message_id
        message = f"coalesce({self.cell(own_id)}, {made})" if own_id else made
        happened, said = self._time(self.mapping.time)
        return f"""
WITH cells AS (SELECT line{cells} FROM given),
mapped AS (
  SELECT line, {message} AS message_id, lower({self.said(self.mapping.type)}) AS type,
    {self.said(self.mapping.name)} AS event{own}, {happened} AS happened, {said} AS time_said,
    {money} AS money, {self._amount_said()} AS money_said, {currency} AS currency_said,
    {people} AS people, {facts} AS facts
  FROM cells),
written AS (
  SELECT *, {self._said_of("traits")} AS traits, {self._said_of("properties")} AS properties,
    {self._said_of("context")} AS context,
    least(happened, $received::TIMESTAMP) AS corrected_at
  FROM mapped)
SELECT line, {_reason()} AS reason, time_said, money_said, message_id, $source AS source, type,
  CASE WHEN type IN ('track', 'page', 'screen') THEN event END AS name, $channel AS channel,
  CASE WHEN user_id IS NOT NULL THEN 'user_id:' || user_id
    ELSE 'anonymous_id:' || anonymous_id END AS identity,
  user_id, anonymous_id, previous_id, group_id, happened AS original_at,
  NULL::TIMESTAMP AS sent_at, $received::TIMESTAMP AS received_at,
  corrected_at, properties, traits, context, $extra AS extra,
  CASE WHEN type = 'track' THEN money END AS amount,
  CASE WHEN type = 'track' AND money IS NOT NULL AND regexp_full_match(currency_said, '[A-Z]{{3}}')
    THEN currency_said END AS currency
FROM written"""  # noqa: S608

    def _said_of(self, part: str) -> str:
        """What is told of a customer is an identify's own; in other events it is the context's."""
        of_people = {
            "traits": _merged("facts", "people"),
            "properties": "'{}'",
            "context": "'{' || $context || '}'",
        }
        people = "CASE WHEN people = '{}' THEN '{' || $context || '}' ELSE '{' || $context || "
        of_others = {
            "traits": "'{}'",
            "properties": "facts",
            "context": people + "',\"traits\":' || people || '}' END",
        }
        if not self.mapping.type.column:
            return (of_people if self.mapping.type.constant in _PEOPLE else of_others)[part]
        known = ", ".join(f"'{kind}'" for kind in _PEOPLE)
        return f"CASE WHEN type IN ({known}) THEN {of_people[part]} ELSE {of_others[part]} END"

    def _time(self, time: Time) -> tuple[str, str]:
        """The instant in UTC, and what the file says."""
        if not time.column:
            return "$received::TIMESTAMP", "''"
        cell = self.cell(time.column)
        if time.format in (SECONDS, MILLISECONDS):
            scale = 1_000_000 if time.format == SECONDS else 1_000
            number = f"TRY_CAST({cell} AS DECIMAL(28, 6)) * {scale}"
            return f"make_timestamp(TRY_CAST({number} AS BIGINT))", cell
        if time.format != ISO:
            parsed = f"try_strptime({cell}, {self.constant(time.format)})"
            if "%z" in time.format:
                return f"CAST({parsed} AS TIMESTAMP)", cell
            return self._local(parsed, time.zone), cell
        plain = f"TRY_CAST({cell} AS TIMESTAMP)"
        offset = f"regexp_matches({cell}, ':[0-9.]+({_OFFSET})$')"
        exact = f"CAST(TRY_CAST({cell} AS TIMESTAMPTZ) AS TIMESTAMP)"
        return f"CASE WHEN {offset} THEN {exact} ELSE {self._local(plain, time.zone)} END", cell

    def _local(self, parsed: str, zone: str) -> str:
        if zone == "UTC":
            return parsed
        return f"CAST(timezone({self.constant(zone)}, {parsed}) AS TIMESTAMP)"

    def _money(self) -> tuple[str, str]:
        money = self.mapping.amount
        currency = f"upper({self.said(money.currency)})"
        if not money.column:
            return "NULL::DECIMAL(18, 4)", currency
        cell = self.cell(money.column)
        plain = cell  # as most files write it: what separates thousands costs more to look for
        if money.decimal == ",":
            plain = f"CASE WHEN NOT contains({cell}, '.') THEN replace({cell}, ',', '.') END"
        readings = (plain, _digits(cell, money.decimal))
        tried = ", ".join(f"TRY_CAST({one} AS DECIMAL(18, 4))" for one in readings)
        return f"coalesce({tried})", currency

    def _amount_said(self) -> str:
        return self.cell(self.mapping.amount.column) if self.mapping.amount.column else "NULL"

    def _property(self, one: Property) -> str:
        cell = self.cell(one.column)
        text = f"to_json({cell})::VARCHAR"
        if one.kind is Kind.NUMBER:
            decimal = self.mapping.amount.decimal
            number = _digits(cell, decimal)
            plain = _NUMBER if decimal == "." else _WHOLE
            text = (
                f"CASE WHEN regexp_full_match({cell}, '{plain}') THEN {cell} "
                f"WHEN regexp_full_match({number}, '{_NUMBER}') THEN {number} ELSE {text} END"
            )
        elif one.kind is Kind.BOOLEAN:
            yes = f"lower({cell}) IN ('true', 'yes', 'oui', 'vrai', '1', 'y', 'o')"
            no = f"lower({cell}) IN ('false', 'no', 'non', 'faux', '0', 'n')"
            text = f"CASE WHEN {yes} THEN 'true' WHEN {no} THEN 'false' ELSE {text} END"
        elif one.kind is Kind.JSON:
            text = f"CASE WHEN json_valid({cell}) THEN {cell} ELSE {text} END"
        return _pair(one.name, text, cell)


def _letters(number: int) -> str:
    """Parameters have no digits in their names."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def _digits(cell: str, decimal: str) -> str:
    """A number as people write it, without what separates its thousands."""
    separators = "," if decimal == "." else "."
    plain = f"regexp_replace({cell}, '[\\s\u00a0\u202f€$£{separators}]', '', 'g')"
    return f"replace({plain}, ',', '.')" if decimal == "," else plain


def _pair(name: str, value: str, cell: str) -> str:
    key = msgspec.json.encode(name).decode().replace("'", "''")
    return f"CASE WHEN {cell} IS NOT NULL THEN '{key}:' || {value} END"


def _object(pairs: object) -> str:
    """A JSON object of what is there."""
    written = ", ".join(pairs)  # type: ignore[arg-type]
    return f"'{{' || concat_ws(',', {written}) || '}}'" if written else "'{}'"


def _merged(one: str, other: str) -> str:
    return (
        f"CASE WHEN {one} = '{{}}' THEN {other} WHEN {other} = '{{}}' THEN {one} "
        f"ELSE {one}[:-2] || ',' || {other}[2:] END"
    )


def _longer(cell: str, characters: int) -> str:
    """Bytes are quick to count; characters only where there are more bytes."""
    return f"strlen({cell}) > {characters} AND length({cell}) > {characters}"


def _reason() -> str:
    """The first thing that is wrong; NULL where nothing is."""
    types = ", ".join(f"'{kind.value}'" for kind in EventType)
    longest = " OR ".join(_longer(name, MAX_IDENTIFIER_CHARACTERS) for name in OWN_COLUMNS)
    weight = "strlen(properties) + strlen(traits) + strlen(context)"
    rules = (
        (f"type IS NULL OR type NOT IN ({types})", Refusal.UNKNOWN_TYPE),
        ("user_id IS NULL AND anonymous_id IS NULL", Refusal.NO_IDENTIFIER),
        ("type = 'track' AND event IS NULL", Refusal.NO_EVENT),
        (
            "type = 'alias' AND (previous_id IS NULL OR user_id IS NULL)",
            Refusal.NO_PREVIOUS_ID,
        ),
        ("type = 'group' AND group_id IS NULL", Refusal.NO_GROUP_ID),
        (_longer("message_id", MAX_MESSAGE_ID_CHARACTERS), Refusal.MESSAGE_ID_TOO_LONG),
        (longest, Refusal.IDENTIFIER_TOO_LONG),
        (_longer("event", MAX_NAME_CHARACTERS), Refusal.NAME_TOO_LONG),
        (
            "happened IS NULL OR NOT isfinite(happened) "
            f"OR happened < TIMESTAMP '{EARLIEST_YEAR}-01-01' OR year(happened) > 9999",
            Refusal.BAD_TIME,
        ),
        (
            f"happened > $received::TIMESTAMP + INTERVAL {round(AHEAD.total_seconds())} SECOND",
            Refusal.IN_THE_FUTURE,
        ),
        ("money_said IS NOT NULL AND money IS NULL", Refusal.BAD_ROW),
        (f"{weight} > {MAX_EVENT_BYTES}", Refusal.TOO_LARGE),
    )
    cases = " ".join(f"WHEN {rule} THEN '{reason.value}'" for rule, reason in rules)
    return f"CASE {cases} END"


def _refused(
    table: pa.Table, given: pa.Table, columns: Sequence[str], mapping: Mapping
) -> list[BadRow]:
    """The rows that a rule refuses, as they came. Both tables have the same rows in their order."""
    where = pc.indices_nonzero(pc.is_valid(table["reason"]))
    told = table.select(["line", "reason", "time_said", "money_said", "type"]).take(where)
    cells = given.drop_columns(["line"]).take(where)
    names = [columns[int(name[1:])] for name in cells.column_names]
    bad = []
    for found, row in zip(told.to_pylist(), cells.to_pylist(), strict=True):
        raw = msgspec.json.encode(dict(zip(names, row.values(), strict=True)))[:MAX_BAD_BYTES]
        wrong = detail(Wrong.ON_LINE, line=found["line"], what=wrong_row(found, mapping))
        bad.append(BadRow(found["line"], found["reason"], wrong, raw))
    return bad


def _as_planned(table: pa.Table, origin: Origin) -> tuple[pa.Table, list[BadRow], int]:
    """Each event against the source's tracking plan: refused, or counted, as the plan says."""
    bad: list[BadRow] = []
    keep = []
    asked = table.select(["line", "type", "name", "properties", "traits"])
    for row in asked.to_pylist():
        planned = origin.book.planned(origin.source.id, row["type"], row["name"] or "")
        found = planning.unexpected(
            planned,
            type_=row["type"],
            name=row["name"],
            properties=row["properties"],
            traits=row["traits"],
        )
        keep.append(found is None)
        if found is not None:
            raw = (row["traits"] if row["properties"] == "{}" else row["properties"]).encode()
            wrong = detail(Wrong.ON_LINE, line=row["line"], what=found)
            bad.append(BadRow(row["line"], Refusal.NOT_PLANNED, wrong, raw[:MAX_BAD_BYTES]))
    if origin.source.plan_mode is PlanMode.ENFORCE:
        return table.filter(pa.array(keep, pa.bool_())), bad, 0
    return table, [], len(bad)


def _each_once(table: pa.Table) -> pa.Table:
    """Of rows with one message id, the first."""
    if pc.count_distinct(table["message_id"]).as_py() == table.num_rows:
        return table
    seen: set[str] = set()
    first = [not (one in seen or seen.add(one)) for one in table["message_id"].to_pylist()]  # type: ignore[func-returns-value]
    return table.filter(pa.array(first, pa.bool_()))


def now_as_kept(at: datetime) -> datetime:
    """To the microsecond, as the lake keeps it."""
    return instant(since_1970(at))
