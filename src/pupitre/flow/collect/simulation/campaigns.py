"""Campaigns with a control group drawn at random, and an effect that is known because it is made.

A campaign multiplies the purchase rate of those who get it by (1 + order lift) for 14 days, and
what an order comes to by (1 + basket lift). A positive lift adds purchases from a Poisson process
of its own; a negative one takes purchases away with that probability. People of the control group
and people never reached are left as they were. Campaigns are far enough apart not to meet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pupitre.flow.collect.simulation import consents as agreed
from pupitre.flow.collect.simulation.consents import Consents
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.lives import SPEND_P, Lives, Purchases
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.seasons import Calendar
from pupitre.flow.collect.simulation.streams import Flags, Floats, Ints, stream

WINDOW_DAYS = 14.0
FIRST_DAY, EVERY_DAYS = 10, 45
SEND_HOUR = 9.5 / 24  # local time


@dataclass(frozen=True, slots=True)
class Plan:
    key: str
    title: str
    channel: str  # "email" or "sms"
    order_lift: float
    basket_lift: float
    control_share: float
    stop_share: float  # of those reached, who withdraw their consent within days


PLANS = (
    Plan("ventes-privees", "Ventes privées", "email", 0.35, 0.0, 0.20, 0.004),
    Plan("lettre-printemps", "La lettre de saison", "email", 0.0, 0.0, 0.20, 0.003),
    Plan("carte-cadeau", "Votre carte cadeau", "sms", 0.25, 0.0, 0.20, 0.006),
    Plan("derniere-chance", "Dernière chance !", "email", -0.25, 0.0, 0.20, 0.040),
    Plan("livraison-offerte", "Livraison offerte dès 80 €", "email", 0.0, 0.18, 0.20, 0.003),
    Plan("parrainage", "Parrainez vos proches", "sms", 0.0, 0.0, 0.20, 0.006),
    Plan("avant-premiere", "Avant-première", "email", 0.50, 0.05, 0.20, 0.003),
    Plan("merci", "Un merci en passant", "email", 0.10, 0.0, 0.20, 0.002),
)


@dataclass(frozen=True, slots=True)
class Campaign:
    key: str  # unique in a simulation
    plan: Plan
    day: int  # from the first simulated one

    @property
    def sent(self) -> float:
        return self.day + SEND_HOUR

    @property
    def sending(self) -> tuple[float, float]:
        """When messages may be on their way, in days of UTC: Paris is one or two hours ahead."""
        return self.sent - 2 / 24, self.sent + 1 / 24

    @property
    def window(self) -> tuple[float, float]:
        """From the day after the sending: nobody can have bought because of it before."""
        return self.day + 1.0, self.day + 1.0 + WINDOW_DAYS


@dataclass(frozen=True)
class Assignment:
    """One campaign's people within a block: those who agreed and could be reached."""

    person: Ints
    treated: Flags  # the others are the control group
    orders_without: Floats  # expected in the window, had nobody been reached
    orders_with: Floats  # expected in the window, had everybody been reached
    euros_without: Floats
    euros_with: Floats
    stopped: Floats  # the day on which they withdrew because of it; infinite for most


def schedule(days: int) -> tuple[Campaign, ...]:
    """Those whose window ends within the simulated time."""
    starts = [d for d in range(FIRST_DAY, days, EVERY_DAYS) if d + 1 + WINDOW_DAYS <= days]
    plans = [PLANS[n % len(PLANS)] for n in range(len(starts))]
    return tuple(
        Campaign(f"{plan.key}-{n + 1}", plan, day)
        for n, (plan, day) in enumerate(zip(plans, starts, strict=True))
    )


@dataclass(frozen=True)
class Aftermath:
    purchases: Purchases
    consents: Consents
    assignments: tuple[Assignment, ...]  # in the order of the schedule


