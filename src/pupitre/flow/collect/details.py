"""What exactly was wrong with an event or a row: one of a closed list of sentences, and its values.

It is kept as its code and its values, in compact JSON, and told in the reader's language. Senders
are answered in English, of the same sentences. What an engine said stays a value, as it was said.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from pupitre.core.templatetags.house import count

MAX_DETAIL_CHARACTERS = 500  # as it is kept
_CUTS = (400, 200, 120, 80, 40, 20, 8)  # characters of its longest values, until it fits
_DEEPEST = 4  # a sentence within a sentence: no row, in this file, on this line, this
_PLACE = re.compile(r"%\((\w+)\)s")
# What would break a line in two, or have what follows read backwards.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
ENGINE = "engine"  # the value that an engine said, in its own language


class Wrong(enum.StrEnum):
    """Each is a sentence of ``SENTENCES``. Kept for weeks: a code never changes its meaning."""

    AS_KEPT = "as_kept"  # a text of before there were codes, or of a version to come
    NO_JSON = "no_json"
    NO_BATCH = "no_batch"
    EVENT_TOO_LARGE = "event_too_large"
    BATCH_TOO_LONG = "batch_too_long"
    NOT_AN_OBJECT = "not_an_object"
    FIELD_NOT_READ = "field_not_read"
    FIELD_NO_OBJECT = "field_no_object"
    FIELD_TOO_LONG = "field_too_long"
    FIELD_TOO_DEEP = "field_too_deep"
    FIELD_NOT_KEPT = "field_not_kept"
    UNKNOWN_TYPE = "unknown_type"
    NO_IDENTIFIER = "no_identifier"
    NO_EVENT = "no_event"
    NO_PREVIOUS_ID = "no_previous_id"
    NO_GROUP_ID = "no_group_id"
    MESSAGE_ID_TOO_LONG = "message_id_too_long"
    NAME_TOO_LONG = "name_too_long"
    NO_INSTANT = "no_instant"
    NO_CALENDAR = "no_calendar"
    IN_THE_FUTURE = "in_the_future"
    TOO_OLD = "too_old"
    FAULT = "fault"
    NAME_NOT_PLANNED = "name_not_planned"
    TYPE_NOT_PLANNED = "type_not_planned"
    PROPERTIES_NOT_READ = "properties_not_read"
    PROPERTY_MISSING = "property_missing"
    PROPERTY_OF_OTHER_TYPE = "property_of_other_type"
    NOT_OPENED = "not_opened"
    NOT_APPENDED = "not_appended"
    # Of files.
    IN_FILE = "in_file"
    ON_LINE = "on_line"
    NO_ROW = "no_row"
    FILE_CHANGED = "file_changed"
    SOURCE_CLOSED = "source_closed"
    TIME_NOT_READ = "time_not_read"
    TIME_EMPTY = "time_empty"
    NO_AMOUNT = "no_amount"
    ROW_TYPE = "row_type"
    ROW_WITHOUT_TYPE = "row_without_type"
    COLUMN_EMPTY = "column_empty"
    COLUMNS_EMPTY = "columns_empty"
    ROW_IDENTIFIER_TOO_LONG = "row_identifier_too_long"
    ROW_NAME_TOO_LONG = "row_name_too_long"
    ROW_TOO_LARGE = "row_too_large"
    ROW_TOO_LONG = "row_too_long"
    UNCLOSED = "unclosed"
    HOLDS_NUL = "holds_nul"
    BYTE_NOT_UTF8 = "byte_not_utf8"
    NOT_UTF8 = "not_utf8"
    NO_CELLS = "no_cells"
    CELLS_EXPECTED = "cells_expected"
    CELLS_TOO_MANY = "cells_too_many"
    NO_JSON_OBJECT = "no_json_object"


SENTENCES: Mapping[Wrong, str] = MappingProxyType(
    {
        Wrong.AS_KEPT: "%(said)s",
        Wrong.NO_JSON: _("no JSON: %(engine)s"),
        Wrong.NO_BATCH: _("no batch: %(engine)s"),
        Wrong.EVENT_TOO_LARGE: _("an event of %(bytes)s bytes; %(most)s may be"),
        Wrong.BATCH_TOO_LONG: _("a batch of %(events)s events; %(most)s may be"),
        Wrong.NOT_AN_OBJECT: _("an event is a JSON object"),
        Wrong.FIELD_NOT_READ: _("%(field)s: %(engine)s"),
        Wrong.FIELD_NO_OBJECT: _("%(field)s: an object is expected"),
        Wrong.FIELD_TOO_LONG: _("%(field)s: %(length)s characters; %(most)s may be"),
        Wrong.FIELD_TOO_DEEP: _("%(field)s: over %(most)s levels"),
        Wrong.FIELD_NOT_KEPT: _("%(field)s: holds a character that no engine can keep"),
        Wrong.UNKNOWN_TYPE: _("type: %(said)s"),
        Wrong.NO_IDENTIFIER: _("neither userId nor anonymousId"),
        Wrong.NO_EVENT: _("a track without its event"),
        Wrong.NO_PREVIOUS_ID: _("an alias has previousId and userId"),
        Wrong.NO_GROUP_ID: _("a group without its groupId"),
        Wrong.MESSAGE_ID_TOO_LONG: _("messageId: over %(most)s characters"),
        Wrong.NAME_TOO_LONG: _("%(length)s characters; %(most)s may be"),
        Wrong.NO_INSTANT: _("%(field)s: %(said)s is no instant that we can read"),
        Wrong.NO_CALENDAR: _("%(field)s: in no calendar once corrected"),
        Wrong.IN_THE_FUTURE: _("%(field)s: %(seconds)s s ahead of its reception"),
        Wrong.TOO_OLD: _("%(field)s: %(days)s days ago; history goes to /v1/import"),
        Wrong.FAULT: _(
            "not understood, by a fault of Pupitre's: kept, and can be replayed once it is mended"
        ),
        Wrong.NAME_NOT_PLANNED: _("%(type)s “%(name)s” is not in the plan"),
        Wrong.TYPE_NOT_PLANNED: _("%(type)s is not in the plan"),
        Wrong.PROPERTIES_NOT_READ: _("the properties cannot be read: %(engine)s"),
        Wrong.PROPERTY_MISSING: _("“%(name)s” is missing"),
        Wrong.PROPERTY_OF_OTHER_TYPE: _("“%(name)s” is not of type %(type)s"),
        Wrong.NOT_OPENED: _("what the journal kept cannot be opened: %(engine)s"),
        Wrong.NOT_APPENDED: _("the lake cannot take it: %(engine)s"),
        Wrong.IN_FILE: _("%(file)s, %(what)s"),
        Wrong.ON_LINE: _("line %(line)s: %(what)s"),
        Wrong.NO_ROW: _("no row can be read. %(what)s"),
        Wrong.FILE_CHANGED: _("the file has changed since it was asked for"),
        Wrong.SOURCE_CLOSED: _("the source “%(source)s” is closed"),
        Wrong.TIME_NOT_READ: _(
            "column “%(column)s” holds “%(said)s”, where dates look like %(format)s"
        ),
        Wrong.TIME_EMPTY: _("column “%(column)s” holds nothing, where dates look like %(format)s"),
        Wrong.NO_AMOUNT: _("column “%(column)s” holds “%(said)s”: no amount"),
        Wrong.ROW_TYPE: _("the type is “%(said)s”"),
        Wrong.ROW_WITHOUT_TYPE: _("the type is nothing"),
        Wrong.COLUMN_EMPTY: _("nothing in column “%(column)s”"),
        Wrong.COLUMNS_EMPTY: _("nothing in column “%(one)s”, column “%(other)s”"),
        Wrong.ROW_IDENTIFIER_TOO_LONG: _("an identifier of over %(most)s characters"),
        Wrong.ROW_NAME_TOO_LONG: _("a name of over %(most)s characters"),
        Wrong.ROW_TOO_LARGE: _("an event of over %(most)s bytes"),
        Wrong.ROW_TOO_LONG: _("longer than %(most)s KB"),
        Wrong.UNCLOSED: _("a quotation mark opens a cell and is never closed"),
        Wrong.HOLDS_NUL: _("it holds a NUL character"),
        Wrong.BYTE_NOT_UTF8: _("byte %(byte)s is not UTF-8"),
        Wrong.NOT_UTF8: _("it is not UTF-8"),
        Wrong.NO_CELLS: _("the row cannot be cut into cells: %(engine)s"),
        Wrong.CELLS_EXPECTED: _("%(cells)s cells; %(expected)s are expected"),
        Wrong.CELLS_TOO_MANY: _("more cells than the %(width)s of the header"),
        Wrong.NO_JSON_OBJECT: _("it is no JSON object"),
    }
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence. What is foreign is in English, whoever reads."""

    text: str
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """What was wrong. Made by ``detail``."""

    wrong: Wrong
    values: tuple[tuple[str, Value], ...] = ()

    @property
    def english(self) -> str:
        """As senders and consoles are told."""
        given = {name: one.english if isinstance(one, Detail) else one for name, one in self.values}
        return SENTENCES[self.wrong] % given

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """As pages show it, in the reader's language."""
        return tuple(self._pieces())

    def __str__(self) -> str:
        return "".join(piece.text for piece in self._pieces())

    def _pieces(self) -> Iterator[Piece]:
        kept = self.wrong is Wrong.AS_KEPT
        sentence = SENTENCES[self.wrong] if kept else gettext(SENTENCES[self.wrong])
        given = dict(self.values)
        for index, part in enumerate(_PLACE.split(sentence)):
            value = given.get(part, "") if index % 2 else part
            if isinstance(value, Detail):
                yield from value._pieces()
            elif isinstance(value, int):
                yield Piece(count(value))
            elif value:
                foreign = kept or (index % 2 == 1 and part == ENGINE)
                yield Piece(_UNSHOWN.sub("\ufffd", value), foreign)


