"""E-mails and SMS as the sending tool tells them: sent, bounced, opened, clicked, left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pupitre.flow.collect.simulation import consents as agreed
from pupitre.flow.collect.simulation import rows
from pupitre.flow.collect.simulation.campaigns import Assignment, Campaign
from pupitre.flow.collect.simulation.consents import Consents
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.devices import NEWSLETTER
from pupitre.flow.collect.simulation.lives import Lives
from pupitre.flow.collect.simulation.moments import instant
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.profiles import Profiles
from pupitre.flow.collect.simulation.rows import Ledger
from pupitre.flow.collect.simulation.seasons import Calendar
from pupitre.flow.collect.simulation.streams import Flags, Floats, Ints, stream
from pupitre.flow.collect.simulation.text import quoted, strings

NEWSLETTER_NAME, NEWSLETTER_SUBJECT = "La lettre de Maison Ardoise", "Des idées pour la maison"
NEWSLETTER_EVERY_DAYS, NEWSLETTER_FIRST_DAY, NEWSLETTER_HOUR = 14, 3, 10.0
BOUNCED, CLICKED, SMS_FOLLOWED = 0.012, 0.15, 0.06
SECOND_MAILBOX = 0.3  # of those who have two: the tool writes to the second


@dataclass(frozen=True)
class Sent:
    """Messages, each to a person."""

    person: Ints
    at: Ints
    brought: Ints  # 1 the newsletter, 2 and more: the number of a campaign plus two
    sms: bool


@dataclass(frozen=True)
class Clicks:
    """Visits that a message brought."""

    person: Ints
    at: Ints
    brought: Ints


def newsletters(
    scenario: Scenario, block: int, life: Lives, calendar: Calendar, consents: Consents
) -> Sent:
    chance = stream(scenario.seed, "newsletters", block)
    people, times = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for day in range(NEWSLETTER_FIRST_DAY, calendar.days, NEWSLETTER_EVERY_DAYS):
        low, high = day + (NEWSLETTER_HOUR - 2) / 24, day + (NEWSLETTER_HOUR + 1) / 24
        agree = consents.holds_through(agreed.EMAIL, low, high)
        to = np.flatnonzero(agree & (life.start < day))
        hours = NEWSLETTER_HOUR + chance.random(len(to))
        people.append(to)
        times.append(instant(scenario, calendar, np.full(len(to), day), hours))
    person = np.concatenate(people)
    return Sent(person, np.concatenate(times), np.ones(len(person), dtype=np.int64), sms=False)


def campaign(
    scenario: Scenario,
    block: int,
    calendar: Calendar,
    number: int,
    told: Campaign,
    given: Assignment,
) -> Sent:
    chance = stream(scenario.seed, f"sending {told.key}", block)
    person = given.person[given.treated]
    hours = (told.sent - told.day) * 24 + chance.random(len(person))
    at = instant(scenario, calendar, np.full(len(person), told.day), hours)
    brought = np.full(len(person), number + 2)
    return Sent(person, at, brought, sms=told.plan.channel == "sms")


def subjects(ledger: Ledger, campaigns: tuple[Campaign, ...]) -> int:
    """Write the properties of each message; the place of what brought `1`, minus one."""
    texts = [(NEWSLETTER, NEWSLETTER_NAME, NEWSLETTER_SUBJECT)]
    texts += [(c.key, c.plan.title, c.plan.title) for c in campaigns]
    made = (
        f'{{"campaign_id":{quoted(key)},"campaign_name":{quoted(name)},"subject":{quoted(what)}}}'
        for key, name, what in texts
    )
    return ledger.properties.add(strings(made)) - 1


def reactions(
    scenario: Scenario,
    block: int,
    ledger: Ledger,
    folk: People,
    sent: Sent,
    subject: int,
    profile: Profiles,
    name: str,
) -> Clicks:
    """Note what was sent and what came of it; gives back who came to the site."""
    chance = stream(scenario.seed, f"reactions {name}", block)
    person, count = sent.person, len(sent.person)
    draw = chance.random((3, count))
    delay: Floats = chance.standard_exponential((2, count))
    opened_at = sent.at + 60_000_000 + (delay[0] * 6 * 3_600_000_000).astype(np.int64)
    clicked_at = opened_at + 3_000_000 + (delay[1] * 60_000_000).astype(np.int64)
    properties = subject + sent.brought
    signed = folk.has_account[person]
    if sent.sms:
        anon, context = profile.phone_id + person, profile.mobile + person
        clicked = draw[1] < SMS_FOLLOWED
        clicked_at = opened_at
        runs: tuple[tuple[int, Ints, Flags], ...] = (
            (rows.SMS_SENT, sent.at, np.ones(count, np.bool_)),
            (rows.SMS_CLICKED, opened_at, clicked),
        )
    else:
        second = person % 10 < SECOND_MAILBOX * 10
        anon = profile.mail_id + person
        context = np.where(second, profile.second_mailbox, profile.mailbox) + person
        bounced = draw[0] < BOUNCED
        opened = ~bounced & (draw[1] < folk.opens[person])
        clicked = opened & (draw[2] < CLICKED)
        runs = (
            (rows.MAIL_SENT, sent.at, np.ones(count, np.bool_)),
            (rows.MAIL_BOUNCED, sent.at + 20_000_000, bounced),
            (rows.MAIL_OPENED, opened_at, opened),
            (rows.MAIL_CLICKED, clicked_at, clicked),
        )
    for kind, at, which in runs:
        ledger.note(
            kind,
            at[which],
            person[which],
            signed=signed[which],
            anon=anon[which],
            properties=properties[which],
            context=context[which],
        )
    came = clicked & (folk.has_desktop | folk.has_mobile | folk.has_app)[person]
    return Clicks(person[came], clicked_at[came] + 2_000_000, sent.brought[came])
