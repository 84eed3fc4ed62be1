"""What is true, in tables of its own: never among the events, and enough to mark any answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.collect.simulation import words
from pupitre.flow.collect.simulation.block import Block
from pupitre.flow.collect.simulation.catalogue import catalogue
from pupitre.flow.collect.simulation.contracts import DAY_US, Scenario
from pupitre.flow.collect.simulation.devices import KIOSK, TABLET
from pupitre.flow.collect.simulation.lives import Kind
from pupitre.flow.collect.simulation.seasons import HISTORY_DAYS, in_sales, public_holidays
from pupitre.flow.collect.simulation.streams import Flags, Floats, Ints
from pupitre.flow.collect.simulation.text import strings

PUT_DOWN_US = 30 * 60_000_000  # a shared device left alone for so long is in nobody's hand


def stamps(values: Ints, there: Flags | None = None) -> Any:
    mask = None if there is None else ~there
    return pa.array(values, type=pa.int64(), mask=mask).view(pa.timestamp("us"))


def instants(scenario: Scenario, days: Floats) -> Any:
    """Days counted from the first simulated one; null where they never come."""
    finite = np.isfinite(days) & (np.abs(days) < 200_000)
    there = np.where(finite, days, 0.0)
    return stamps(scenario.origin_us + (there * DAY_US).astype(np.int64), finite)


def people(scenario: Scenario, block: Block) -> Any:
    folk, life, ahead, made = block.folk, block.life, block.future, block.orders
    count = len(folk)
    seen = made.at < scenario.end_us
    orders = np.bincount(made.person[seen], minlength=count)
    cents = np.bincount(made.person[seen], weights=made.cents[seen], minlength=count)
    shops = strings(shop.key for shop in catalogue().shops)
    towns = strings(name for name, *_ in words.TOWNS)
    return pa.table(
        {
            "person": folk.number,
            "household": folk.household_number,
            "user_id": keep(folk.has_account, folk.user_id),
            "first_name": folk.first_name,
            "surname": folk.surname,
            "birth_year": folk.birth_year,
            "town": towns.take(pa.array(folk.town)),
            "shop": shops.take(pa.array(folk.shop)),
            "kind": strings(kind.name.lower() for kind in Kind).take(pa.array(life.kind)),
            "first_purchase_at": instants(scenario, life.start),
            "lost_at": instants(scenario, life.end),
            "pause_from": instants(scenario, life.pause_from),
            "pause_to": instants(scenario, life.pause_to),
            "purchase_rate": life.rate,
            "dropout_rate": life.dropout,
            "spend_nu": life.nu,
            "mean_order_euros": life.mean_order,
            "online_share": folk.online,
            "open_share": folk.opens,
            "orders": orders.astype(np.int64),
            "euros": cents / 100,
            "alive_at_end": ahead.alive.astype(np.bool_),
            "future_orders": ahead.orders,
            "future_euros": ahead.euros,
            "expected_future_orders": ahead.expected_orders,
            "expected_future_euros": ahead.expected_euros,
        }
    )


def keep(mask: Flags, values: Any) -> Any:
    return pc.if_else(pa.array(mask), values, pa.scalar(None, pa.string()))


def listed(
    kind: str, values: Any, person: Any, shared: Any = False, right: Any = None, count: int = 0
) -> Any:
    """Rows of `identifiers`; nulls are left out."""
    many = count or len(values)
    table = pa.table(
        {
            "kind": pa.array([kind] * many, pa.string()),
            "value": values,
            "person": pa.array(person),
            "shared": pa.array(np.broadcast_to(np.asarray(shared, dtype=np.bool_), many)),
            "correct_value": right if right is not None else pa.nulls(many, pa.string()),
        }
    )
    return table.filter(pc.is_valid(table["value"]))


def identifiers(scenario: Scenario, block: Block) -> Any:
    """Every identifier that the block's events carry or that a system knows → its true person."""
    folk, typed, own = block.folk, block.profile.typed, block.profile.own
    number, made = folk.number, block.orders
    anon, person = used(block)
    owners = np.bincount(anon, minlength=len(block.anons))[anon]
    devices = block.devices
    kiosk = (anon >= devices.bases[KIOSK]) & (anon < devices.end)
    tablet = (anon >= devices.bases[TABLET]) & (anon < devices.bases[KIOSK])
    seen = made.at < scenario.end_us
    wrong_own = own.wrong_email & ~folk.second_email.is_valid().to_numpy(zero_copy_only=False)
    parts = [
        listed("user_id", keep(folk.has_account, folk.user_id), number),
        listed("email", folk.email, number),
        listed("email", folk.second_email, number),
        listed("email", folk.shared_email, number, shared=True),
        listed("email", keep(typed.wrong_email, typed.email), number, right=folk.email),
        listed("email", keep(wrong_own, own.email), number, right=folk.email),
        listed("phone", folk.phone, number),
        listed("phone", folk.landline, number, shared=True),
        listed("phone", keep(typed.wrong_phone, typed.phone), number, right=folk.phone),
        listed("phone", keep(own.wrong_phone, own.phone), number, right=folk.phone),
        listed("loyalty_card", folk.card, number),
        listed("handle", folk.handle, number),
        listed(
            "anonymous_id",
            block.anons.take(pa.array(anon)),
            number[person],
            shared=kiosk | tablet | (owners > 1),
        ),
        listed("order_id", made.key.filter(pa.array(seen)), number[made.person[seen]]),
    ]
    return pa.concat_tables(parts)


