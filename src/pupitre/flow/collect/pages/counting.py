"""How many events, day by day: the question put to the lake, and its answer in shape."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from pupitre.lake import queries as lake
from pupitre.lake.contracts import Answer, Sql, Value

MOST_DAYS = 366
MOST_ROWS = 50_000  # days by things told apart
BY = ("channel", "source", "name", "type")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to count: from a day to a day, both included, in the company's time zone."""

    since: date
    until: date
    by: str = "channel"
    source: str = ""
    channel: str = ""
    name: str = ""

    @property
    def days(self) -> tuple[date, ...]:
        count = (self.until - self.since).days + 1
        return tuple(self.since + timedelta(days=n) for n in range(max(count, 0)))


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many events of one thing on one day."""

    day: date
    what: str
    events: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The answer, and the query that it came from."""

    asked: Asked
    rows: tuple[DayCount, ...]
    answer: Answer

    @property
    def total(self) -> int:
        return sum(row.events for row in self.rows)

    def totals(self) -> tuple[tuple[str, int], ...]:
        """What was told apart, the most frequent first."""
        sums: dict[str, int] = defaultdict(int)
        for row in self.rows:
            sums[row.what] += row.events
        return tuple(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))

    def by_day(self) -> tuple[int, ...]:
        sums: dict[date, int] = defaultdict(int)
        for row in self.rows:
            sums[row.day] += row.events
        return tuple(sums[day] for day in self.asked.days)

    def of(self, what: str) -> tuple[int, ...]:
        """The counts of one thing, for each day asked for."""
        found = {row.day: row.events for row in self.rows if row.what == what}
        return tuple(found.get(day, 0) for day in self.asked.days)


def count_events(asked: Asked) -> Counted:
    """Raises ``LakeError``, or ``TooLong`` where the lake is too large for a page."""
    step, parameters = question(asked)
    answer = lake.run(step, parameters, rows=MOST_ROWS)
    rows = tuple(
        DayCount(day, str(what or ""), int(str(events)))
        for day, what, events in answer.rows
        if isinstance(day, date)
    )
    return Counted(asked, rows, answer)


def question(asked: Asked) -> tuple[Sql, dict[str, Value]]:
    """The step and its parameters. Days are the company's, and the lake's times are UTC."""
    if asked.by not in BY:
        raise ValueError(f"cannot tell events apart by {asked.by}")
    zone = ZoneInfo(settings.TIME_ZONE)
    begins, ends = _midnight(asked.since, zone), _midnight(asked.until + timedelta(days=1), zone)
    parameters: dict[str, Value] = {"begins": begins, "ends": ends}
    wanted = []
    for column in ("source", "channel", "name"):
        if value := getattr(asked, column):
            wanted.append(f"\n  AND {column} = ${column}")
            parameters[column] = value
    text = (
        f"SELECT CAST(corrected_at + {_offset(begins, ends, zone)} AS DATE) AS day,\n"
        f"  {asked.by} AS what,\n"
        "  count(*) AS events\n"
        "FROM {events}\n"
        f"WHERE corrected_at >= $begins AND corrected_at < $ends{''.join(wanted)}\n"
        f"GROUP BY CAST(corrected_at + {_offset(begins, ends, zone)} AS DATE), {asked.by}\n"
        "ORDER BY day, events DESC, what"
    )
    return Sql(f"events by day and {asked.by}", text), parameters


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _offset(begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    """From UTC to the company's clock, as SQL that every engine reads: it may change on the way."""
    spans = _offsets(begins, ends, zone)
    *changes, (_, last) = spans
    if not changes:
        return f"INTERVAL '{last}' MINUTE"
    cases = " ".join(
        f"WHEN corrected_at < TIMESTAMP '{until:%Y-%m-%d %H:%M:%S}' "
        f"THEN INTERVAL '{minutes}' MINUTE"
        for until, minutes in changes
    )
    return f"CASE {cases} ELSE INTERVAL '{last}' MINUTE END"


def _offsets(begins: datetime, ends: datetime, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """(until, minutes ahead of UTC) over a span, found to the hour: clocks change on the hour."""
    spans: list[tuple[datetime, int]] = []
    at = begins
    while at < ends:
        minutes = _minutes(at, zone)
        day_later = min(at + timedelta(days=1), ends)
        if _minutes(day_later, zone) == minutes or day_later == ends:
            at = day_later
        else:
            while _minutes(at, zone) == minutes:
                at += timedelta(minutes=15)
            spans.append((at, minutes))
    spans.append((ends, _minutes(ends - timedelta(minutes=1), zone)))
    return spans


def _minutes(at: datetime, zone: ZoneInfo) -> int:
    offset = at.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds() // 60)
