"""Forms of the pages about imports: which file into which source, and what each column becomes."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pupitre.core.forms import HouseForm
from pupitre.flow.collect.files.guessing import FORMATS
from pupitre.flow.collect.files.mapping import (
    ISO,
    MAX_NAME_CHARACTERS,
    MILLISECONDS,
    SECONDS,
    Identifier,
    Kind,
    Layout,
    Mapping,
    Money,
    Property,
    Text,
    Time,
    example,
)
from pupitre.flow.collect.sources.reading import SourceRow
from pupitre.flow.collect.words import TYPES

MAX_SHOWN_COLUMNS = 200
NOT_TAKEN, TRAIT, EMAIL_AND_PERSON = "", "trait", "email+user_id"
_PROPERTY = "property:"
ROLES: tuple[tuple[str, str | Promise], ...] = (
    (NOT_TAKEN, _("left out")),
    ("user_id", _("the customer’s number")),
    ("anonymous_id", _("the device’s number")),
    (EMAIL_AND_PERSON, _("the customer’s e-mail, as their number")),
    ("email", _("the customer’s e-mail")),
    ("phone", _("the customer’s telephone")),
    ("loyalty_card", _("the loyalty card")),
    (TRAIT, _("another trait of the customer")),
    ("time", _("when it happened")),
    ("name", _("what happened")),
    ("amount", _("the amount")),
    ("currency", _("the currency")),
    (f"{_PROPERTY}{Kind.TEXT}", _("a property: text")),
    (f"{_PROPERTY}{Kind.NUMBER}", _("a property: number")),
    (f"{_PROPERTY}{Kind.BOOLEAN}", _("a property: yes or no")),
    (f"{_PROPERTY}{Kind.JSON}", _("a property: JSON")),
    ("type", _("the type of event")),
    ("message_id", _("the event’s own number, once only")),
    ("previous_id", _("the earlier number, of a joining")),
    ("group_id", _("the group’s number")),
)
_ONCE = ("time", "name", "amount", "currency", "type", "message_id")


class UploadForm(HouseForm):
    """A file, and where it comes from."""

    source = forms.ChoiceField(label=_("Source"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, JSON lines, Parquet or XLSX."),
        error_messages={
            "required": _("Choose a file."),
            "missing": _("Choose a file."),
            "invalid": _("Choose a file."),
        },
        widget=forms.FileInput(
            attrs={"accept": ".csv,.tsv,.txt,.jsonl,.ndjson,.json,.parquet,.xlsx"}
        ),
    )

    def __init__(self, *args: Any, sources: Sequence[SourceRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "—"), *((source.key, str(source.name)) for source in sources)]
        self.fields["source"].choices = choices  # type: ignore[attr-defined]


class MappingForm(HouseForm):
    """What all rows share; what each column becomes is in fields of its own, column by column."""

    type = forms.ChoiceField(
        label=_("Type of event"), choices=[(kind.value, name) for kind, name in TYPES.items()]
    )
    name = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=200,
        help_text=_("For rows that do not say it themselves: Order Completed, Call Ended."),
    )
    time_format = forms.ChoiceField(
        label=_("How dates are written"),
        choices=[
            (ISO, _("2026-12-31 or 2026-12-31T23:59:00Z")),
            ("%d/%m/%Y", _("31/12/2026")),
            ("%d/%m/%Y %H:%M", _("31/12/2026 23:59")),
            ("%d/%m/%Y %H:%M:%S", _("31/12/2026 23:59:00")),
            ("%m/%d/%Y", _("12/31/2026, month first")),
            (SECONDS, _("seconds since 1970")),
            (MILLISECONDS, _("milliseconds since 1970")),
            *((form, example(form)) for form in FORMATS
              if form not in ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y")),
        ],
    )  # fmt: skip
    zone = forms.ChoiceField(
        label=_("Time zone of the dates"),
        choices=lambda: [(zone, zone) for zone in sorted(available_timezones())],
        help_text=_("Of dates that do not say theirs."),
    )
    decimal = forms.ChoiceField(
        label=_("Decimals"),
        choices=[(".", _("point: 12.50")), (",", _("comma: 12,50"))],
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=3,
        help_text=_("EUR, where no column says it."),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding of the file"),
        required=False,
        choices=[
            ("", _("found out")),
            ("utf-8", "UTF-8"),
            ("cp1252", _("Windows (Western Europe)")),
            ("utf-16", "UTF-16"),
        ],
    )
    separator = forms.ChoiceField(
        label=_("Separator of the columns"),
        required=False,
        choices=[
            ("", _("found out")),
            (";", _("semicolon")),
            (",", _("comma")),
            ("tab", _("tab")),
            ("|", _("bar")),
            ("spaces", _("spaces")),
        ],
    )
    header = forms.ChoiceField(
        label=_("First line"),
        required=False,
        choices=[
            ("", _("found out")),
            ("yes", _("names of the columns")),
            ("no", pgettext_lazy("first line", "a row like the others")),
        ],
    )

    def __init__(self, *args: Any, columns: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = tuple(columns[:MAX_SHOWN_COLUMNS])
        said = self.initial.get("time_format")
        formats = self.fields["time_format"].choices  # type: ignore[attr-defined]
        if said and said not in dict(formats):
            self.fields["time_format"].choices = [(said, said), *formats]  # type: ignore[attr-defined]
        for number, column in enumerate(self.columns):
            self.fields[f"role_{number}"] = forms.ChoiceField(
                label=_("What “%(column)s” becomes") % {"column": column},
                choices=ROLES,
                required=False,
            )
            self.fields[f"called_{number}"] = forms.CharField(
                label=_("Name of “%(column)s”") % {"column": column},
                required=False,
                max_length=MAX_NAME_CHARACTERS,
            )

    @property
    def of_all(self) -> list[Any]:
        return [field for field in self if not field.name.startswith(("role_", "called_"))]

    @property
    def of_columns(self) -> list[tuple[str, Any, Any]]:
        return [
            (column, self[f"role_{number}"], self[f"called_{number}"])
            for number, column in enumerate(self.columns)
        ]

    def layout(self, found: Layout) -> Layout:
        """As it was told, before columns are read."""
        said = self.data
        named = said.get("separator") or ""
        separator = {"tab": "\t", "spaces": " "}.get(named, named)
        header = {"yes": True, "no": False}.get(said.get("header", ""))
        return Layout(said.get("encoding") or "", separator, header, found.sheet)


def initial(mapping: Mapping, columns: Sequence[str]) -> dict[str, Any]:
    """The fields that say what a mapping says."""
    roles: dict[str, tuple[str, str]] = {}
    for one in mapping.properties:
        roles[one.column] = (f"{_PROPERTY}{one.kind}", one.name)
    named = dict(ROLES)
    for who in mapping.identifiers:
        before = roles.get(who.column, ("", ""))[0]
        role = who.name if who.name in named else TRAIT
        if {before, role} == {"user_id", "email"}:
            role = EMAIL_AND_PERSON
        roles[who.column] = (role, who.name if role == TRAIT else "")
    for role, column in (
        ("time", mapping.time.column),
        ("name", mapping.name.column),
        ("type", mapping.type.column),
        ("amount", mapping.amount.column),
        ("currency", mapping.amount.currency.column),
        ("message_id", mapping.message_id),
    ):
        if column:
            roles[column] = (role, "")
    values: dict[str, Any] = {
        "type": mapping.type.constant or "track",
        "name": mapping.name.constant,
        "time_format": mapping.time.format,
        "zone": mapping.time.zone,
        "decimal": mapping.amount.decimal,
        "currency": mapping.amount.currency.constant,
        "encoding": mapping.layout.encoding,
        "separator": {"\t": "tab", " ": "spaces"}.get(
            mapping.layout.separator, mapping.layout.separator
        ),
        "header": {True: "yes", False: "no", None: ""}[mapping.layout.header],
    }
    for number, column in enumerate(columns[:MAX_SHOWN_COLUMNS]):
        role, called = roles.get(column, ("", ""))
        values[f"role_{number}"] = role
        values[f"called_{number}"] = "" if called == column else called
    return values


def mapping_of(said: Map[str, Any], columns: Sequence[str], layout: Layout) -> Mapping:
    """What a valid form says. What one part only may be, the first column is."""
    once: dict[str, str] = {}
    identifiers: list[Identifier] = []
    properties: list[Property] = []
    for number, column in enumerate(columns[:MAX_SHOWN_COLUMNS]):
        role, called = said.get(f"role_{number}", ""), said.get(f"called_{number}") or column
        if role in _ONCE:
            once.setdefault(role, column)
        elif role.startswith(_PROPERTY):
            properties.append(Property(column, called, Kind(role.removeprefix(_PROPERTY))))
        elif role == EMAIL_AND_PERSON:
            identifiers += [Identifier(column, "user_id"), Identifier(column, "email")]
        elif role == TRAIT:
            identifiers.append(Identifier(column, called))
        elif role:
            identifiers.append(Identifier(column, role))
    return Mapping(
        type=Text(once.get("type", ""), said["type"]),
        name=Text(once.get("name", ""), said["name"]),
        identifiers=tuple(identifiers),
        time=Time(once.get("time", ""), said["time_format"], said["zone"]),
        amount=Money(
            once.get("amount", ""),
            said["decimal"],
            Text(once.get("currency", ""), said["currency"].upper()),
        ),
        properties=tuple(properties),
        message_id=once.get("message_id", ""),
        layout=layout,
    )