def used(block: Block) -> tuple[Ints, Ints]:
    """The anonymous ids that events carry, each with each of those who held it."""
    events = block.laid.events
    both = np.unique(np.stack([events.anon, events.person], axis=1)[events.anon >= 0], axis=0)
    return both[:, 0], both[:, 1]


def holders(_: Scenario, block: Block) -> Any:
    """Who had each device in hand, from when to when."""
    events, devices = block.laid.events, block.devices
    rows = np.flatnonzero((events.anon >= 0) & (events.anon < devices.end))
    anon, at, person = events.anon[rows], events.at[rows], events.person[rows]
    order = np.lexsort((at, anon))
    anon, at, person = anon[order], at[order], person[order]
    shared = anon >= devices.bases[TABLET]
    new = np.ones(len(anon), dtype=np.bool_)
    new[1:] = (anon[1:] != anon[:-1]) | (person[1:] != person[:-1])
    new[1:] |= shared[1:] & (at[1:] - at[:-1] > PUT_DOWN_US)
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(anon)) - 1
    kiosk = anon[first] >= devices.bases[KIOSK]
    what = np.where(kiosk, 2, shared[first].astype(np.int64))
    return pa.table(
        {
            "anonymous_id": block.anons.take(pa.array(anon[first])),
            "device": strings(["own", "household", "kiosk"]).take(pa.array(what)),
            "person": block.folk.number[person[first]],
            "from": stamps(at[first]),
            "to": stamps(at[last]),
        }
    )


def orders(scenario: Scenario, block: Block) -> Any:
    made = block.orders
    seen = made.at < scenario.end_us
    cause = made.caused_by[seen]
    keys = strings([campaign.key for campaign in block.campaigns] or [""])
    return pa.table(
        {
            "order_id": made.key.filter(pa.array(seen)),
            "person": block.folk.number[made.person[seen]],
            "at": stamps(made.at[seen]),
            "online": made.online[seen],
            "first": (made.first == 1)[seen],
            "model_euros": made.euros[seen],
            "euros": made.cents[seen] / 100,
            "receipt_by_email": block.receipts[seen],
            "caused_by": keys.take(pa.array(np.maximum(cause, 0), mask=cause < 0)),
        }
    )


