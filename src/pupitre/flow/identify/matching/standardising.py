"""Values made comparable: what differs only in how it was typed becomes the same text.

Every function takes any text and gives a text or None where nothing is left; none raises, and each
gives its own result back unchanged. A value that breaks a rule (a thirteenth month) is kept as it
is: a typing error still resembles what was meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.identify.matching.contracts import PERSON, Kind, Schema

MAX_CHARACTERS = 200  # of a value; the rest is not looked at

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_NOT_DIGIT = re.compile(r"[^0-9]")
# Left out in front of a surname, where registers and tills disagree on whether they write them.
_PARTICLES = frozenset(
    {"d", "de", "du", "des", "l", "la", "le", "les", "da", "das", "do", "dos", "di", "del"}
    | {"della", "van", "von", "den", "der", "het", "ten", "ter", "zu", "zur", "o"}
)
_TITLES = frozenset(
    {"m", "mr", "mrs", "ms", "mme", "mlle", "monsieur", "madame", "mademoiselle"}
    | {"dr", "docteur", "miss", "sir"}
)
_WAYS = {
    "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard",
    "boul": "boulevard", "ch": "chemin", "che": "chemin", "chem": "chemin", "imp": "impasse",
    "pl": "place", "rte": "route", "r": "rue", "sq": "square", "all": "allee", "fg": "faubourg",
    "fbg": "faubourg", "crs": "cours", "rd": "road", "str": "street", "ln": "lane", "ct": "court",
    "cres": "crescent", "pde": "parade", "tce": "terrace", "cct": "circuit", "cl": "close",
    "hwy": "highway", "res": "residence", "bat": "batiment", "apt": "appartement",
}  # fmt: skip
_SAINTS = {"st": "saint", "ste": "sainte"}


def folded(text: str) -> str:
    """Lower case, without accents and punctuation, words apart by one space.

    >>> folded("  Élodie-Anne  D’ŒUVRE ")
    'elodie anne d oeuvre'
    """
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", bare.casefold()).strip()


def given_name(text: str) -> str | None:
    words = folded(text).split()
    kept = words[1:] if len(words) > 1 and words[0] in _TITLES else words
    # Twice, and it would not be its own result: a title after a title is a name.
    return " ".join(kept if not kept or kept[0] not in _TITLES else words) or None


def surname(text: str) -> str | None:
    words = folded(text).split()
    while len(words) > 1 and words[0] in _PARTICLES:
        words = words[1:]
    return " ".join(words) or None


def birth_date(text: str) -> str | None:
    """Eight digits, year first, whether or not such a day exists; other digits as they are.

    >>> birth_date("31/12/1980"), birth_date("1980-12-31"), birth_date("19801331")
    ('19801231', '19801231', '19801331')
    """
    clock = re.split(r"[T ]\d{1,2}:", text.strip())[0]
    parts = re.findall(r"[0-9]+", clock)
    if len(parts) == 3 and len(parts[0]) == 4:
        return f"{parts[0]}{parts[1]:0>2}{parts[2]:0>2}"
    if len(parts) == 3 and len(parts[2]) == 4:
        return f"{parts[2]}{parts[1]:0>2}{parts[0]:0>2}"
    return "".join(parts) or None


def house_number(text: str) -> str | None:
    """Without spaces and leading noughts: "012 bis" is "12bis"."""
    return folded(text).replace(" ", "").lstrip("0") or None


def street(text: str) -> str | None:
    return " ".join(_WAYS.get(word, word) for word in folded(text).split()) or None


def locality(text: str) -> str | None:
    """Without a French cedex, a saint in full."""
    words = re.sub(r" cedex\b.*", "", folded(text)).split()
    return " ".join(_SAINTS.get(word, word) for word in words) or None


def postcode(text: str) -> str | None:
    return folded(text).replace(" ", "").upper() or None


def region(text: str) -> str | None:
    return folded(text) or None


def email(text: str) -> str | None:
    """Lower case; what follows a plus sign is the reader's own sorting."""
    whole = "".join(text.split()).casefold()
    name, at, domain = whole.partition("@")
    kept = name.split("+")[0] or name
    return f"{kept}{at}{domain}" or None


def telephone(text: str) -> str | None:
    """The last nine digits: what is left of a French number without +33, 0033 or 0, and enough to
    tell numbers of other countries apart."""
    return _NOT_DIGIT.sub("", text)[-9:] or None


def identifier(text: str) -> str | None:
    return folded(text).replace(" ", "").upper() or None


STANDARDS: dict[Kind, Callable[[str], str | None]] = {
    Kind.GIVEN_NAME: given_name,
    Kind.SURNAME: surname,
    Kind.BIRTH_DATE: birth_date,
    Kind.HOUSE_NUMBER: house_number,
    Kind.STREET: street,
    Kind.ADDRESS_LINE: street,
    Kind.LOCALITY: locality,
    Kind.POSTCODE: postcode,
    Kind.REGION: region,
    Kind.EMAIL: email,
    Kind.TELEPHONE: telephone,
    Kind.IDENTIFIER: identifier,
}


def standard_names(schema: Schema) -> dict[str, str]:
    """Caller's column → ours: the kind's name, identifiers numbered in the schema's order."""
    names, numbered = {}, 0
    for column in schema.columns:
        if column.kind is Kind.IDENTIFIER:
            numbered += 1
            names[column.name] = f"identifier_{numbered}"
        else:
            names[column.name] = column.kind.value
    return names


def standardised(records: pa.Table, schema: Schema) -> pa.Table:
    """`person_id` as text and one text column a column of the schema, under our names.

    Raises KeyError where the table lacks a column of the schema, ValueError where a person has no
    id or stands twice. Each different value is worked on once, whoever bears it.
    """
    people = records[PERSON].cast(pa.string()).combine_chunks()
    if people.null_count or len(pc.unique(people)) < len(people):
        raise ValueError("every record needs an id of its own")
    made = {PERSON: people}
    ours = standard_names(schema)
    for column in schema.columns:
        made[ours[column.name]] = _each(records[column.name], STANDARDS[column.kind])
    return pa.table(made)


def _each(values: pa.ChunkedArray, standard: Callable[[str], str | None]) -> pa.Array:
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        values = pc.strftime(values, format="%Y-%m-%d")
    texts = values.cast(pa.string()).combine_chunks().dictionary_encode()
    clean = [standard(text[:MAX_CHARACTERS]) for text in texts.dictionary.to_pylist()]
    return pa.array(clean, pa.string()).take(texts.indices)
