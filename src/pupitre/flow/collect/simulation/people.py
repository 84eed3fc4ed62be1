"""Who the people of a block are: households, names, identifiers, devices, habits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from pupitre.flow.collect.simulation import words
from pupitre.flow.collect.simulation.catalogue import catalogue
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.streams import Flags, Floats, Ints, stream
from pupitre.flow.collect.simulation.text import decimal, join, pick, strings, whole

HOUSEHOLD_SIZES = (0.46, 0.29, 0.12, 0.09, 0.04)  # of one to five
OWN_SURNAME = 0.18  # in a household, those who bear another name
HAS_ACCOUNT, HAS_CARD, HAS_SECOND_MAIL, HAS_HANDLE = 0.78, 0.66, 0.2, 0.12
SHARED_TABLET, SHARED_MAIL, LANDLINE = 0.4, 0.06, 0.35  # of households of two and more
ACCENTS = str.maketrans("àâäéèêëîïíôöóûüúùçñ’' ", "aaaeeeeiiiooouuuucn---")


@dataclass(frozen=True)
class People:
    """One row a person, in the order of their numbers; texts are Arrow, the rest NumPy."""

    number: Ints  # over the whole simulation, from 0
    household: Ints  # by household within the block
    household_number: Ints  # over the whole simulation: the number of its first person
    first_name: Any
    surname: Any
    town: Ints
    shop: Ints  # where they usually go
    birth_year: Ints
    user_id: Any
    email: Any
    second_email: Any  # null where there is none
    shared_email: Any  # of the household; null where there is none
    phone: Any
    landline: Any  # of the household; null where there is none
    card: Any  # null where there is none
    handle: Any  # on a social network; null where there is none
    network: Ints
    has_account: Flags
    has_card: Flags
    has_desktop: Flags
    has_mobile: Flags
    has_app: Flags
    has_tablet: Flags  # shared by the household
    online: Floats  # share of purchases made on line
    opens: Floats  # share of e-mails opened
    visits: Floats  # visits a day of business time, while a customer

    def __len__(self) -> int:
        return len(self.number)


def households(chance: np.random.Generator, count: int) -> Ints:
    """For each person the household, numbered from 0; people of one stand together."""
    sizes = chance.choice(np.arange(1, 6), size=count, p=HOUSEHOLD_SIZES)
    return np.repeat(np.arange(count), sizes)[:count].astype(np.int64)


def scattered(number: Ints, factor: int) -> Ints:
    """Eight digits, another for each number below a hundred million."""
    return (number * factor + 12_345_679) % 100_000_000


def check_digit(twelve: Ints) -> Ints:
    """The thirteenth digit of an EAN."""
    digits = twelve[:, None] // 10 ** np.arange(11, -1, -1, dtype=np.int64) % 10
    sums: Ints = (digits * np.array([1, 3] * 6)).sum(axis=1)
    return (10 - sums % 10) % 10


def only(mask: Flags, values: Any) -> Any:
    """Null where the mask says no."""
    return pa.compute.if_else(pa.array(mask), values, pa.scalar(None, pa.string()))


def slugs(names: tuple[str, ...]) -> Any:
    return strings(name.lower().translate(ACCENTS) for name in names)


def people(scenario: Scenario, block: int) -> People:
    chance = stream(scenario.seed, "people", block)
    span = scenario.people_of(block)
    number = np.arange(span.start, span.stop, dtype=np.int64)
    count = len(number)
    household = households(chance, count)
    home = np.unique(household, return_index=True)[1][household]  # the household's first person
    sizes = np.bincount(household)[household]

    def at_home(probability: float) -> Flags:
        """One throw for each household of two and more."""
        return (chance.random(count) < probability)[home] & (sizes > 1)

    first = chance.integers(len(words.FIRST_NAMES), size=count)
    drawn = chance.zipf(1.6, size=count) % len(words.SURNAMES)
    last = np.where(chance.random(count) < OWN_SURNAME, drawn, drawn[home])
    weights = np.array([weight for *_, weight in words.TOWNS], dtype=np.float64)
    town = chance.choice(len(words.TOWNS), size=count, p=weights / weights.sum())[home]
    shops = catalogue().shops_of_town
    start = np.array([of_town[0] for of_town in shops])[town]
    shop = start + (chance.random(count) * np.array([len(s) for s in shops])[town]).astype(np.int64)
    tags = whole(number)
    first_slug, last_slug = (
        pick(slugs(words.FIRST_NAMES), first),
        pick(slugs(words.SURNAMES), last),
    )
    domain = pick(strings(words.MAIL_DOMAINS), chance.integers(6, size=count))
    work = pick(strings(words.WORK_DOMAINS), chance.integers(3, size=count))
    has_account, has_card = (chance.random(count) < p for p in (HAS_ACCOUNT, HAS_CARD))
    has_desktop, has_mobile = (chance.random(count) < p for p in (0.55, 0.78))
    prefix = pick(strings(("+336", "+337")), (number % 2).astype(np.int64))
    card = 297_000_000_000 + number
    return People(
        number=number,
        household=household,
        household_number=number[home],
        first_name=pick(strings(words.FIRST_NAMES), first),
        surname=pick(strings(words.SURNAMES), last),
        town=town,
        shop=shop,
        birth_year=scenario.first.year - 18 - (chance.beta(2.2, 2.8, size=count) * 70).astype(int),
        user_id=join("U", decimal(number, 8)),
        email=join(first_slug, ".", last_slug, tags, "@", domain),
        second_email=only(
            chance.random(count) < HAS_SECOND_MAIL,
            join(last_slug, tags, "@", work),
        ),
        shared_email=only(
            at_home(SHARED_MAIL),
            join("famille.", last_slug.take(home), whole(number[home]), "@fil.example"),
        ),
        phone=join(prefix, decimal(scattered(number // 2, 7_919), 8)),
        landline=only(at_home(LANDLINE), join("+331", decimal(scattered(number[home], 6_337), 8))),
        card=only(has_card, join(whole(card), whole(check_digit(card)))),
        handle=only(chance.random(count) < HAS_HANDLE, join("@", first_slug, "_", tags)),
        network=chance.integers(len(words.NETWORKS), size=count),
        has_account=has_account,
        has_card=has_card,
        has_desktop=has_desktop,
        has_mobile=has_mobile,
        has_app=has_account & (chance.random(count) < 0.42),
        has_tablet=at_home(SHARED_TABLET),
        online=chance.beta(1.3, 1.3, size=count),
        opens=chance.beta(1.4, 3.2, size=count),
        visits=chance.gamma(1.3, 25.0 / 365 / 1.3, size=count),
    )
