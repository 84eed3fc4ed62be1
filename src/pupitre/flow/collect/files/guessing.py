"""What a file's columns probably are, by their names and first values. A person corrects it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Map
from functools import partial

from pupitre.flow.collect.files.chunks import cell_name
from pupitre.flow.collect.files.mapping import (
    ISO,
    MILLISECONDS,
    OWN_COLUMNS,
    SECONDS,
    TYPES,
    Identifier,
    Kind,
    Mapping,
    Money,
    Property,
    Text,
    Time,
)
from pupitre.flow.collect.files.opening import Opened, sample

FORMATS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
)
MAX_GUESSED_PROPERTIES = 40
# Words in a header, without accents, in French and English.
_WORDS: Map[str, str] = {
    "user_id": r"user ?id|customer( ?(id|number|no|key))?|client( ?(id|no|numero))?|"
    r"(n|no|numero) (de )?client|"
    r"id ?(client|customer|user)|contact ?id|code client|cust ?id|member ?id|compte client",
    "anonymous_id": r"anonymous ?id|device ?id|visitor ?id|cookie ?id|client uuid|appareil",
    "email": r"e ?mail|mail|courriel|adresse (e ?mail|mail|electronique)|email address",
    "phone": r"(tele)?phone|tel|mobile|portable|numero de telephone|gsm",
    "loyalty_card": r"loyalty.*|carte.*fidelite|fidelite|carte|num carte|card ?(id|number|no)",
    "time": r"time ?stamp|date.*|.*date|.* at|time|heure|horodatage|jour|day|when|quand|moment",
    "name": r"event( ?name)?|evenement|action|activity|libelle evenement",
    "type": r"type|event type|type evenement",
    "amount": r"amount|total.*|revenue|montant.*|.*montant|price|prix.*|value|.* value|ca|"
    r"chiffre d affaires|dollar value|sales",
    "currency": r"currency|devise|monnaie",
    "message_id": r"message ?id|event ?id|uuid|id evenement|transaction ?id|line ?id",
}
_PATTERNS = {role: re.compile(words) for role, words in _WORDS.items()}
NAMED = 0.1  # of the values of a column that is called a date
MOST = 2 / 3  # of the values: a few may be wrong, and will be told
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?)?([Zz]|[+-]\d\d:?\d\d)?")
_NUMBER = re.compile(r"-?[\d\s\u00a0\u202f€$£]*\d[\d\s\u00a0\u202f.,€$£]*")
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d*)([.,]\d+)?")


def guess(file: Opened, *, zone: str) -> Mapping:
    """A mapping to begin with. It may lack something, such as whose events they are."""
    table = sample(file).table
    values = {
        name: [v.strip() for v in table[cell_name(n)].to_pylist() if v and v.strip()]
        for n, name in enumerate(file.columns)
    }
    roles = _roles(file.columns, values)
    identifiers = tuple(
        Identifier(roles[role], role)
        for role in ("user_id", "anonymous_id", "email", "phone", "loyalty_card")
        if role in roles
    )
    if identifiers and not {"user_id", "anonymous_id"} & roles.keys():
        identifiers = (Identifier(identifiers[0].column, "user_id"), *identifiers)
    decimal = (
        _decimal(values.get(roles.get("amount", ""), []))
        if "amount" in roles
        else (_decimal([v for some in values.values() for v in some if _PLAIN_NUMBER.fullmatch(v)]))
    )
    amount = roles.get("amount", "")
    taken = set(roles.values())
    rest = [name for name in file.columns if name not in taken]
    purchase = "Order Completed" if amount else "Imported"
    return Mapping(
        type=Text(roles["type"], "track") if "type" in roles else Text(constant="track"),
        name=Text(roles["name"]) if "name" in roles else Text(constant=purchase),
        identifiers=identifiers,
        time=Time(
            roles.get("time", ""),
            _best_format(values.get(roles.get("time", ""), [])),
            zone,
        ),
        amount=Money(amount, decimal, Text(roles.get("currency", ""), "EUR" if amount else "")),
        properties=tuple(
            Property(name, name, _kind(values[name])) for name in rest[:MAX_GUESSED_PROPERTIES]
        ),
        message_id=roles.get("message_id", ""),
        layout=file.layout,
    )


def _plain(name: str) -> str:
    """Lower case, without accents; words apart."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    bare = unicodedata.normalize("NFKD", apart).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare.lower()).split())


