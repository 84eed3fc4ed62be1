"""The lake's part of an erasure: what is somebody's, or mentions them, and that nothing is left."""

from __future__ import annotations

from pupitre.core.erasing import Erased, Removed
from pupitre.lake import queries, services
from pupitre.lake.contracts import Forgotten, Sql, Value

_TEXT = (
    "concat_ws(chr(10), lower(properties), lower(traits), lower(context), lower(extra), "
    "lower(user_id), lower(group_id), lower(name))"
)
_MENTIONING = Sql(
    "events that mention somebody",
    f"SELECT source, message_id FROM {{events}} WHERE regexp_matches({_TEXT}, $mentions)",
)
_THEIRS = Sql(
    "count events that go",
    "SELECT count(*) FROM {events} WHERE identity IN (SELECT unnest($identities)) "
    "OR user_id IN (SELECT unnest($user_ids)) "
    "OR anonymous_id IN (SELECT unnest($anonymous_ids)) "
    "OR previous_id IN (SELECT unnest($either)) "
    "OR (source || chr(31) || message_id) IN (SELECT unnest($messages))",
)
_NONE = ("",)  # an empty list has no type, and no event has an empty id


def erase(who: Erased) -> Removed:
    """Every event that is theirs or mentions them, from every file. May be repeated."""
    mentioning = _mentioning(who)
    forgotten = Forgotten(
        identities=who.identities,
        user_ids=who.user_ids,
        anonymous_ids=who.anonymous_ids,
        messages=(*who.messages, *mentioning),
    )
    found = _count(forgotten)
    done = services.erase(forgotten)
    return Removed(
        found=found,
        left=_count(forgotten) + len(_mentioning(who)),
        unit="events",
        proof=(
            ("rewritten_files", done.rewritten_files),
            ("expired_snapshots", done.expired_snapshots),
            ("deleted_files", done.deleted_files),
        ),
    )


def _mentioning(who: Erased) -> tuple[tuple[str, str], ...]:
    if not who.mentions:
        return ()
    rows = queries.table(_MENTIONING, {"mentions": who.mentions})
    return tuple(zip(rows["source"].to_pylist(), rows["message_id"].to_pylist(), strict=True))


def _count(who: Forgotten) -> int:
    given: dict[str, Value] = {
        "identities": who.identities or _NONE,
        "user_ids": who.user_ids or _NONE,
        "anonymous_ids": who.anonymous_ids or _NONE,
        "either": (*who.user_ids, *who.anonymous_ids) or _NONE,
        "messages": tuple(f"{source}\x1f{id_}" for source, id_ in who.messages) or _NONE,
    }
    (found,) = queries.table(_THEIRS, given).to_pydict().values()
    return int(found[0])
