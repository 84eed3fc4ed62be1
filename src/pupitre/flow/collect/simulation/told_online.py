"""Visits, sign-ups and returns on line, as events."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from pupitre.flow.collect.simulation import rows, words
from pupitre.flow.collect.simulation.catalogue import QUANTITIES, catalogue
from pupitre.flow.collect.simulation.contracts import DAY_US, Scenario
from pupitre.flow.collect.simulation.devices import KIOSK, MOBILE, PHONE_APP, Devices
from pupitre.flow.collect.simulation.orders import Orders, started
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.profiles import Profiles
from pupitre.flow.collect.simulation.rows import ADD, CHECKOUT, IDENTIFY, OPEN, PAY, VIEW, Ledger
from pupitre.flow.collect.simulation.sessions import NO_ORDER, Sessions, steps
from pupitre.flow.collect.simulation.streams import Ints, stream
from pupitre.flow.collect.simulation.text import join, money, quoted, strings

SITE = "https://www.ardoise.example"
REFERRERS = ("", "https://www.google.com/", "https://www.google.com/", "https://duckduckgo.com/")
RETURNED_ONLINE, RETURNED_SHOP = 0.08, 0.04
REASONS = ("size", "defect", "not_as_described", "changed_mind", "late")
REFUNDED = np.array([rows.TILL_REFUND, rows.WEB_REFUND])


def pages() -> list[str]:
    """Landing pages: the home by several ways, categories, searches."""
    home = [("Accueil", "/", ref) for ref in REFERRERS]
    shelves = [(name, f"/rayon/{n + 1}", "") for n, (name, *_) in enumerate(words.CATEGORIES)]
    found = [
        (f"Recherche : {s}", f"/recherche?q={s.replace(' ', '+')}", "") for s in words.SEARCHES
    ]
    return [
        f'{{"name":"Accueil","path":{quoted(path.partition("?")[0])},"referrer":{quoted(ref)},'
        f'"title":{quoted(title)},"url":{quoted(SITE + path)}}}'
        for title, path, ref in [*home, *shelves, *found]
    ]


def carts() -> Any:
    """A cart of one line, by product and quantity: its value and the line."""
    cents = np.repeat(catalogue().cents, QUANTITIES) * np.tile(
        np.arange(1, QUANTITIES + 1), len(catalogue().cents)
    )
    value = money(cents)
    return join('{"value":', value, ',"currency":"EUR","products":[', catalogue().lines, "]}")


def visits(
    scenario: Scenario,
    block: int,
    ledger: Ledger,
    visit: Sessions,
    made: Orders,
    completed: int,
    profile: Profiles,
    devices: Devices,
) -> None:
    """`completed` is where the properties of the first order stand in the ledger's book."""
    chance = stream(scenario.seed, "steps", block)
    step = steps(chance, visit)
    which, kind = step.visit, step.kind
    count, order = len(which), visit.order[which]
    person, slot = visit.person[which], visit.slot[which]
    put = ledger.properties.add
    open_base, view_base = put(strings(pages())), put(catalogue().viewed)
    line_base, cart_base, start_base = put(catalogue().lines), put(carts()), put(started(made))
    # People look at what is dear and what is cheap alike, but some things far more than others.
    popular = (chance.random(count) ** 2.2 * words.PRODUCTS).astype(np.int64)
    product = (popular * 7_919) % words.PRODUCTS
    quantity = np.ones(count, dtype=np.int64)
    for bought in (VIEW, ADD):  # the lines of an order were looked at, and put in the cart
        of_order = (kind == bought) & (order != NO_ORDER) & (step.nth < made.lines[order])
        product[of_order] = made.product[order[of_order], step.nth[of_order]]
        quantity[of_order] = made.quantity[order[of_order], step.nth[of_order]]
    line = product * QUANTITIES + quantity - 1
    paying = order != NO_ORDER
    landing = chance.integers(len(pages()), size=count)
    properties = np.select(
        [kind == OPEN, kind == VIEW, kind == ADD, (kind == CHECKOUT) & paying, kind == CHECKOUT],
        [open_base + landing, view_base + product, line_base + line, start_base + order,
         cart_base + line],
        default=rows.NOTHING,
    )  # fmt: skip
    properties = np.where(kind == PAY, completed + order, properties)
    cart_cents = catalogue().cents[product] * quantity
    cents = np.where((kind == CHECKOUT) & ~paying, cart_cents, -1)
    cents = np.where(((kind == CHECKOUT) | (kind == PAY)) & paying, made.cents[order], cents)
    signed = visit.signed[which]
    traits = np.where(
        slot == KIOSK, profile.kiosk, np.where(signed, profile.account, profile.guest)
    )
    family = np.select([slot == KIOSK, slot == PHONE_APP], [2, 1], default=0)
    ledger.note(
        family * (PAY + 1) + kind,
        step.at,
        person,
        signed=signed & ~((kind == OPEN) & visit.tells[which]),
        anon=visit.anon[which],
        properties=properties,
        traits=np.where(kind == IDENTIFY, traits + person, rows.NOTHING),
        context=devices.context(slot, person, visit.brought[which]),
        cents=cents,
    )


