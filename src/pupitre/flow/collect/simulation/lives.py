"""How long people stay customers, how often they buy, how much they spend: published models.

- drifting: Pareto/NBD (Schmittlein, Morrison & Colombo, Management Science 33, 1987). While alive,
  purchases are Poisson with rate λ ~ Gamma; the lifetime is exponential with rate μ ~ Gamma.
- loyal: NBD (Ehrenberg, 1959): the same without an end.
- returning: NBD with one pause of some months, after which they come back.
- one_time: a first purchase, and no other.

Spend is gamma-gamma (Fader, Hardie & Lee, Journal of Marketing Research 42, 2005): an order is
Gamma(p, ν) with ν ~ Gamma(q, γ) for each person. Rates are per day of business time, which runs
with the season (see seasons.Calendar): λ is what a person does on an average day of a year.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.seasons import FUTURE_DAYS, HISTORY_DAYS, Calendar
from pupitre.flow.collect.simulation.streams import Floats, Ints, stream


class Kind(enum.IntEnum):
    LOYAL = 0
    DRIFTING = 1
    RETURNING = 2
    ONE_TIME = 3


SHARES = (0.17, 0.43, 0.10, 0.30)  # by Kind
# Shape, and mean purchases a year, of the gamma from which each kind's rate is drawn.
RATES: tuple[tuple[float, float], ...] = ((3.0, 9.0), (1.2, 6.0), (2.0, 6.0), (1.0, 0.0))
DROPOUT_SHAPE, DROPOUT_SCALE_DAYS = 2.0, 500.0  # μ ~ Gamma(shape, 1 / scale): mean 1 in 250 days
SPEND_P, SPEND_Q, SPEND_GAMMA = 4.0, 5.0, 68.0  # mean order: pγ / (q − 1) = 68 euros
KNOWN_BEFORE = 0.62  # came before the first simulated day


@dataclass(frozen=True)
class Lives:
    """One row a person. Days count from the first simulated one, and may be before it."""

    kind: Ints
    start: Floats  # the first purchase
    rate: Floats  # λ, a day of business time
    dropout: Floats  # μ, a day; 0 where nobody drops out
    end: Floats  # the last day as a customer; infinite where it never comes
    pause_from: Floats
    pause_to: Floats
    nu: Floats  # ν, an inverse of euros

    @property
    def mean_order(self) -> Floats:
        return SPEND_P / self.nu

    def exposure(self, calendar: Calendar, low: Floats | float, high: Floats | float) -> Floats:
        """Business time between two instants during which each person may buy."""
        zero = np.zeros_like(self.start)
        a = np.maximum(self.start, low + zero)
        b = np.maximum(np.minimum(self.end, high + zero), a)
        c = np.clip(self.pause_from, a, b)
        d = np.clip(self.pause_to, a, b)
        w = calendar.warp
        return w(b) - w(a) - (w(d) - w(c))


@dataclass(frozen=True)
class Purchases:
    """One row an order, in no order yet."""

    person: Ints  # within the block
    at: Floats  # days
    euros: Floats  # what it should come to; the lines come close
    first: Ints  # 1 for a person's first purchase
    caused_by: Ints  # the campaign without which it would not be; -1 for most


def lives(scenario: Scenario, block: int, folk: People, calendar: Calendar) -> Lives:
    chance = stream(scenario.seed, "lives", block)
    count = len(folk)
    kind = chance.choice(len(SHARES), size=count, p=SHARES).astype(np.int64)
    before = chance.random(count) < KNOWN_BEFORE
    horizon = np.where(before, calendar.warp(-HISTORY_DAYS), calendar.warp(0))
    until = np.where(before, calendar.warp(0), calendar.warp(calendar.days))
    start = calendar.unwarp(horizon + chance.random(count) * (until - horizon))
    shape = np.array([s for s, _ in RATES])[kind]
    mean = np.array([m for _, m in RATES])[kind] / 365
    rate = chance.standard_gamma(shape) / shape * mean
    dropout = chance.standard_gamma(np.full(count, DROPOUT_SHAPE)) / DROPOUT_SCALE_DAYS
    lifetime = chance.standard_exponential(count) / dropout
    drifting, returning = kind == Kind.DRIFTING, kind == Kind.RETURNING
    end = np.where(drifting, start + lifetime, np.where(kind == Kind.ONE_TIME, start, np.inf))
    pause = start + 60 + chance.random(count) * 540
    length = 120 + chance.random(count) * 180
    return Lives(
        kind=kind,
        start=start,
        rate=rate,
        dropout=np.where(drifting, dropout, 0.0),
        end=end,
        pause_from=np.where(returning, pause, np.inf),
        pause_to=np.where(returning, pause + length, np.inf),
        nu=chance.standard_gamma(np.full(count, SPEND_Q)) / SPEND_GAMMA,
    )


def poisson_times(
    chance: np.random.Generator, life: Lives, calendar: Calendar, window: tuple[float, float]
) -> tuple[Ints, Floats]:
    """Person and day of each repeat purchase between two days."""
    low = np.maximum(life.start, window[0])
    high = np.maximum(np.minimum(life.end, window[1]), low)
    a, b = calendar.warp(low), calendar.warp(high)
    many = chance.poisson(life.rate * (b - a))
    person = np.repeat(np.arange(len(many)), many)
    at = calendar.unwarp(a[person] + chance.random(len(person)) * (b - a)[person])
    awake = (at < life.pause_from[person]) | (at >= life.pause_to[person])
    return person[awake], at[awake]


def purchases(scenario: Scenario, block: int, life: Lives, calendar: Calendar) -> Purchases:
    """What people would buy in the simulated time, were there no campaign."""
    chance = stream(scenario.seed, "purchases", block)
    person, at = poisson_times(chance, life, calendar, (0.0, float(calendar.days)))
    new = np.flatnonzero((life.start >= 0) & (life.start < calendar.days))
    person = np.concatenate([person, new])
    at = np.concatenate([at, life.start[new]])
    first = np.zeros(len(person), dtype=np.int64)
    first[len(person) - len(new) :] = 1
    euros = chance.standard_gamma(SPEND_P, size=len(person)) / life.nu[person]
    return Purchases(person, at, euros, first, np.full(len(person), -1, dtype=np.int64))


@dataclass(frozen=True)
class Future:
    """What each person does in the year after the last simulated day; never among the events."""

    alive: Ints  # 1 where the person may still buy on the last day
    orders: Ints
    euros: Floats
    expected_orders: Floats  # given the person's parameters and whether they are alive
    expected_euros: Floats


def future(scenario: Scenario, block: int, life: Lives, calendar: Calendar) -> Future:
    chance = stream(scenario.seed, "future", block)
    last = float(calendar.days)
    person, _ = poisson_times(chance, life, calendar, (last, last + FUTURE_DAYS))
    orders = np.bincount(person, minlength=len(life.start))
    euros = np.where(orders > 0, chance.standard_gamma(SPEND_P * np.maximum(orders, 1)), 0.0)
    alive = (life.end > last) & (life.kind != Kind.ONE_TIME)
    # Survival to the middle of each day to come, times how busy that day is.
    ahead = np.arange(FUTURE_DAYS)
    busy = calendar.factor[HISTORY_DAYS + calendar.days :]
    survival = np.exp(-life.dropout[:, None] * (ahead + 0.5))
    asleep = (last + ahead + 0.5 >= life.pause_from[:, None]) & (
        last + ahead + 0.5 < life.pause_to[:, None]
    )
    expected = alive * life.rate * (survival * ~asleep * busy).sum(axis=1)
    return Future(
        alive=alive.astype(np.int64),
        orders=orders.astype(np.int64),
        euros=euros / life.nu,
        expected_orders=expected,
        expected_euros=expected * life.mean_order,
    )
