"""Visits: on the site, in the application, on a shared tablet, at a shop's kiosk; as funnels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pupitre.flow.collect.simulation.catalogue import KIOSKS_A_SHOP
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.devices import (
    KIOSK,
    MOBILE,
    TABLET,
    Devices,
)
from pupitre.flow.collect.simulation.lives import Lives
from pupitre.flow.collect.simulation.moments import OPENING_HOUR, instant, spread
from pupitre.flow.collect.simulation.orders import Orders
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.rows import ADD, CHECKOUT, IDENTIFY, OPEN, PAY, VIEW
from pupitre.flow.collect.simulation.seasons import Calendar
from pupitre.flow.collect.simulation.streams import Flags, Floats, Ints, stream

SIGNED_IN = np.array([0.45, 0.40, 0.92, 0.45, 1.0])  # of account holders, by slot
LINGER, STRANGER = 45.0, 0.12  # days for which a former customer still looks; visits after that
PROSPECT = 30.0  # days before the first purchase in which people look around
TO_CART, TO_CHECKOUT = 0.22, 0.35  # of visits; of those with a cart
KIOSK_VISITS = 1.5  # a year, for those who have a card and an account
KIOSK_SLOT_US, KIOSK_SLOTS = 300_000_000, 120  # five minutes, ten hours a day
NO_ORDER = -1


@dataclass(frozen=True)
class Sessions:
    person: Ints
    start: Ints
    slot: Ints
    signed: Flags
    tells: Flags  # says who it is at the beginning (an identify)
    views: Ints
    adds: Ints
    checkout: Flags
    order: Ints  # the order paid at its end; NO_ORDER for most
    gap: Ints  # microseconds between two steps
    brought: Ints  # 0 by itself, 1 newsletter, 2 and more: a campaign
    anon: Ints

    @property
    def steps(self) -> Ints:
        paid = (self.order != NO_ORDER).astype(np.int64)
        steps: Ints = 1 + self.tells + self.views + self.adds + self.checkout + paid
        return steps

    @property
    def end(self) -> Ints:
        return self.start + self.steps * self.gap


def together(*parts: Sessions) -> Sessions:
    names = Sessions.__dataclass_fields__
    return Sessions(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def own_slot(chance: np.random.Generator, folk: People, person: Ints) -> Ints:
    """The device of one's own that is at hand; every one has a telephone in the end."""
    weight = np.stack(
        [folk.has_desktop * 0.45, folk.has_mobile * 0.6 + 0.01, folk.has_app * 0.9], axis=1
    )
    reached = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)[person]
    passed: Ints = (chance.random((len(person), 1)) > reached).sum(axis=1)
    return passed.clip(0, 2)


def visits(
    scenario: Scenario, block: int, folk: People, life: Lives, calendar: Calendar
) -> tuple[Ints, Floats]:
    """Person and day of visits in which nothing is bought."""
    chance = stream(scenario.seed, "visits", block)
    whole = float(calendar.warp(calendar.days) - calendar.warp(0))
    reachable = folk.has_desktop | folk.has_mobile | folk.has_app
    many = chance.poisson(folk.visits * whole * reachable)
    person = np.repeat(np.arange(len(folk)), many)
    at = calendar.unwarp(calendar.warp(0) + chance.random(len(person)) * whole)
    active = (at >= life.start[person] - PROSPECT) & (
        at < np.maximum(life.end, life.start + LINGER)[person]
    )
    active &= (at < life.pause_from[person]) | (at >= life.pause_to[person])
    after = at >= life.start[person]
    kept = active | (after & (chance.random(len(at)) < STRANGER))
    return person[kept], at[kept]


def browsing(
    scenario: Scenario,
    block: int,
    folk: People,
    calendar: Calendar,
    account_at: Ints,
    found: tuple[Ints, Floats],
) -> Sessions:
    chance = stream(scenario.seed, "browsing", block)
    person, days = found
    count = len(person)
    slot = own_slot(chance, folk, person)
    slot = np.where(folk.has_tablet[person] & (chance.random(count) < 0.4), TABLET, slot)
    start = spread(scenario, calendar, days)
    return shaped(chance, folk, account_at, person, start, slot, np.zeros(count, dtype=np.int64))


def shaped(
    chance: np.random.Generator,
    folk: People,
    account_at: Ints,
    person: Ints,
    start: Ints,
    slot: Ints,
    brought: Ints,
) -> Sessions:
    """Visits without a purchase: how far down the funnel each goes."""
    count = len(person)
    owner = folk.has_account[person] & (start >= account_at[person])
    signed = owner & (chance.random(count) < SIGNED_IN[slot])
    cart = chance.random(count) < TO_CART
    return Sessions(
        person=person,
        start=start,
        slot=slot,
        signed=signed,
        tells=signed & (chance.random(count) < 0.35),
        views=chance.geometric(0.24, size=count).clip(1, 25).astype(np.int64),
        adds=np.where(cart, chance.integers(1, 4, size=count), 0),
        checkout=cart & (chance.random(count) < TO_CHECKOUT),
        order=np.full(count, NO_ORDER, dtype=np.int64),
        gap=(5_000_000 + chance.standard_exponential(count) * 40_000_000).astype(np.int64),
        brought=brought,
        anon=np.zeros(count, dtype=np.int64),
    )


