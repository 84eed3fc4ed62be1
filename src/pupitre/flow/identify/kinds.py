"""The kinds of identifiers: how strong each is, and how much of it a person may have."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


class Kind(enum.StrEnum):
    """What an identifier is, strongest first: the order decides which evidence is heard first."""

    USER_ID = "user_id"
    CUSTOMER_NUMBER = "customer_number"  # of a partner's or an older system
    LOYALTY_CARD = "loyalty_card"
    EMAIL = "email"
    PHONE = "phone"
    SOCIAL = "social"  # an account on a network
    ORDER = "order"
    DEVICE = "device"  # a telephone's own, an advertiser's
    ANONYMOUS_ID = "anonymous_id"  # a browser's


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a kind of identifier may do.

    ``most``: as many of them may weaker evidence join; an account may have several cards, a
    telephone makes no one of several cards' holders.
    ``neighbours``: others that one identifier may stand beside; more, and it says nothing about
    who somebody is (the shop's own address, a help desk's number): it is set aside, and reported.
    """

    most: int
    neighbours: int


# What is in a hand for a while names nobody: a device never joins two people.
HELD = frozenset({Kind.DEVICE, Kind.ANONYMOUS_ID})
NAMING = tuple(kind for kind in Kind if kind not in HELD)

DEFAULT_BOUNDS: Mapping[Kind, Bounds] = MappingProxyType(
    {
        Kind.USER_ID: Bounds(most=1, neighbours=200),
        Kind.CUSTOMER_NUMBER: Bounds(most=1, neighbours=50),
        Kind.LOYALTY_CARD: Bounds(most=1, neighbours=50),
        Kind.EMAIL: Bounds(most=5, neighbours=50),
        Kind.PHONE: Bounds(most=5, neighbours=50),
        Kind.SOCIAL: Bounds(most=5, neighbours=50),
        Kind.ORDER: Bounds(most=100_000, neighbours=20),
    }
)