def assignments(scenario: Scenario, block: Block) -> Any:
    parts = [
        pa.table(
            {
                "campaign": pa.array([campaign.key] * len(given.person), pa.string()),
                "person": block.folk.number[given.person],
                "group": strings(["control", "treated"]).take(
                    pa.array(given.treated.astype(np.int64))
                ),
                "expected_orders_without": given.orders_without,
                "expected_orders_with": given.orders_with,
                "expected_euros_without": given.euros_without,
                "expected_euros_with": given.euros_with,
                "withdrew_at": instants(scenario, given.stopped),
            }
        )
        for campaign, given in zip(block.campaigns, block.assignments, strict=True)
    ]
    return pa.concat_tables(parts) if parts else None


def consents(scenario: Scenario, block: Block) -> Any:
    agreed, number = block.consents, block.folk.number
    parts = []
    for purpose, (name, channel, _) in enumerate(words.PURPOSES):
        asked = agreed.asked[purpose]
        rows = np.flatnonzero(np.isfinite(asked) & (asked < block.calendar.days))
        parts.append(
            pa.table(
                {
                    "person": number[rows],
                    "purpose": pa.array([name] * len(rows), pa.string()),
                    "channel": pa.array([channel] * len(rows), pa.string()),
                    "given": agreed.given[purpose][rows],
                    "asked_at": instants(scenario, asked[rows]),
                    "withdrawn_at": instants(scenario, agreed.withdrawn[purpose][rows]),
                    "given_again_at": instants(scenario, agreed.again[purpose][rows]),
                }
            )
        )
    return pa.concat_tables(parts)


TABLES = (people, identifiers, holders, orders, assignments, consents)
NAMES = ("people", "identifiers", "device_holders", "orders", "assignments", "consents")


def of_block(scenario: Scenario, block: Block) -> Mapping[str, Any]:
    made = {name: make(scenario, block) for name, make in zip(NAMES, TABLES, strict=True)}
    return {name: table for name, table in made.items() if table is not None}


# --- of the whole company ------------------------------------------------------------------------


def tally(block: Block) -> Any:
    """What a block adds to each campaign's true effect: sums, by campaign."""
    rows = []
    for given in block.assignments:
        treated = given.treated
        sums = (given.orders_without, given.orders_with, given.euros_without, given.euros_with)
        rows.append([treated.sum(), (~treated).sum(), *(part[treated].sum() for part in sums)])
    return np.array(rows, dtype=np.float64).reshape(len(rows), 6)


def campaigns(scenario: Scenario, planned: Any, totals: Any) -> Any:
    """Each campaign: what it truly did to those who got it, as an average over them."""
    plans = [campaign.plan for campaign in planned]
    many = np.maximum(totals[:, 0], 1)
    low = np.array([c.window[0] for c in planned], dtype=np.float64)
    high = np.array([c.window[1] for c in planned], dtype=np.float64)
    sent = np.array([c.sent for c in planned], dtype=np.float64)
    return pa.table(
        {
            "campaign": strings(c.key for c in planned),
            "title": strings(p.title for p in plans),
            "channel": strings(p.channel for p in plans),
            "sent_at": instants(scenario, sent),
            "window_from": instants(scenario, low),
            "window_to": instants(scenario, high),
            "control_share": pa.array([p.control_share for p in plans], pa.float64()),
            "order_lift": pa.array([p.order_lift for p in plans], pa.float64()),
            "basket_lift": pa.array([p.basket_lift for p in plans], pa.float64()),
            "treated": totals[:, 0].astype(np.int64),
            "control": totals[:, 1].astype(np.int64),
            "orders_each_without": totals[:, 2] / many,
            "orders_each_with": totals[:, 3] / many,
            "euros_each_without": totals[:, 4] / many,
            "euros_each_with": totals[:, 5] / many,
        }
    )


def season(scenario: Scenario, calendar: Any) -> Any:
    days = [scenario.first + timedelta(days=n) for n in range(scenario.days)]
    return pa.table(
        {
            "day": pa.array(days, pa.date32()),
            "factor": calendar.factor[HISTORY_DAYS : HISTORY_DAYS + scenario.days],
            "shops_open": calendar.open[: scenario.days],
            "public_holiday": pa.array([d in public_holidays(d.year) for d in days]),
            "sales": pa.array([in_sales(d) for d in days]),
        }
    )
