"""The events of one person, newest first: under their identities, and in stretches of devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pupitre.lake.contracts import EVENT_NAMES, Sql, Value, literal

MOST_SPANS = 2_000


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


def timeline(
    stretches: tuple[Stretch, ...], wanted: Wanted, *, limit: int
) -> tuple[Sql, dict[str, Value]]:
    """Identities stand in the SQL itself: so the engine passes over the files that cannot hold
    them, which it does for no list that it has to work out first."""
    given: dict[str, Value] = {}
    clauses = [f"({_whose(stretches)})"]
    for column, values in (
        ("channel", wanted.channels),
        ("type", wanted.types),
        ("name", wanted.names),
        ("source", wanted.sources),
    ):
        if values:
            clauses.append(f"{column} IN ({', '.join(literal(value) for value in values)})")
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
    lines = [
        f"SELECT {', '.join(EVENT_NAMES)}",
        "FROM {events}",
        f"WHERE {' AND '.join(clauses)}",
        "ORDER BY corrected_at DESC, source DESC, message_id DESC",
        f"LIMIT {limit:d}",
    ]
    return Sql("events of a person", "\n".join(lines)), given


def _whose(stretches: tuple[Stretch, ...]) -> str:
    whole = sorted({one.identity for one in stretches if one.since is None and one.until is None})
    parts = [f"identity IN ({', '.join(literal(one) for one in whole)})"] if whole else []
    for one in stretches[:MOST_SPANS]:
        bounds = [
            f"corrected_at {sign} {literal(at)}"
            for sign, at in ((">=", one.since), ("<=", one.until))
            if at is not None
        ]
        if bounds:
            parts.append(f"(identity = {literal(one.identity)} AND {' AND '.join(bounds)})")
    return " OR ".join(parts) or "false"