def buying(
    scenario: Scenario, block: int, folk: People, account_at: Ints, made: Orders
) -> Sessions:
    """The visits that end in an order."""
    chance = stream(scenario.seed, "buying", block)
    order = np.flatnonzero(made.online)
    person, count = made.person[order], len(order)
    slot = own_slot(chance, folk, person)
    slot = np.where(folk.has_tablet[person] & (chance.random(count) < 0.25), TABLET, slot)
    lines = made.lines[order]
    signed = folk.has_account[person] & (made.at[order] >= account_at[person])
    visit = Sessions(
        person=person,
        start=made.at[order],
        slot=slot,
        signed=signed,
        tells=~signed | (chance.random(count) < 0.5),
        views=lines + chance.geometric(0.3, size=count).clip(1, 15) - 1,
        adds=lines,
        checkout=np.ones(count, dtype=np.bool_),
        order=order,
        gap=(5_000_000 + chance.standard_exponential(count) * 30_000_000).astype(np.int64),
        brought=np.zeros(count, dtype=np.int64),
        anon=np.zeros(count, dtype=np.int64),
    )
    return replace(visit, start=visit.start - (visit.steps - 1) * visit.gap)


def kiosks(
    scenario: Scenario, block: int, folk: People, life: Lives, calendar: Calendar, account_at: Ints
) -> tuple[Sessions, Ints]:
    """Visits at a shop's kiosk, with the number of the kiosk. One person at a time.

    A kiosk's day is cut into slots of five minutes; each slot belongs to one block of people, so
    that blocks which know nothing of each other never put two people before one screen.
    """
    chance = stream(scenario.seed, "kiosks", block)
    may = folk.has_account & folk.has_card
    many = chance.poisson(KIOSK_VISITS * calendar.days / 365 * may)
    person = np.repeat(np.arange(len(folk)), many)
    day = (chance.random(len(person)) * calendar.days).astype(np.int64)
    kept = calendar.open[day] & (day >= life.start[person]) & (day < life.end[person] + LINGER)
    person, day = person[kept], day[kept]
    shop = folk.shop[person]
    kiosk = chance.integers(KIOSKS_A_SHOP, size=len(person))
    slot = day * KIOSK_SLOTS + (chance.random(len(person)) * KIOSK_SLOTS).astype(np.int64)
    slot = slot - (slot + kiosk - block) % scenario.blocks
    screen = shop * KIOSKS_A_SHOP + kiosk
    _, alone = np.unique(screen * (calendar.days + 1) * KIOSK_SLOTS + slot, return_index=True)
    alone = alone[(slot[alone] >= 0) & calendar.open[np.maximum(slot[alone], 0) // KIOSK_SLOTS]]
    person, screen, slot = person[alone], screen[alone], slot[alone]
    day, nth = slot // KIOSK_SLOTS, slot % KIOSK_SLOTS
    hours = OPENING_HOUR + 1 + nth * KIOSK_SLOT_US / 3_600_000_000
    start = instant(scenario, calendar, day, hours)
    visit = shaped(
        chance,
        folk,
        np.full_like(account_at, -1),
        person,
        start,
        np.full(len(person), KIOSK),
        np.zeros(len(person), dtype=np.int64),
    )
    visit = replace(
        visit,
        signed=np.ones(len(person), dtype=np.bool_),
        tells=np.ones(len(person), dtype=np.bool_),
        views=visit.views.clip(1, 3),
        adds=visit.adds.clip(0, 1),
        checkout=np.zeros(len(person), dtype=np.bool_),
        gap=visit.gap.clip(5_000_000, 40_000_000),
    )
    return visit, screen


def one_at_a_time(folk: People, visit: Sessions) -> Sessions:
    """Nobody takes a shared tablet out of another's hands: who would, takes the telephone."""
    slot = visit.slot.copy()
    while True:
        shared = np.flatnonzero(slot == TABLET)
        home = folk.household[visit.person[shared]]
        order = np.lexsort((visit.start[shared], home))
        shared, home = shared[order], home[order]
        end = visit.end[shared] + 60_000_000
        clash = (home[1:] == home[:-1]) & (visit.start[shared][1:] < end[:-1])
        if not clash.any():
            return replace(visit, slot=slot)
        slot[shared[1:][clash]] = MOBILE


def placed(devices: Devices, visit: Sessions, kiosk: Ints) -> Sessions:
    """With the id of the device of each; `kiosk` is -1 but for visits at one."""
    anon = devices.anon(visit.slot, visit.person, visit.start)
    return replace(visit, anon=np.where(kiosk >= 0, devices.bases[KIOSK] + kiosk, anon))


@dataclass(frozen=True)
class Steps:
    """The steps of visits, one after the other."""

    visit: Ints  # which visit
    kind: Ints  # OPEN, IDENTIFY, VIEW…
    nth: Ints  # which of its kind within the visit
    at: Ints


def steps(chance: np.random.Generator, visit: Sessions) -> Steps:
    many = visit.steps
    which = np.repeat(np.arange(len(many)), many)
    position = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
    paid = visit.order != NO_ORDER
    runs = (
        (OPEN, np.ones_like(many)),
        (IDENTIFY, visit.tells.astype(np.int64)),
        (VIEW, visit.views),
        (ADD, visit.adds),
        (CHECKOUT, visit.checkout.astype(np.int64)),
        (PAY, paid.astype(np.int64)),
    )
    kind = np.zeros(len(which), dtype=np.int64)
    nth = position.copy()
    reached = np.zeros_like(many)
    for number, length in runs:
        inside = position >= reached[which]
        kind[inside] = number
        nth[inside] = (position - reached[which])[inside]
        # A run without steps is overwritten by the next, which begins at the same place.
        reached = reached + length
    wait = (chance.random(len(which)) * 0.8 * visit.gap[which]).astype(np.int64)
    at = visit.start[which] + position * visit.gap[which]
    return Steps(which, kind, nth, np.where((kind == PAY) | (position == 0), at, at + wait))
