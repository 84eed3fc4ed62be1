"""One name for each trait, however sources write it: ``firstName``, ``first_name``, ``prénom``.

Names are compared without case, accents, spaces, hyphens and underscores. What stands in no list
keeps the name that its source gave it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Canonical:
    """A trait that we know, and the other names under which sources send it."""

    key: str
    label: str | Promise
    synonyms: tuple[str, ...]


CANONICAL: tuple[Canonical, ...] = (
    Canonical("given_name", _("First name"), ("firstName", "forename", "prénom")),
    Canonical("surname", _("Surname"), ("lastName", "familyName", "nom", "nom de famille")),
    Canonical(
        "birth_date",
        _("Date of birth"),
        ("birthday", "dateOfBirth", "dob", "birthdate", "date de naissance"),
    ),
    Canonical("birth_year", _("Year of birth"), ("birthYear", "yearOfBirth", "année de naissance")),
    Canonical("gender", _("Gender"), ("sex", "genre", "sexe", "civilité", "salutation")),
    Canonical("house_number", _("House number"), ("streetNumber", "numéro de rue")),
    Canonical(
        "street",
        _("Street"),
        ("address.street", "streetAddress", "addressLine1", "address1", "rue", "adresse", "voie"),
    ),
    Canonical(
        "address_line",
        _("Further address line"),
        ("addressLine2", "address2", "complément d’adresse", "complement adresse"),
    ),
    Canonical(
        "postcode",
        _("Postcode"),
        ("address.postalCode", "postalCode", "zip", "zipCode", "postal", "code postal", "cp"),
    ),
    Canonical("locality", _("Town"), ("address.city", "city", "town", "ville", "commune")),
    Canonical("region", _("Region"), ("address.state", "state", "county", "région", "département")),
    Canonical("country", _("Country"), ("address.country", "countryCode", "pays")),
    Canonical("email", _("E-mail address"), ("emailAddress", "mail", "courriel")),
    Canonical(
        "phone",
        _("Telephone number"),
        ("phoneNumber", "telephone", "mobile", "mobilePhone", "téléphone", "portable"),
    ),
    Canonical(
        "loyalty_card",
        _("Loyalty card"),
        ("loyaltyCard", "loyaltyId", "cardNumber", "carte de fidélité", "cartefidelite"),
    ),
    Canonical("language", _("Language"), ("locale", "lang", "langue")),
    Canonical("company", _("Company"), ("company.name", "organisation", "société", "entreprise")),
    Canonical("job", _("Job"), ("jobTitle", "occupation", "fonction", "poste", "profession")),
)
LABELS: Mapping[str, str | Promise] = MappingProxyType({one.key: one.label for one in CANONICAL})
_PUNCTUATION = str.maketrans("", "", " -_’'")
_OPENED = frozenset({"address", "adresse", "company"})  # objects whose parts are traits
_json = msgspec.json.Decoder()


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_PUNCTUATION)


_KNOWN: Mapping[str, str] = MappingProxyType(
    {_bare(name): one.key for one in CANONICAL for name in (one.key, *one.synonyms)}
)


@lru_cache(maxsize=4_096)
def canonical(name: str) -> str:
    """The one name of a trait. Its own result stays as it is."""
    return _KNOWN.get(_bare(name), name)


def opened(name: str) -> bool:
    """Whether a value of this name may be an object whose parts are traits."""
    return _bare(name) in _OPENED


def parts(name: str, value: str) -> Iterator[tuple[str, str]]:
    """One trait as it was sent, as the traits that it is: an address is a town and a postcode."""
    whole, dot, part = name.partition(".")
    if dot and opened(whole):
        yield _part(_prefix(whole), part), value
        return
    if not (value.startswith("{") and opened(name)):
        yield canonical(name), value
        return
    try:
        found: Any = _json.decode(value)
    except msgspec.MsgspecError:
        yield canonical(name), value
        return
    prefix = _prefix(name)
    for part, said in found.items():
        if isinstance(said, str | int | float) and not isinstance(said, bool) and said != "":
            yield _part(prefix, part), str(said)


def _prefix(name: str) -> str:
    return "company" if _bare(name) == "company" else "address"


def _part(prefix: str, part: str) -> str:
    """Of a part: the trait that it is inside of its object, or anywhere; else its own name."""
    inner = f"{prefix}.{part}"
    for known in (canonical(inner), canonical(part)):
        if known in LABELS:
            return known
    return inner


def label(trait: str) -> str | Promise:
    """How people call it; a source's own name where we have none."""
    return LABELS.get(trait, trait)