Value = str | int | Detail


def detail(wrong: Wrong, /, **values: Value) -> Detail:
    return Detail(wrong, tuple(values.items()))


def places_of(sentence: str) -> frozenset[str]:
    """The names of the values that a sentence has a place for."""
    return frozenset(_PLACE.findall(sentence))


# --- as it is kept -------------------------------------------------------------------------------


class _Kept(msgspec.Struct):
    wrong: str
    values: dict[str, Any] = {}


_decoder = msgspec.json.Decoder(_Kept)


def written(said: Detail) -> str:
    """In at most MAX_DETAIL_CHARACTERS, always whole JSON: it is the longest values that give."""
    text = _encoded(said)
    for cut in _CUTS:
        if len(text) <= MAX_DETAIL_CHARACTERS:
            break
        text = _encoded(_cut(said, cut))
    return text


def read(text: str) -> Detail | None:
    """What was kept; nothing where nothing was said. A text that is no code's is shown as it is."""
    if not text:
        return None
    as_kept = detail(Wrong.AS_KEPT, said=text)
    if not text.startswith('{"wrong":'):
        return as_kept
    try:
        return _known(_decoder.decode(text), _DEEPEST)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return as_kept


def _encoded(said: Detail) -> str:
    return msgspec.json.encode(_plain(said)).decode()


