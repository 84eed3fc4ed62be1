"""What the company sells and where: products with their prices, shops with their kiosks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from pupitre.flow.collect.simulation import words
from pupitre.flow.collect.simulation.streams import Floats, Ints, stream
from pupitre.flow.collect.simulation.text import join, money, quoted, strings

KIOSKS_A_SHOP = 2
QUANTITIES = 3  # the most of one product on a line
CATALOGUE_SEED = 20_260_101  # the company sells the same, whatever the seed of its customers


@dataclass(frozen=True, slots=True)
class Shop:
    key: str
    town: str


@dataclass(frozen=True)
class Catalogue:
    """Products in the order of their price; each text is a JSON fragment made once."""

    cents: Ints  # by product, ascending
    names: tuple[str, ...]
    fields: Any  # by product: "product_id":…,"price":…, without braces
    lines: Any  # by product × quantity: {…,"quantity":n}
    viewed: Any  # by product: {…,"currency":"EUR"}
    shops: tuple[Shop, ...]
    shops_of_town: tuple[tuple[int, ...], ...]

    def nearest(self, cents: Floats) -> Ints:
        """The product whose price comes first at or above an amount; the dearest beyond."""
        return np.minimum(np.searchsorted(self.cents, cents), len(self.cents) - 1).astype(np.int64)


def products() -> tuple[list[str], list[str], list[int]]:
    """Names, categories and prices in cents, cheapest first."""
    chance = stream(CATALOGUE_SEED, "catalogue")
    found = []
    for number in range(words.PRODUCTS):
        category, things, low, high = words.CATEGORIES[number % len(words.CATEGORIES)]
        thing = things[int(chance.integers(len(things)))]
        line = words.LINES[int(chance.integers(len(words.LINES)))]
        matter = words.MATTERS[int(chance.integers(len(words.MATTERS)))]
        euros = low * (high / low) ** chance.beta(1.1, 1.6)
        cents = max(290, int(euros) * 100 + (90 if euros < 200 else 0))
        found.append((cents, f"{thing} {line}, {matter}", category))
    found.sort()
    return [name for _, name, _ in found], [kind for _, _, kind in found], [c for c, _, _ in found]


@cache
def catalogue() -> Catalogue:
    names, categories, prices = products()
    cents = np.array(prices, dtype=np.int64)
    ids = [f"MA-{number:05d}" for number in range(len(names))]
    fields = join(
        strings(
            f'"product_id":"{key}","name":{quoted(name)},"category":{quoted(category)},"price":'
            for key, name, category in zip(ids, names, categories, strict=True)
        ),
        money(cents),
    )
    which = np.repeat(np.arange(len(names)), QUANTITIES)
    how_many = np.tile(np.arange(1, QUANTITIES + 1), len(names))
    shops: list[Shop] = []
    of_town: list[tuple[int, ...]] = []
    for town, _, count, _ in words.TOWNS:
        slug = town.lower().replace("’", "-").replace("é", "e").replace("î", "i").replace("ç", "c")
        of_town.append(tuple(range(len(shops), len(shops) + count)))
        shops += [Shop(f"{slug.replace(' ', '-')}-{n + 1:02d}", town) for n in range(count)]
    return Catalogue(
        cents=cents,
        names=tuple(names),
        fields=fields,
        lines=join("{", fields.take(which), ',"quantity":', strings(str(n) for n in how_many), "}"),
        viewed=join("{", fields, ',"currency":"EUR"}'),
        shops=tuple(shops),
        shops_of_town=tuple(of_town),
    )