def sign_ups(
    ledger: Ledger, folk: People, account_at: Ints, profile: Profiles, devices: Devices
) -> None:
    """Accounts opened in the simulated time: the account, then the alias of the browser."""
    new = folk.has_account & (account_at > 0) & (folk.has_desktop | folk.has_mobile | folk.has_app)
    person = np.flatnonzero(new)
    at, slot = account_at[person], np.full(len(person), MOBILE)
    anon = devices.anon(slot, person, at)
    context = devices.context(slot, person, np.zeros(len(person), dtype=np.int64))
    form = ledger.properties.add(strings(['{"form":"account","method":"email"}']))
    common: dict[str, Any] = {"signed": True, "anon": anon, "context": context}
    ledger.note(rows.WEB_SIGNED_UP, at, person, properties=form, **common)
    ledger.note(rows.WEB_ALIAS, at + 1_000, person, **common)
    ledger.note(IDENTIFY, at + 2_000, person, traits=profile.account + person, **common)


def returns(
    scenario: Scenario,
    block: int,
    ledger: Ledger,
    folk: People,
    made: Orders,
    account_at: Ints,
    profile: Profiles,
    devices: Devices,
) -> None:
    """One line sent back, or brought back to a shop, days after."""
    chance = stream(scenario.seed, "returns", block)
    share = np.where(made.online, RETURNED_ONLINE, RETURNED_SHOP)
    back = np.flatnonzero(chance.random(len(made)) < share)
    person, count = made.person[back], len(back)
    by_mail = made.online[back] & (chance.random(count) < 0.7)
    at = made.at[back] + ((3 + chance.random(count) * 18).astype(np.int64)) * DAY_US
    product, quantity = made.product[back, 0], made.quantity[back, 0]
    cents = catalogue().cents[product] * quantity
    reason = strings(REASONS).take(pa.array(chance.integers(len(REASONS), size=count)))
    place = ledger.properties.add(
        join(
            '{"order_id":"',
            made.key.take(pa.array(back)),
            '","total":',
            money(cents),
            ',"currency":"EUR","reason":"',
            reason,
            '","products":[',
            catalogue().lines.take(pa.array(product * QUANTITIES + quantity - 1)),
            "]}",
        )
    )
    slot = np.full(count, MOBILE)
    web_context = devices.context(slot, person, np.zeros(count, dtype=np.int64))
    carded = folk.has_card[person]
    till_context = np.where(carded, profile.card + person, profile.alone)
    ticket = ledger.anons.add(join("ticket-", made.key.take(pa.array(back)), "-R"))
    till_anon = np.where(carded, profile.card_id + person, ticket + np.arange(count))
    signed = by_mail & folk.has_account[person] & (at >= account_at[person])
    ledger.note(
        REFUNDED[by_mail.astype(np.int64)],
        at,
        person,
        signed=signed,
        anon=np.where(by_mail, devices.anon(slot, person, at), till_anon),
        properties=place + np.arange(count),
        context=np.where(by_mail, web_context, till_context),
        cents=cents,
    )
