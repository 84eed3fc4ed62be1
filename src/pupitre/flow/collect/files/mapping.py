"""How the columns of a file become events: what a person agrees to, kept as JSON."""

from __future__ import annotations

import enum
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.lake.contracts import EventType

MAX_MAPPING_BYTES = 64 * 1024
MAX_PROPERTIES = 200
MAX_NAME_CHARACTERS = 100  # of a property, a trait
ISO, SECONDS, MILLISECONDS = "iso", "seconds", "milliseconds"
TYPES = frozenset(kind.value for kind in EventType)
_CURRENCY = re.compile(r"[A-Z]{3}")
_TRAIT = re.compile(r"[A-Za-z_][A-Za-z0-9_ .-]*")


class Kind(enum.StrEnum):
    """What a property is written as. A cell that is none of its kind stays text."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"


# Identifiers with a column of their own in the lake; any other word names a trait (email, phone…).
OWN_COLUMNS = ("user_id", "anonymous_id", "previous_id", "group_id")
_EXAMPLE = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Text:
    """What a column says; where there is none, or its cell is empty, the constant."""

    column: str = ""
    constant: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    column: str
    name: str  # one of OWN_COLUMNS, or a trait: "email", "phone", "loyalty_card"


@dataclass(frozen=True, slots=True)
class Time:
    """When it happened. Without a column: when it was imported."""

    column: str = ""
    format: str = ISO  # ISO, SECONDS, MILLISECONDS (since 1970), or as strptime writes it
    zone: str = "UTC"  # of times that do not say theirs


def example(format_: str) -> str:
    """The last minute of 2026 in one of the formats of ``Time``: what people know it by."""
    if format_ in (SECONDS, MILLISECONDS):
        return f"{_EXAMPLE.timestamp():.0f}" + ("000" if format_ == MILLISECONDS else "")
    return f"{_EXAMPLE:%Y-%m-%d}" if format_ == ISO else _EXAMPLE.strftime(format_)


@dataclass(frozen=True, slots=True)
class Money:
    column: str = ""
    decimal: str = "."  # or ","
    currency: Text = Text()


@dataclass(frozen=True, slots=True)
class Property:
    column: str
    name: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is written. Empty parts are found out from its beginning."""

    encoding: str = ""  # "utf-8", "cp1252", "utf-16"
    separator: str = ""  # one character; " " stands for any number of spaces
    header: bool | None = None
    sheet: str = ""  # of a workbook; empty: the first


@dataclass(frozen=True, slots=True)
class Mapping:
    type: Text = Text(constant="track")
    name: Text = Text()
    identifiers: tuple[Identifier, ...] = ()
    time: Time = Time()
    amount: Money = Money()
    properties: tuple[Property, ...] = ()
    message_id: str = ""  # a column; empty: made from the file's content and the line
    layout: Layout = Layout()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it reads, each once."""
        named = [
            self.type.column,
            self.name.column,
            self.time.column,
            self.amount.column,
            self.amount.currency.column,
            self.message_id,
            *(one.column for one in self.identifiers),
            *(one.column for one in self.properties),
        ]
        return tuple(dict.fromkeys(column for column in named if column))

    @property
    def digest(self) -> str:
        return hashlib.sha256(written(self)).hexdigest()


def written(mapping: Mapping) -> bytes:
    return msgspec.json.encode(mapping, order="deterministic")


def read(text: str | bytes) -> Mapping:
    """A mapping from its JSON. Raises Invalid, in words for whoever wrote it."""
    if len(text) > MAX_MAPPING_BYTES:
        raise Invalid(_("This mapping is too long."))
    try:
        given = msgspec.json.decode(text)
        mapping = msgspec.convert(given, type=Mapping)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise Invalid(
            _("This mapping cannot be read: %(why)s") % {"why": str(error)[:200]}
        ) from None
    strange = _unknown(given, msgspec.to_builtins(mapping), "$")
    if strange:
        raise Invalid(_("This mapping has a field that we do not know: %(field)s") % {
            "field": strange
        })  # fmt: skip
    check(mapping)
    return mapping


def _unknown(given: object, known: object, path: str) -> str:
    """The first field that was written and not understood."""
    if isinstance(given, dict) and isinstance(known, dict):
        for name, value in given.items():
            found = f"{path}.{name}"
            if name in known:
                found = _unknown(value, known[name], found)
            if found:
                return found
    if isinstance(given, list) and isinstance(known, list):
        for number, (one, other) in enumerate(zip(given, known, strict=False)):
            found = _unknown(one, other, f"{path}[{number}]")
            if found:
                return found
    return ""


def check(mapping: Mapping) -> None:
    """Whether it makes sense, whatever the file. Raises Invalid."""
    if not mapping.type.column and mapping.type.constant not in TYPES:
        raise Invalid(
            _("Choose a type of event: %(types)s.") % {"types": ", ".join(sorted(TYPES))},
            field="type",
        )
    if mapping.type.constant == "track" and mapping.name == Text():
        raise Invalid(_("Say what happened: a name, or the column that holds it."), field="name")
    if not {"user_id", "anonymous_id"} & {one.name for one in mapping.identifiers}:
        raise Invalid(
            _("Say which column tells whose event it is: a customer number, or a device."),
            field="identifiers",
        )
    _check_time(mapping.time)
    _check_money(mapping.amount)
    _check_names([one.name for one in mapping.identifiers], "identifiers")
    _check_names([one.name for one in mapping.properties], "properties")
    if len(mapping.properties) > MAX_PROPERTIES:
        raise Invalid(_("At most %(count)s properties.") % {"count": MAX_PROPERTIES})


def _check_time(time: Time) -> None:
    try:
        ZoneInfo(time.zone)
    except (ValueError, OSError, LookupError):
        raise Invalid(
            _("“%(zone)s” is no time zone: write it as Europe/Paris.") % {"zone": time.zone[:60]},
            field="zone",
        ) from None
    plain = time.format in (ISO, SECONDS, MILLISECONDS)
    if not plain and not ("%" in time.format and len(time.format) <= 60):
        raise Invalid(
            _("“%(format)s” is no format of a date: write it as %%d/%%m/%%Y %%H:%%M.")
            % {"format": time.format[:60]},
            field="time_format",
        )


def _check_money(money: Money) -> None:
    if money.decimal not in (".", ","):
        raise Invalid(_("Decimals begin with a point or a comma."), field="decimal")
    code = money.currency.constant
    if code and not _CURRENCY.fullmatch(code):
        raise Invalid(_("A currency is three capital letters: EUR."), field="currency")


def _check_names(names: list[str], field: str) -> None:
    for name in names:
        if not 0 < len(name) <= MAX_NAME_CHARACTERS or any(ord(one) < 32 for one in name):
            raise Invalid(_("“%(name)s” cannot be a name.") % {"name": name[:60]}, field=field)
        if field == "identifiers" and not _TRAIT.fullmatch(name):
            raise Invalid(_("“%(name)s” cannot be a name.") % {"name": name[:60]}, field=field)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Invalid(_("“%(name)s” is named twice.") % {"name": twice[0]}, field=field)


def check_against(mapping: Mapping, columns: tuple[str, ...]) -> None:
    """Whether the file has what it reads. Raises Invalid."""
    missing = [column for column in mapping.columns if column not in columns]
    if missing:
        raise Invalid(
            _("The file has no column “%(column)s”. It has: %(columns)s.")
            % {"column": missing[0][:60], "columns": ", ".join(columns[:20])[:400]}
        )