def _plain(said: Detail) -> dict[str, Any]:
    values = {
        name: _plain(one) if isinstance(one, Detail) else _sound(one) for name, one in said.values
    }
    return {"wrong": said.wrong.value, "values": values} if values else {"wrong": said.wrong.value}


def _sound(value: str | int) -> str | int:
    """Text that every engine keeps: half a pair of surrogates is none."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _cut(said: Detail, most: int) -> Detail:
    def shorter(value: Value) -> Value:
        if isinstance(value, Detail):
            return _cut(value, most)
        if isinstance(value, str) and len(value) > most:
            return value[: most - 1] + "…"
        return value

    return replace(said, values=tuple((name, shorter(one)) for name, one in said.values))


def _known(kept: _Kept, deepest: int) -> Detail:
    """Raises ValueError for a sentence that we do not have, or one that lacks a value."""
    wrong = Wrong(kept.wrong)
    if not deepest or not places_of(SENTENCES[wrong]) <= set(kept.values):
        raise ValueError(kept.wrong)
    return Detail(wrong, tuple((name, _value(one, deepest)) for name, one in kept.values.items()))


def _value(value: Any, deepest: int) -> Value:
    if isinstance(value, dict):
        return _known(msgspec.convert(value, _Kept), deepest - 1)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise ValueError(value)
