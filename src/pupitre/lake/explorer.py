"""The questions that pages ask of events, as named steps."""

from __future__ import annotations

from pupitre.lake.contracts import EVENT_NAMES, Dimension, Filter, Sql, Value

# Days are the company's: a bucket of a quarter of an hour belongs whole to one of them in any time
# zone, so that a few thousand buckets are converted and not each event.
_BUCKET = "time_bucket(INTERVAL '15 minutes', corrected_at)"
_LOCAL = "timezone($zone, timezone('UTC', bucket))"
_OUTER = {
    Dimension.DAY: f"CAST({_LOCAL} AS DATE)",
    Dimension.MONTH: f"CAST(date_trunc('month', {_LOCAL}) AS DATE)",
}
_IN_TIME = frozenset(_OUTER)


def matching(which: Filter) -> tuple[str, dict[str, Value]]:
    """A WHERE clause, and its parameters."""
    lists = {
        "source": which.sources,
        "channel": which.channels,
        "type": which.types,
        "name": which.names,
    }
    clauses: list[str] = []
    given: dict[str, Value] = {}
    if which.since is not None:
        clauses.append("corrected_at >= $since")
        given["since"] = which.since
    if which.until is not None:
        clauses.append("corrected_at < $until")
        given["until"] = which.until
    for column, wanted in lists.items():
        if wanted:
            clauses.append(f"{column} IN (SELECT unnest(CAST(${column}s AS VARCHAR[])))")
            given[f"{column}s"] = wanted
    if which.identity:
        clauses.append("identity = $identity")
        given["identity"] = which.identity
    return (f"WHERE {' AND '.join(clauses)}" if clauses else ""), given


def count(by: tuple[Dimension, ...], which: Filter, *, zone: str) -> tuple[Sql, dict[str, Value]]:
    """Events by these dimensions; in order of time where time is one, else the most first."""
    where, given = matching(which)
    timed = [dimension for dimension in by if dimension in _IN_TIME]
    plain = [dimension.value for dimension in by if dimension not in _IN_TIME]
    inner = [*([f"{_BUCKET} AS bucket"] if timed else []), *plain]
    keys = [f"{_OUTER[d]} AS {d.value}" if d in _IN_TIME else d.value for d in by]
    group = [_OUTER[d] if d in _IN_TIME else d.value for d in by]
    order = [*(d.value for d in timed), "events DESC", *plain]
    lines = [
        f"SELECT {', '.join([*keys, 'CAST(sum(n) AS BIGINT) AS events'])}",
        f"FROM (SELECT {', '.join([*inner, 'count(*) AS n'])}",
        "      FROM {events}",
        *([f"      {where}"] if where else []),
        *([f"      GROUP BY {', '.join([*([_BUCKET] if timed else []), *plain])}"] if by else []),
        "     ) AS buckets",
        *([f"GROUP BY {', '.join(group)}"] if by else []),
        f"ORDER BY {', '.join(order)}",
    ]
    if timed:
        given["zone"] = zone
    return Sql("count events", "\n".join(lines)), given


def timeline(which: Filter, *, limit: int) -> tuple[Sql, dict[str, Value]]:
    """The last events that match, newest first."""
    where, given = matching(which)
    lines = [
        f"SELECT {', '.join(EVENT_NAMES)}",
        "FROM {events}",
        *([where] if where else []),
        f"ORDER BY corrected_at DESC, message_id\nLIMIT {limit:d}",
    ]
    return Sql("last events", "\n".join(lines)), given
