"""The events of one person, newest first: under their identities, and in stretches of devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pupitre.lake.contracts import EVENT_NAMES, Sql, Value, literal

MOST_SPANS = 2_000
_FOR_EVER = datetime.max.replace(tzinfo=UTC)
MOST_ALONE = 40  # identities that are asked for one by one


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events under an identity, all of them or from an instant up to another, included."""

    identity: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one is in a timeline: right after this event."""

    at: datetime
    source: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a person's events. What is empty leaves nothing out."""

    before: Place | None = None
    since: datetime | None = None
    channels: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def among(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Columns, with the values of which an event's must be one."""
        named = (
            ("channel", self.channels),
            ("type", self.types),
            ("name", self.names),
            ("source", self.sources),
        )
        return tuple((column, values) for column, values in named if values)


def timeline(
    stretches: tuple[Stretch, ...], wanted: Wanted, *, limit: int
) -> tuple[Sql, dict[str, Value]]:
    """Identities stand in the SQL itself, each in a question of its own: so the engine passes over
    the parts of files that cannot hold it. Of a list, or an OR, it reads nearly all of them (28
    times as long on three million events)."""
    clauses, given = _clauses(wanted)
    newest = f"ORDER BY corrected_at DESC, source DESC, message_id DESC LIMIT {limit:d}"
    columns = ", ".join(EVENT_NAMES)
    parts = [
        f"(SELECT {columns} FROM {{events}} WHERE {' AND '.join([whose, *clauses])} {newest})"
        for whose in _whose(stretches, wanted)
    ]
    text = f"SELECT {columns} FROM (\n{f'{chr(10)}UNION ALL '.join(parts)}\n) AS theirs\n{newest}"
    return Sql("events of a person", text), given


def _clauses(wanted: Wanted) -> tuple[list[str], dict[str, Value]]:
    given: dict[str, Value] = {}
    clauses = [
        f"{column} IN ({', '.join(_quoted(value) for value in values)})"
        for column, values in wanted.among
    ]
    if wanted.since is not None:
        clauses.append("corrected_at >= $since")
        given["since"] = wanted.since
    if wanted.before is not None:
        clauses.append("corrected_at <= $at")
        clauses.append("(corrected_at < $at OR (source, message_id) < ($source, $message_id))")
        given |= {
            "at": wanted.before.at,
            "source": wanted.before.source,
            "message_id": wanted.before.message_id,
        }
    return clauses, given


def _whose(stretches: tuple[Stretch, ...], wanted: Wanted) -> list[str]:
    """A clause for each identity; of very many, one for all of those that are theirs for ever."""
    whole, parts = whole_and_parts(stretches, wanted)
    if len(whole) > MOST_ALONE:
        clauses = [f"identity IN ({', '.join(_quoted(one) for one in sorted(whole))})"]
    else:
        clauses = [f"identity = {_quoted(one)}" for one in sorted(whole)]
    clauses += [
        f"identity = {_quoted(one)} AND ({' OR '.join(f'({_bounds(part)})' for part in theirs)})"
        for one, theirs in sorted(parts.items())
    ]
    return clauses or ["false"]


def _bounds(part: Stretch) -> str:
    ends = ((">=", part.since), ("<=", part.until))
    return " AND ".join(f"corrected_at {sign} {literal(at)}" for sign, at in ends if at is not None)


def whole_and_parts(
    stretches: tuple[Stretch, ...], wanted: Wanted
) -> tuple[frozenset[str], dict[str, list[Stretch]]]:
    """The identities that are theirs for ever, and of the others the stretches that are asked."""
    whole = frozenset(one.identity for one in stretches if one.since is None and one.until is None)
    parts: dict[str, list[Stretch]] = {}
    for one in _latest(stretches, wanted):
        if one.identity not in whole:
            parts.setdefault(one.identity, []).append(one)
    return whole, parts


def _quoted(text: str) -> str:
    """A text in SQL, in which no part stands for a table: somebody may be called "{events}"."""
    return literal(text).replace("{", "' || chr(123) || '")


def _latest(stretches: tuple[Stretch, ...], wanted: Wanted) -> list[Stretch]:
    """Those that may hold what is wanted, the latest first; what is older comes with the pages
    after."""
    before = wanted.before.at if wanted.before else None
    found = [
        one
        for one in stretches
        if one.until is not None
        and (before is None or one.since is None or _utc(one.since) <= _utc(before))
        and (wanted.since is None or _utc(one.until) >= _utc(wanted.since))
    ]
    found.sort(key=lambda one: _utc(one.until) if one.until else _FOR_EVER, reverse=True)
    return found[:MOST_SPANS]


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
