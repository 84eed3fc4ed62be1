"""What people agree to, refuse and withdraw, as events of the system that they told it to."""

from __future__ import annotations

import numpy as np

from pupitre.flow.collect.simulation import consents as agreed
from pupitre.flow.collect.simulation import rows, words
from pupitre.flow.collect.simulation.consents import Consents
from pupitre.flow.collect.simulation.contracts import DAY_US, Scenario
from pupitre.flow.collect.simulation.devices import MOBILE, Devices
from pupitre.flow.collect.simulation.moments import spread
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.profiles import Profiles
from pupitre.flow.collect.simulation.rows import (
    CONSENTS,
    GIVEN,
    MAIL,
    REFUSED,
    TILLS,
    WEB,
    WITHDRAWN,
    Ledger,
)
from pupitre.flow.collect.simulation.seasons import Calendar
from pupitre.flow.collect.simulation.streams import Floats, Ints
from pupitre.flow.collect.simulation.text import strings

TAKEN_OVER_HOUR = 0.4  # day 0: what earlier systems knew is handed over


def note_consents(
    scenario: Scenario,
    ledger: Ledger,
    folk: People,
    calendar: Calendar,
    consents: Consents,
    account_at: Ints,
    profile: Profiles,
    devices: Devices,
) -> None:
    last = float(calendar.days)
    for purpose, (name, channel, _) in enumerate(words.PURPOSES):
        said = f'{{"purpose":"{name}","channel":"{channel}"'
        plain = ledger.properties.add(strings([said + "}", said + ',"taken_over":true}']))
        asked, given = consents.asked[purpose], consents.given[purpose]
        web = folk.has_account if channel != "web" else np.ones(len(folk), dtype=np.bool_)
        for where, mask in ((WEB, web), (TILLS, ~web)):
            for what, those in ((GIVEN, given), (REFUSED, ~given)):
                person = np.flatnonzero(mask & those & (asked < last))
                early = asked[person] < 0
                # Asked right after the account or the card came to be, or handed over on day 0.
                at = spread(scenario, calendar, np.where(early, TAKEN_OVER_HOUR, asked[person]))
                opened = account_at[person] + 5_000_000
                at = np.where(early | (where == TILLS), at, np.maximum(at, opened))
                tell(ledger, folk, (where, what), at, person, account_at, profile, devices,
                     plain + early.astype(np.int64))  # fmt: skip
        leaving = MAIL if channel in ("email", "sms") else WEB
        for times, what in ((consents.withdrawn, WITHDRAWN), (consents.again, GIVEN)):
            day: Floats = times[purpose]
            person = np.flatnonzero((day >= 0) & (day < last))
            # To the microsecond: nothing may be sent to them after it.
            at = scenario.origin_us + (day[person] * DAY_US).astype(np.int64)
            tell(ledger, folk, (leaving, what), at, person, account_at, profile, devices,
                 np.full(len(person), plain))  # fmt: skip
            if what == WITHDRAWN and leaving == MAIL:
                kind = rows.SMS_LEFT if purpose == agreed.SMS else rows.MAIL_LEFT
                by_phone = purpose == agreed.SMS
                ledger.note(
                    kind,
                    at - 1_000,
                    person,
                    signed=folk.has_account[person],
                    anon=(profile.phone_id if by_phone else profile.mail_id) + person,
                    context=(profile.mobile if by_phone else profile.mailbox) + person,
                    properties=plain,
                )


def tell(
    ledger: Ledger,
    folk: People,
    key: tuple[str, int],
    at: Ints,
    person: Ints,
    account_at: Ints,
    profile: Profiles,
    devices: Devices,
    properties: Ints,
) -> None:
    where = key[0]
    if where == WEB:
        slot = np.full(len(person), MOBILE)
        anon = devices.anon(slot, person, at)
        context = devices.context(slot, person, np.zeros(len(person), dtype=np.int64))
        signed = folk.has_account[person] & (at >= account_at[person])
    elif where == TILLS:
        anon, context = profile.card_id + person, profile.card + person
        signed = np.zeros(len(person), dtype=np.bool_)
    else:
        anon, context = profile.mail_id + person, profile.mailbox + person
        signed = folk.has_account[person]
    ledger.note(
        CONSENTS[key], at, person, signed=signed, anon=anon, properties=properties, context=context
    )
