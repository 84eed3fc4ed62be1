"""What is bought: a purchase of so much becomes an order with lines, at the catalogue's prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.collect.simulation.catalogue import QUANTITIES, catalogue
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.lives import Purchases
from pupitre.flow.collect.simulation.moments import AT_HOME, IN_SHOPS, spread
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.seasons import Calendar
from pupitre.flow.collect.simulation.streams import Flags, Floats, Ints, stream
from pupitre.flow.collect.simulation.text import decimal, join, money, pick, strings

MOST_LINES = 4
LINE_SHARES = (0.45, 0.3, 0.15, 0.1)
PAYMENTS = ("card", "card", "card", "paypal", "instalments", "gift_card")
TILL_PAYMENTS = ("card", "card", "card", "cash", "gift_card")
NO_PRODUCT = -1


@dataclass(frozen=True)
class Orders:
    """One row an order, by person and time."""

    person: Ints
    at: Ints  # microseconds since 1970
    online: Flags
    first: Ints
    caused_by: Ints
    euros: Floats  # what the model drew
    cents: Ints  # what the lines come to
    lines: Ints  # how many
    product: Ints  # order × line
    quantity: Ints  # order × line
    shop: Ints
    key: Any  # the order's id
    products: Any  # [{…},{…}]

    def __len__(self) -> int:
        return len(self.person)


def orders(
    scenario: Scenario, block: int, folk: People, bought: Purchases, calendar: Calendar
) -> Orders:
    chance = stream(scenario.seed, "orders", block)
    sequence = np.lexsort((bought.at, bought.person))
    person, days = bought.person[sequence], bought.at[sequence]
    euros = bought.euros[sequence]
    count = len(person)
    day = np.floor(days).astype(np.int64)
    reachable = folk.has_desktop | folk.has_mobile | folk.has_app
    online = (chance.random(count) < folk.online[person]) & reachable[person]
    online |= ~calendar.open[day] & reachable[person]
    at = np.where(
        online,
        spread(scenario, calendar, days, AT_HOME),
        spread(scenario, calendar, days, IN_SHOPS),
    )
    lines, product, quantity, cents = baskets(chance, euros)
    elsewhere = chance.random(count) < 0.12
    shop = np.where(
        elsewhere, chance.integers(len(catalogue().shops), size=count), folk.shop[person]
    )
    # Told by the person and how many orders they had before: never twice the same.
    starts = np.concatenate([[0], np.flatnonzero(np.diff(person)) + 1]) if count else np.zeros(0)
    nth = np.arange(count) - np.repeat(starts, np.diff(np.append(starts, count))).astype(np.int64)
    key = join(
        pick(strings(("T", "W")), online.astype(np.int64)),
        decimal(folk.number[person], 8),
        "-",
        decimal(nth + 1, 4),
    )
    return Orders(
        person=person,
        at=at,
        online=online,
        first=bought.first[sequence],
        caused_by=bought.caused_by[sequence],
        euros=euros,
        cents=cents,
        lines=lines,
        product=product,
        quantity=quantity,
        shop=shop.astype(np.int64),
        key=key,
        products=listed(product, quantity),
    )


def baskets(chance: np.random.Generator, euros: Floats) -> tuple[Ints, Ints, Ints, Ints]:
    """How many lines, which products, how many of each, and what they cost together."""
    count = len(euros)
    lines = chance.choice(np.arange(1, MOST_LINES + 1), size=count, p=LINE_SHARES).astype(np.int64)
    there = np.arange(MOST_LINES) < lines[:, None]
    weights = chance.standard_exponential((count, MOST_LINES)) * there + 1e-12
    target = euros[:, None] * 100 * weights / weights.sum(axis=1, keepdims=True)
    quantity = np.where(
        (target < 12_000) & (chance.random((count, MOST_LINES)) < 0.25),
        chance.integers(2, QUANTITIES + 1, size=(count, MOST_LINES)),
        1,
    ).astype(np.int64)
    prices = catalogue().cents
    # The nearest price at or above, or the one below, so that on average it comes to the target.
    unit = target / quantity
    above = catalogue().nearest(unit)
    below = np.maximum(above - 1, 0)
    gap = np.maximum(prices[above] - prices[below], 1)
    product = np.where(chance.random(unit.shape) * gap < unit - prices[below], above, below)
    # Many products cost the same: any of them.
    low = np.searchsorted(prices, prices[product], side="left")
    high = np.searchsorted(prices, prices[product], side="right")
    product = low + (chance.random(product.shape) * (high - low)).astype(np.int64)
    cents = (prices[product] * quantity * there).sum(axis=1)
    return lines, np.where(there, product, NO_PRODUCT), quantity, cents


def listed(product: Ints, quantity: Ints) -> Any:
    """The lines as a JSON array, from fragments that the catalogue made once."""
    fragments = catalogue().lines
    parts: list[Any] = ["["]
    for n in range(product.shape[1]):
        absent = product[:, n] == NO_PRODUCT
        which = np.where(absent, 0, product[:, n] * QUANTITIES + quantity[:, n] - 1)
        text = fragments.take(pa.array(which, mask=absent))
        parts.append(pc.fill_null(text if n == 0 else join(",", text), ""))
    return join(*parts, "]")


def completed(chance: np.random.Generator, made: Orders) -> Any:
    """The properties of Order Completed."""
    shops = strings(f'"shop":"{shop.key}",' for shop in catalogue().shops)
    paid = np.where(
        made.online,
        chance.integers(len(PAYMENTS), size=len(made)),
        len(PAYMENTS) + chance.integers(len(TILL_PAYMENTS), size=len(made)),
    )
    where = pc.if_else(
        pa.array(made.online), '"shipping_method":"home",', shops.take(pa.array(made.shop))
    )
    return join(
        '{"order_id":"',
        made.key,
        '","total":',
        money(made.cents),
        ',"currency":"EUR",',
        where,
        '"payment":"',
        pick(strings(PAYMENTS + TILL_PAYMENTS), paid),
        '","products":',
        made.products,
        "}",
    )


def started(made: Orders) -> Any:
    """The properties of Checkout Started, for orders that were paid."""
    return join('{"value":', money(made.cents), ',"currency":"EUR","products":', made.products, "}")
