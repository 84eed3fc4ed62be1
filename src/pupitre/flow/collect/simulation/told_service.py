"""Calls, chats and letters to the service desk, and what people say of the company elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.collect.simulation import rows, words
from pupitre.flow.collect.simulation.catalogue import catalogue
from pupitre.flow.collect.simulation.contracts import DAY_US, Scenario
from pupitre.flow.collect.simulation.lives import Lives
from pupitre.flow.collect.simulation.moments import ON_THE_LINE, spread
from pupitre.flow.collect.simulation.orders import Orders
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.profiles import Profiles
from pupitre.flow.collect.simulation.rows import Ledger
from pupitre.flow.collect.simulation.seasons import Calendar
from pupitre.flow.collect.simulation.streams import Ints, stream
from pupitre.flow.collect.simulation.text import decimal, join, pick, quoted, strings, whole

AFTER_ORDER, BY_THEMSELVES_YEARLY = 0.06, 0.22
MENTIONS_YEARLY = 1.2  # of those who have a handle
ABOUT_AN_ORDER = 3  # topics of words.TOPICS that come from an order: the first ones
MEANS = ("phone", "phone", "phone", "chat", "mail")
KNOWN_AT_DESK = 0.45  # of account holders: the agent finds the account


def inner(text: str) -> str:
    """Text as it stands inside a JSON string."""
    return quoted(text)[1:-1]


def cases(
    scenario: Scenario,
    block: int,
    ledger: Ledger,
    folk: People,
    life: Lives,
    made: Orders,
    calendar: Calendar,
    profile: Profiles,
) -> None:
    chance = stream(scenario.seed, "cases", block)
    asked = np.flatnonzero(chance.random(len(made)) < AFTER_ORDER)
    many = chance.poisson(BY_THEMSELVES_YEARLY * calendar.days / 365 * (life.start < calendar.days))
    alone = np.repeat(np.arange(len(folk)), many)
    days = chance.random(len(alone)) * calendar.days
    known = days >= life.start[alone]
    alone, days = alone[known], days[known]
    after = made.at[asked] + ((1 + chance.random(len(asked)) * 12) * DAY_US).astype(np.int64)
    person = np.concatenate([made.person[asked], alone])
    at = np.concatenate([after, spread(scenario, calendar, days, ON_THE_LINE)])
    order = pa.concat_arrays([made.key.take(pa.array(asked)), pa.nulls(len(alone), pa.string())])
    count = len(person)
    topic = np.where(
        np.arange(count) < len(asked),
        chance.integers(ABOUT_AN_ORDER, size=count),
        chance.integers(ABOUT_AN_ORDER, len(words.TOPICS), size=count),
    )
    number = join(decimal(folk.number[person], 8), "-", decimal(np.arange(count), 6))
    means = chance.integers(len(MEANS), size=count)
    properties = ledger.properties.add(opened(chance, topic, means, number, order))
    line = chance.random(count) < 0.25
    phone = np.array([mean == "phone" for mean in MEANS])[means]
    context = np.where(line & phone, profile.landline, profile.caller) + person
    signed = folk.has_account[person] & (chance.random(count) < KNOWN_AT_DESK)
    anon = ledger.anons.add(join("case-", number)) + np.arange(count)
    common: dict[str, Any] = {"signed": signed, "anon": anon, "context": context}
    ledger.note(rows.CALLED, at, person, properties=properties + np.arange(count), **common)
    closed_at = at + 600_000_000 + (chance.standard_exponential(count) * DAY_US).astype(np.int64)
    closed = closings(chance, number, topic)
    ledger.note(
        rows.CLOSED,
        closed_at,
        person,
        properties=ledger.properties.add(closed) + np.arange(count),
        **common,
    )


def opened(
    chance: np.random.Generator, topic: Ints, means: Ints, number: object, order: object
) -> object:
    """Properties with the words of the person, escaped as JSON wants it."""
    count = len(topic)
    bodies = strings(inner(text) for _, texts in words.TOPICS for text in texts)
    first = np.cumsum([0, *(len(texts) for _, texts in words.TOPICS)])[topic]
    many = np.array([len(texts) for _, texts in words.TOPICS])[topic]
    said = first + (chance.random(count) * many).astype(np.int64)
    about = strings(f" ({inner(name)})" for name in catalogue().names)
    product = chance.integers(words.PRODUCTS, size=count)
    named = pa.array(product, mask=chance.random(count) > 0.3)
    return join(
        '{"case_id":"',
        number,
        '","topic":"',
        pick(strings(name for name, _ in words.TOPICS), topic),
        '","means":"',
        pick(strings(MEANS), means),
        '"',
        pc.fill_null(join(',"order_id":"', order, '"'), ""),
        ',"text":"',
        pick(strings(map(inner, words.OPENERS)), chance.integers(len(words.OPENERS), size=count)),
        bodies.take(pa.array(said)),
        pc.fill_null(about.take(named), ""),
        pick(strings(map(inner, words.CLOSERS)), chance.integers(len(words.CLOSERS), size=count)),
        '"}',
    )


def closings(chance: np.random.Generator, number: object, topic: Ints) -> object:
    happy = np.array([name == "praise" for name, _ in words.TOPICS])[topic]
    marks = np.where(happy, 5, chance.integers(1, 6, size=len(topic)))
    minutes = 2 + (chance.standard_exponential(len(topic)) * 9).astype(np.int64)
    return join(
        '{"case_id":"',
        number,
        '","satisfaction":',
        whole(marks.astype(np.int64)),
        ',"minutes":',
        whole(minutes),
        "}",
    )


def mentions(
    scenario: Scenario,
    block: int,
    ledger: Ledger,
    folk: People,
    life: Lives,
    calendar: Calendar,
    profile: Profiles,
) -> None:
    chance = stream(scenario.seed, "mentions", block)
    public = folk.handle.is_valid().to_numpy(zero_copy_only=False)
    many = chance.poisson(MENTIONS_YEARLY * calendar.days / 365 * public)
    person = np.repeat(np.arange(len(folk)), many)
    days = chance.random(len(person)) * calendar.days
    kept = days >= life.start[person]
    person, days = person[kept], days[kept]
    text = strings(
        f'{{"network":{quoted(network)},"sentiment":{quoted(mood)},"text":{quoted(said)}}}'
        for network in words.NETWORKS
        for mood, said in words.MENTIONS
    )
    which = folk.network[person] * len(words.MENTIONS) + chance.integers(
        len(words.MENTIONS), size=len(person)
    )
    ledger.note(
        rows.MENTIONED,
        spread(scenario, calendar, days),
        person,
        anon=profile.handle_id + person,
        properties=ledger.properties.add(text) + which,
        context=profile.social + person,
    )