def _roles(columns: Sequence[str], values: Map[str, list[str]]) -> dict[str, str]:
    """Which column plays which part: each column one part, each part one column."""
    roles: dict[str, str] = {}

    def take(role: str, column: str) -> None:
        if role not in roles and column not in roles.values():
            roles[role] = column

    for column in columns:
        for name in OWN_COLUMNS[2:]:
            if _plain(column).replace(" ", "_") == name:
                take(name, column)
    for role, pattern in _PATTERNS.items():
        for column in columns:
            if pattern.fullmatch(_plain(column)) and _fits(role, values[column]):
                take(role, column)
    for column in columns:
        some = values[column]
        if some and "email" not in roles and _most(_EMAIL.fullmatch, some):
            take("email", column)
        if some and "time" not in roles and time_format(some) not in ("", SECONDS, MILLISECONDS):
            take("time", column)
    return roles


def _fits(role: str, values: list[str]) -> bool:
    """Whether the values are not against it."""
    if not values:
        return role not in ("time", "amount", "type")
    if role == "time":
        return bool(time_format(values, least=NAMED))  # its name already says it
    if role == "amount":
        return _most(_NUMBER.fullmatch, values)
    if role == "type":
        return {value.lower() for value in values} <= TYPES
    if role == "currency":
        return all(len(value) == 3 and value.isalpha() for value in values)
    if role == "message_id":
        return len(set(values)) == len(values)
    return True


def _most(fits: Callable[[str], object], values: Sequence[str], least: float = MOST) -> bool:
    return sum(bool(fits(value)) for value in values) >= max(1, len(values) * least)


def time_format(values: Sequence[str], *, least: float = MOST) -> str:
    """A format that reads these values, or at least this share of them; none where none does."""
    if not values:
        return ""
    if _most(_ISO.fullmatch, values, least):
        return ISO
    for form in FORMATS:
        if _most(partial(_reads, form), values, least):
            return form
    if all(value.isdigit() and len(value) in (9, 10) for value in values):
        return SECONDS
    if all(value.isdigit() and len(value) in (12, 13) for value in values):
        return MILLISECONDS
    return ""


def _best_format(values: Sequence[str]) -> str:
    """That which reads the most of them."""
    shares = (1.0, MOST, NAMED)
    return next((form for least in shares if (form := time_format(values, least=least))), ISO)


_SHAPES = {
    "%d": r"\d\d?",
    "%m": r"\d\d?",
    "%Y": r"\d{4}",
    "%H": r"\d\d?",
    "%M": r"\d\d",
    "%S": r"\d\d",
}
_BOUNDS = {"%d": 31, "%m": 12, "%H": 23, "%M": 59, "%S": 59, "%Y": 2200}


def _reads(form: str, value: str) -> bool:
    parts = re.findall(r"%[dmYHMS]", form)
    fixed = {"%d": r"\d\d", "%m": r"\d\d", "%H": r"\d\d"} if form.startswith("%Y%m") else {}
    pattern = re.sub(
        r"%[dmYHMS]", lambda m: f"({(_SHAPES | fixed)[m[0]]})", form.replace(".", r"\.")
    )
    found = re.fullmatch(pattern, value)
    if found is None:
        return False
    said = dict(zip(parts, map(int, found.groups()), strict=True))
    return all(number <= _BOUNDS[part] for part, number in said.items()) and (
        said["%Y"] >= 1900 and said["%m"] > 0 and said["%d"] > 0
    )


def _decimal(values: Sequence[str]) -> str:
    """A comma followed by one or two digits, or by more while no other value has a point."""
    commas = sum(bool(re.search(r",\d{1,2}$", value)) for value in values)
    points = sum(bool(re.search(r"\.\d+$", value)) for value in values)
    return "," if commas > points else "."


def _kind(values: Sequence[str]) -> Kind:
    if not values:
        return Kind.TEXT
    if _most(_PLAIN_NUMBER.fullmatch, values):
        return Kind.NUMBER
    if {value.lower() for value in values} <= {"true", "false", "oui", "non", "yes", "no"}:
        return Kind.BOOLEAN
    if all(value[0] in "[{" for value in values):
        return Kind.JSON
    return Kind.TEXT