def run(
    scenario: Scenario,
    block: int,
    folk: People,
    life: Lives,
    calendar: Calendar,
    bought: Purchases,
    consents: Consents,
) -> Aftermath:
    """One campaign after the other: who withdrew because of one is not in the next."""
    assignments: list[Assignment] = []
    for campaign in schedule(calendar.days):
        chance = stream(scenario.seed, f"campaign {campaign.key}", block)
        purpose = agreed.SMS if campaign.plan.channel == "sms" else agreed.EMAIL
        known = (life.start < campaign.day) & (folk.has_account | folk.has_card)
        agree = consents.holds_through(purpose, *campaign.sending)
        person = np.flatnonzero(known & agree)
        given = assign(chance, campaign, life, calendar, person)
        bought = influence(chance, campaign, len(assignments), given, life, calendar, bought)
        leaving = np.flatnonzero(np.isfinite(given.stopped))
        consents = consents.stop(purpose, person[leaving], given.stopped[leaving])
        assignments.append(given)
    return Aftermath(bought, consents, tuple(assignments))


def assign(
    chance: np.random.Generator,
    campaign: Campaign,
    life: Lives,
    calendar: Calendar,
    person: Ints,
) -> Assignment:
    plan = campaign.plan
    treated = chance.random(len(person)) >= plan.control_share
    exposure = life.exposure(calendar, *campaign.window)[person]
    orders = life.rate[person] * exposure
    lifted = orders * (1 + plan.order_lift)
    euros = life.mean_order[person]
    leave = treated & (chance.random(len(person)) < plan.stop_share)
    delay = 0.1 + chance.standard_exponential(len(person))
    return Assignment(
        person=person,
        treated=treated,
        orders_without=orders,
        orders_with=lifted,
        euros_without=orders * euros,
        euros_with=lifted * euros * (1 + plan.basket_lift),
        stopped=np.where(leave, campaign.sent + delay, np.inf),
    )


def influence(
    chance: np.random.Generator,
    campaign: Campaign,
    number: int,
    given: Assignment,
    life: Lives,
    calendar: Calendar,
    bought: Purchases,
) -> Purchases:
    """What people buy now that some of them were reached."""
    plan, (low, high) = campaign.plan, campaign.window
    reached = np.zeros(len(life.start), dtype=np.bool_)
    reached[given.person[given.treated]] = True
    inside = (bought.at >= low) & (bought.at < high) & reached[bought.person]
    kept = ~inside | (chance.random(len(inside)) >= -plan.order_lift)
    person, at = added(chance, campaign, given, life, calendar)
    euros = np.concatenate(
        [bought.euros[kept], chance.standard_gamma(SPEND_P, size=len(person)) / life.nu[person]]
    )
    lifted = np.concatenate([inside[kept], np.ones(len(person), dtype=np.bool_)])
    return Purchases(
        person=np.concatenate([bought.person[kept], person]),
        at=np.concatenate([bought.at[kept], at]),
        euros=np.where(lifted, euros * (1 + plan.basket_lift), euros),
        first=np.concatenate([bought.first[kept], np.zeros(len(person), dtype=np.int64)]),
        caused_by=np.concatenate(
            [bought.caused_by[kept], np.full(len(person), number, dtype=np.int64)]
        ),
    )


def added(
    chance: np.random.Generator,
    campaign: Campaign,
    given: Assignment,
    life: Lives,
    calendar: Calendar,
) -> tuple[Ints, Floats]:
    """The purchases that a positive lift adds: person and day."""
    lift = max(0.0, campaign.plan.order_lift)
    who = given.person[given.treated]
    low = np.maximum(life.start[who], campaign.window[0])
    high = np.maximum(np.minimum(life.end[who], campaign.window[1]), low)
    a, b = calendar.warp(low), calendar.warp(high)
    many = chance.poisson(lift * life.rate[who] * (b - a))
    at = np.repeat(a, many) + chance.random(int(many.sum())) * np.repeat(b - a, many)
    person, days = np.repeat(who, many), calendar.unwarp(at)
    awake = (days < life.pause_from[person]) | (days >= life.pause_to[person])
    return person[awake], days[awake]
