"""What people hold in their hands: browsers with cookies, applications, tablets, kiosks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from pupitre.flow.collect.simulation.campaigns import Campaign
from pupitre.flow.collect.simulation.catalogue import KIOSKS_A_SHOP, catalogue
from pupitre.flow.collect.simulation.contracts import DAY_US, Scenario
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.streams import Ints, mixed
from pupitre.flow.collect.simulation.text import hexadecimal, join, quoted, strings

DESKTOP, MOBILE, PHONE_APP, TABLET, KIOSK = range(5)
LIBRARY = ("analytics.js", "analytics.js", "analytics-kotlin", "analytics.js", "analytics.js")
COOKIE_DAYS = (200, 90)  # how long a browser keeps its id: on a desk, on a telephone
PROFILES: tuple[tuple[str, ...], ...] = (
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari",
        "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0 Mobile",
        "Mozilla/5.0 (Linux; Android 13; SM-A546B) AppleWebKit/537.36 Chrome/130.0 Mobile",
    ),
    ("MaisonArdoise/4.2 (iOS 18.1)", "MaisonArdoise/4.2 (Android 14)", "MaisonArdoise/4.0"),
    ("Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 Safari",) * 3,
    ("MaisonArdoise-Borne/1.9 (Linux; kiosk)",) * 3,
)
PROFILES_EACH = 3
NEWSLETTER = "lettre"


def contexts(campaigns: tuple[Campaign, ...]) -> Any:
    """By device, profile and what brought the visit: nothing, the newsletter, a campaign."""
    brought: list[dict[str, str] | None] = [None]
    brought.append({"name": NEWSLETTER, "source": "email-tool", "medium": "email"})
    for campaign in campaigns:
        medium = campaign.plan.channel
        brought.append({"name": campaign.key, "source": "email-tool", "medium": medium})
    made = []
    for library, profiles in zip(LIBRARY, PROFILES, strict=True):
        for profile in profiles:
            for campaign_context in brought:
                said: dict[str, Any] = {
                    "library": {"name": library, "version": "2.11.1"},
                    "locale": "fr-FR",
                    "timezone": "Europe/Paris",
                    "userAgent": profile,
                }
                if campaign_context:
                    said["campaign"] = campaign_context
                made.append(json.dumps(said, separators=(",", ":")))
    return strings(made)


@dataclass(frozen=True)
class Devices:
    """Where the anonymous ids of a block stand in its book."""

    scenario: Scenario
    count: int  # people
    number: Ints
    household: Ints
    bases: tuple[int, ...]  # by slot
    epochs: tuple[int, int]
    end: int  # of the devices: further ids are of other things
    brought: int  # how many things may bring a visit
    context_base: int

    def anon(self, slot: Ints, person: Ints, at: Ints) -> Ints:
        """The id that a person's device had at an instant (kiosks have theirs by shop)."""
        day = (at - self.scenario.origin_us) // DAY_US
        found = np.where(slot == PHONE_APP, self.bases[PHONE_APP] + person, 0)
        for browser in (DESKTOP, MOBILE):
            keeps = COOKIE_DAYS[browser]
            shift = (mixed(self.number[person], browser) % np.uint64(keeps)).astype(np.int64)
            epoch = np.minimum((day + shift) // keeps, self.epochs[browser] - 1)
            place = self.bases[browser] + person * self.epochs[browser] + epoch
            found = np.where(slot == browser, place, found)
        return np.where(slot == TABLET, self.bases[TABLET] + self.household[person], found)

    def kiosk(self, shop: Ints, which: Ints) -> Ints:
        return self.bases[KIOSK] + shop * KIOSKS_A_SHOP + which

    def context(self, slot: Ints, person: Ints, brought: Ints) -> Ints:
        profile = (mixed(self.number[person], 5) % np.uint64(PROFILES_EACH)).astype(np.int64)
        return self.context_base + (slot * PROFILES_EACH + profile) * self.brought + brought


def devices(
    scenario: Scenario,
    folk: People,
    anons: Any,
    books_contexts: Any,
    campaigns: tuple[Campaign, ...],
) -> Devices:
    """Write the block's device ids into its book."""
    epochs = (scenario.days // COOKIE_DAYS[0] + 2, scenario.days // COOKIE_DAYS[1] + 2)
    salt = scenario.seed % 2**31
    bases = []
    for slot, many in ((DESKTOP, epochs[0]), (MOBILE, epochs[1]), (PHONE_APP, 1)):
        codes = np.repeat(folk.number, many) * 256 + slot * 80
        codes += np.tile(np.arange(many), len(folk))
        bases.append(anons.add(hexadecimal(mixed(codes, salt), 16)))
    homes = np.unique(folk.household_number)
    bases.append(anons.add(hexadecimal(mixed(homes * 256 + 255, salt), 16)))
    kiosks = strings(
        f"kiosk-{shop.key}-{n + 1}" for shop in catalogue().shops for n in range(KIOSKS_A_SHOP)
    )
    bases.append(anons.add(kiosks))
    return Devices(
        scenario=scenario,
        count=len(folk),
        number=folk.number,
        household=folk.household,
        bases=tuple(bases),
        epochs=epochs,
        end=len(anons),
        brought=len(campaigns) + 2,
        context_base=books_contexts.add(contexts(campaigns)),
    )


def fields(*pairs: tuple[str, Any]) -> Any:
    """A JSON object of text fields, row by row; a field whose value is null is left out."""
    parts: list[Any] = ["{"]
    wrote: Any = None  # whether something stands before, row by row
    for key, value in pairs:
        text = join(f"{quoted(key)}:", value)
        there = pa.compute.is_valid(value)
        if wrote is None:
            piece, wrote = text, there
        else:
            piece = pa.compute.if_else(wrote, join(",", text), text)
            wrote = pa.compute.or_(wrote, there)
        parts.append(pa.compute.fill_null(piece, ""))
    return join(*parts, "}")
