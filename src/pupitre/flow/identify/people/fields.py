"""Of which kind a field is: of a trait, of an identifier, of what an event carries.

What nobody has named here counts as somebody's own particulars: the strictest kind.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from pupitre.flow.identify.claiming import kind_of
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.normalising import Named, Setting, normalised
from pupitre.flow.identify.people.activities import (
    SEE_ADDRESS,
    SEE_AMOUNTS,
    SEE_CONTACTS,
    SEE_PARTICULARS,
    SEE_WORDS,
)
from pupitre.flow.identify.search.indexing import is_name
from pupitre.flow.identify.traits.names import LABELS, canonical
from pupitre.rules.mandate.contracts import Activity


class FieldKind(enum.StrEnum):
    """What a value says of somebody; decides which row of the matrix shows it."""

    PLAIN = "plain"  # whoever may read the page sees it: names, products, places of sale
    CONTACT = "contact"
    ADDRESS = "address"
    PARTICULAR = "particular"
    AMOUNT = "amount"
    WORDS = "words"


SHOWN_BY: Mapping[FieldKind, Activity] = MappingProxyType(
    {
        FieldKind.CONTACT: SEE_CONTACTS,
        FieldKind.ADDRESS: SEE_ADDRESS,
        FieldKind.PARTICULAR: SEE_PARTICULARS,
        FieldKind.AMOUNT: SEE_AMOUNTS,
        FieldKind.WORDS: SEE_WORDS,
    }
)
CONTACTS = frozenset({Kind.EMAIL, Kind.PHONE, Kind.SOCIAL})
_TRAITS: Mapping[str, FieldKind] = MappingProxyType(
    {
        **dict.fromkeys(("given_name", "surname", "language", "loyalty_card"), FieldKind.PLAIN),
        **dict.fromkeys(("email", "phone"), FieldKind.CONTACT),
        **dict.fromkeys(
            ("house_number", "street", "address_line", "postcode", "locality", "region", "country"),
            FieldKind.ADDRESS,
        ),
    }
)
_AMOUNTS = """
total subtotal value price revenue amount tax shipping discount cost refund balance spent basket
unit_price list_price order_total montant prix remise
"""
_WORDS = """
text message comment body review note notes feedback query question answer transcript reply
commentaire avis remarque
"""
_PLAIN = """
id product_id sku name category brand variant quantity currency order_id checkout_id cart_id
case_id ticket_id topic means satisfaction minutes network sentiment campaign_id campaign_name
subject path url referrer title search store shop shop_id store_id register channel purpose wording
version taken_over form method reason library type collection encoding plan coupon position
products items item product level timezone screen page page_view status stock available device os
app external_ids campaign medium source traits context properties card size colour color rating
integrations url_path host
"""


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isalnum())


_EVENTS: Mapping[str, FieldKind] = MappingProxyType(
    {
        _bare(name): kind
        for names, kind in (
            (_PLAIN, FieldKind.PLAIN),
            (_WORDS, FieldKind.WORDS),
            (_AMOUNTS, FieldKind.AMOUNT),
        )
        for name in names.split()
    }
)


def kind_of_trait(trait: str) -> FieldKind:
    """Of a trait, by its one name or a source's."""
    known = canonical(trait)
    if known in LABELS:
        return _TRAITS.get(known, FieldKind.PARTICULAR)
    if is_name(trait):
        return FieldKind.PLAIN
    identifier = kind_of(trait)
    if identifier is None:
        return FieldKind.PARTICULAR
    return FieldKind.CONTACT if identifier in CONTACTS else FieldKind.PLAIN


def kind_of_identifier(kind: str, value: str) -> FieldKind:
    """An account may be named by an address: what it looks like counts as well."""
    if kind in CONTACTS or looks_like_contact(value):
        return FieldKind.CONTACT
    return FieldKind.PLAIN


def looks_like_contact(value: str) -> bool:
    if "@" in value:
        return True
    text = value.strip()
    if not text.startswith(("+", "00", "06", "07")):
        return False
    return normalised(Kind.PHONE, text, Setting())[1] is Named.ONE


@lru_cache(maxsize=4_096)
def kind_of_property(name: str) -> FieldKind:
    """Of a field of an event's properties, traits or context."""
    found = _EVENTS.get(_bare(name))
    return found if found is not None else kind_of_trait(name)
