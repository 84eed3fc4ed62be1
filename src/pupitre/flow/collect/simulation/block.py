"""One block of people: drawn, lived through, and written down, from nothing but its number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from pupitre.flow.collect.simulation import (
    campaigns,
    consents,
    lives,
    orders,
    people,
    profiles,
    seasons,
    sessions,
    told_consents,
    told_messages,
    told_online,
    told_service,
    told_shops,
)
from pupitre.flow.collect.simulation.campaigns import Assignment, Campaign
from pupitre.flow.collect.simulation.consents import Consents
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.devices import Devices, devices
from pupitre.flow.collect.simulation.lives import Future, Lives
from pupitre.flow.collect.simulation.orders import Orders
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.profiles import Profiles
from pupitre.flow.collect.simulation.rows import Laid, Ledger, lay
from pupitre.flow.collect.simulation.seasons import Calendar
from pupitre.flow.collect.simulation.sessions import Sessions
from pupitre.flow.collect.simulation.streams import Ints, stream
from pupitre.flow.collect.simulation.told_messages import Clicks

HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Block:
    """What came of it: the rows, and everything that the truth is written from."""

    number: int
    laid: Laid
    calendar: Calendar
    campaigns: tuple[Campaign, ...]
    folk: People
    life: Lives
    future: Future
    consents: Consents
    assignments: tuple[Assignment, ...]
    orders: Orders
    devices: Devices
    profile: Profiles
    anons: Any  # every anonymous id, by place
    receipts: Any  # by order: whether an e-mail address was typed for the receipt

    @property
    def table(self) -> Any:
        return self.laid.table


@lru_cache(maxsize=4)
def calendar_of(scenario: Scenario) -> Calendar:
    return seasons.calendar(scenario)


def account_times(
    scenario: Scenario, block: int, folk: People, life: Lives, made: Orders
) -> tuple[Ints, Ints]:
    """When each account was opened, and when each person came, in microseconds.

    Those who came before the first simulated day have theirs already (0). Others open it at home
    before their first order, or in the hours after a first purchase in a shop.
    """
    chance = stream(scenario.seed, "accounts", block)
    later = ((1 + 2 * chance.random(len(folk))) * HOUR_US).astype(np.int64)
    came = np.where(life.start < 0, 0, scenario.end_us)
    opened = came.copy()
    first = np.flatnonzero(made.first == 1)
    person = made.person[first]
    came[person] = made.at[first]
    opened[person] = made.at[first] + np.where(made.online[first], -2 * HOUR_US, later[person])
    return opened, came


def visited(
    scenario: Scenario,
    block: int,
    folk: People,
    life: Lives,
    calendar: Calendar,
    account_at: Ints,
    made: Orders,
    clicks: list[Clicks],
    held: Devices,
) -> Sessions:
    """Every visit, each on its device."""
    found = sessions.visits(scenario, block, folk, life, calendar)
    chance = stream(scenario.seed, "landings", block)
    person, at, brought = (
        np.concatenate([getattr(c, name) for c in clicks] or [np.zeros(0, dtype=np.int64)])
        for name in ("person", "at", "brought")
    )
    slot = sessions.own_slot(chance, folk, person)
    landed = sessions.shaped(chance, folk, account_at, person, at, slot, brought)
    at_kiosk, kiosk = sessions.kiosks(scenario, block, folk, life, calendar, account_at)
    at_home = sessions.together(
        sessions.buying(scenario, block, folk, account_at, made),
        sessions.browsing(scenario, block, folk, calendar, account_at, found),
        landed,
    )
    visit = sessions.together(sessions.one_at_a_time(folk, at_home), at_kiosk)
    where = np.full(len(visit.person), -1)
    where[len(where) - len(kiosk) :] = kiosk
    return sessions.placed(held, visit, where)


def messages(
    scenario: Scenario,
    block: int,
    ledger: Ledger,
    folk: People,
    life: Lives,
    calendar: Calendar,
    after: campaigns.Aftermath,
    profile: Profiles,
) -> list[Clicks]:
    planned = campaigns.schedule(calendar.days)
    subject = told_messages.subjects(ledger, planned)
    letters = told_messages.newsletters(scenario, block, life, calendar, after.consents)
    react = told_messages.reactions
    clicks = [react(scenario, block, ledger, folk, letters, subject, profile, "newsletters")]
    for number, (campaign, given) in enumerate(zip(planned, after.assignments, strict=True)):
        sent = told_messages.campaign(scenario, block, calendar, number, campaign, given)
        clicks.append(react(scenario, block, ledger, folk, sent, subject, profile, campaign.key))
    return clicks


def make(scenario: Scenario, number: int) -> Block:
    calendar = calendar_of(scenario)
    planned = campaigns.schedule(calendar.days)
    folk = people.people(scenario, number)
    life = lives.lives(scenario, number, folk, calendar)
    bought = lives.purchases(scenario, number, life, calendar)
    agreed = consents.consents(scenario, number, folk, life)
    after = campaigns.run(scenario, number, folk, life, calendar, bought, agreed)
    made = orders.orders(scenario, number, folk, after.purchases, calendar)
    account_at, came_at = account_times(scenario, number, folk, life, made)

    ledger = Ledger()
    held = devices(scenario, folk, ledger.anons, ledger.contexts, planned)
    profile = profiles.profiles(scenario, number, folk, ledger)
    completed = ledger.properties.add(
        orders.completed(stream(scenario.seed, "payments", number), made)
    )
    clicks = messages(scenario, number, ledger, folk, life, calendar, after, profile)
    visit = visited(scenario, number, folk, life, calendar, account_at, made, clicks, held)
    told_online.visits(scenario, number, ledger, visit, made, completed, profile, held)
    told_online.sign_ups(ledger, folk, account_at, profile, held)
    told_online.returns(scenario, number, ledger, folk, made, account_at, profile, held)
    receipts = told_shops.tickets(scenario, number, ledger, folk, made, completed, profile)
    told_shops.cards(ledger, folk, came_at, profile, scenario.origin_us)
    told_consents.note_consents(
        scenario, ledger, folk, calendar, after.consents, account_at, profile, held
    )
    told_service.cases(scenario, number, ledger, folk, life, made, calendar, profile)
    told_service.mentions(scenario, number, ledger, folk, life, calendar, profile)
    return Block(
        number=number,
        laid=lay(scenario, number, ledger, folk.user_id),
        calendar=calendar,
        campaigns=planned,
        folk=folk,
        life=life,
        future=lives.future(scenario, number, life, calendar),
        consents=after.consents,
        assignments=after.assignments,
        orders=made,
        devices=held,
        profile=profile,
        anons=ledger.anons.bound(),
        receipts=receipts,
    )
