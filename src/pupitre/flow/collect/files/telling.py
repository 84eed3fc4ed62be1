"""What is wrong with a row that a rule of the mapping refuses, told by its columns and cells."""

from __future__ import annotations

from collections.abc import Mapping as Row

from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.details import Detail, Wrong, detail
from pupitre.flow.collect.files.mapping import Mapping, example
from pupitre.flow.collect.receiving.limits import (
    MAX_EVENT_BYTES,
    MAX_IDENTIFIER_CHARACTERS,
    MAX_MESSAGE_ID_CHARACTERS,
    MAX_NAME_CHARACTERS,
)

MAX_SHOWN = 80  # characters of a cell that a refusal quotes


def wrong_row(found: Row[str, object], mapping: Mapping) -> Detail:
    """Of a row with its ``reason``, and what its cells say of time, money and type."""
    reason = Refusal(str(found["reason"]))
    if reason in (Refusal.BAD_TIME, Refusal.IN_THE_FUTURE):
        column, format_ = mapping.time.column, example(mapping.time.format)
        said = found["time_said"]
        if said is None:
            return detail(Wrong.TIME_EMPTY, column=column, format=format_)
        return detail(Wrong.TIME_NOT_READ, column=column, said=_shown(said), format=format_)
    if reason is Refusal.BAD_ROW:
        said = _shown(found["money_said"])
        return detail(Wrong.NO_AMOUNT, column=mapping.amount.column, said=said)
    if reason is Refusal.UNKNOWN_TYPE:
        said = found["type"]
        if said is None:
            return detail(Wrong.ROW_WITHOUT_TYPE)
        return detail(Wrong.ROW_TYPE, said=_shown(said))
    if reason is Refusal.NO_EVENT:
        return _empty(mapping.name.column) or detail(Wrong.NO_EVENT)
    if reason is Refusal.NO_IDENTIFIER:
        named = [i.column for i in mapping.identifiers if i.name in ("user_id", "anonymous_id")]
        return _empty(*named) or detail(Wrong.NO_IDENTIFIER)
    return _of_bounds(reason)


def _shown(said: object) -> str:
    return str(said)[:MAX_SHOWN]


def _empty(*columns: str) -> Detail | None:
    named = [column for column in columns if column]
    if len(named) > 1:
        return detail(Wrong.COLUMNS_EMPTY, one=named[0], other=named[1])
    return detail(Wrong.COLUMN_EMPTY, column=named[0]) if named else None


def _of_bounds(reason: Refusal) -> Detail:
    found = {
        Refusal.NO_PREVIOUS_ID: detail(Wrong.NO_PREVIOUS_ID),
        Refusal.NO_GROUP_ID: detail(Wrong.NO_GROUP_ID),
        Refusal.MESSAGE_ID_TOO_LONG: detail(
            Wrong.MESSAGE_ID_TOO_LONG, most=MAX_MESSAGE_ID_CHARACTERS
        ),
        Refusal.IDENTIFIER_TOO_LONG: detail(
            Wrong.ROW_IDENTIFIER_TOO_LONG, most=MAX_IDENTIFIER_CHARACTERS
        ),
        Refusal.NAME_TOO_LONG: detail(Wrong.ROW_NAME_TOO_LONG, most=MAX_NAME_CHARACTERS),
        Refusal.TOO_LARGE: detail(Wrong.ROW_TOO_LARGE, most=MAX_EVENT_BYTES),
    }
    return found[reason]
