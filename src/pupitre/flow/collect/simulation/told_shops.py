"""What the tills tell: tickets with or without the card, and new cards."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pupitre.flow.collect.simulation import rows
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.orders import Orders
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.profiles import Profiles
from pupitre.flow.collect.simulation.rows import Ledger
from pupitre.flow.collect.simulation.streams import Flags, Ints, stream
from pupitre.flow.collect.simulation.text import join, strings

CARD_SHOWN, RECEIPT_BY_MAIL = 0.86, 0.25  # of tickets: by those who have one; of the others


def tickets(
    scenario: Scenario,
    block: int,
    ledger: Ledger,
    folk: People,
    made: Orders,
    completed: int,
    profile: Profiles,
) -> Flags:
    """Notes the tickets; tells by order whether an e-mail address was given for the receipt."""
    chance = stream(scenario.seed, "tickets", block)
    order = np.flatnonzero(~made.online)
    person, count = made.person[order], len(order)
    carded = folk.has_card[person] & (chance.random(count) < CARD_SHOWN)
    mailed = ~carded & (chance.random(count) < RECEIPT_BY_MAIL)
    ticket = ledger.anons.add(join("ticket-", made.key.take(pa.array(order))))
    ledger.note(
        rows.TILL_ORDER,
        made.at[order],
        person,
        anon=np.where(carded, profile.card_id + person, ticket + np.arange(count)),
        properties=completed + order,
        context=np.select(
            [carded, mailed],
            [profile.card + person, profile.receipt + person],
            default=profile.alone,
        ),
        cents=made.cents[order],
    )
    told = np.zeros(len(made), dtype=np.bool_)
    told[order[mailed]] = True
    return told


def cards(ledger: Ledger, folk: People, start: Ints, profile: Profiles, since: int) -> None:
    """Cards taken out in the simulated time: who they are for, as typed at the till."""
    person = np.flatnonzero(folk.has_card & (start >= since))
    at = start[person] - 120_000_000
    anon, context = profile.card_id + person, profile.card + person
    tier = ledger.traits.add(strings(['{"name":"Carte Ardoise","plan":"fidelity"}']))
    ledger.note(
        rows.TILL_IDENTIFY, at, person, anon=anon, traits=profile.till + person, context=context
    )
    ledger.note(rows.TILL_GROUP, at + 1_000, person, anon=anon, traits=tier, context=context)
