"""What people agreed to: given, refused, withdrawn, given again; by purpose and channel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pupitre.flow.collect.simulation import words
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.lives import Lives
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.streams import Flags, Floats, Ints, stream

YEARLY_WITHDRAWAL = 0.09  # of those who agreed
SECOND_THOUGHTS = 0.15  # of those who withdrew, those who agree again, months later
EMAIL, SMS, MEASUREMENT, PERSONALISATION = range(4)  # in the order of words.PURPOSES


@dataclass(frozen=True)
class Consents:
    """Purpose × person. Days count from the first simulated one; infinite means never."""

    asked: Floats
    given: Flags
    withdrawn: Floats
    again: Floats

    def holds(self, purpose: int, at: Floats | float) -> Flags:
        """Whether each person agrees, at an instant of each or of all."""
        given: Flags = self.given[purpose] & (self.asked[purpose] <= at)
        stands: Flags = (self.withdrawn[purpose] > at) | (self.again[purpose] <= at)
        return given & stands

    def holds_through(self, purpose: int, low: float, high: float) -> Flags:
        """Whether each person agrees from one instant to another: sending takes its time."""
        return self.holds(purpose, low) & self.holds(purpose, high)

    def stop(self, purpose: int, person: Ints, at: Floats) -> Consents:
        """The same after some withdrew: those who had not done so before, and not again since."""
        withdrawn, again = self.withdrawn.copy(), self.again.copy()
        earlier = at < withdrawn[purpose, person]
        withdrawn[purpose, person[earlier]] = at[earlier]
        again[purpose, person[earlier]] = np.inf
        return replace(self, withdrawn=withdrawn, again=again)


def consents(scenario: Scenario, block: int, folk: People, life: Lives) -> Consents:
    chance = stream(scenario.seed, "consents", block)
    shape = (len(words.PURPOSES), len(folk))
    agree = np.array([share for *_, share in words.PURPOSES])[:, None]
    reachable = np.stack(
        [
            folk.has_account | folk.has_card,
            folk.has_account | folk.has_card,
            folk.has_desktop | folk.has_mobile,
            folk.has_account,
        ]
    )
    given = (chance.random(shape) < agree) & reachable
    asked = np.where(reachable, life.start + chance.random(shape) * 0.01, np.inf)
    after = chance.standard_exponential(shape) * 365 / -np.log1p(-YEARLY_WITHDRAWAL)
    withdrawn = np.where(given, np.maximum(asked, 0.0) + after, np.inf)
    again = np.where(
        chance.random(shape) < SECOND_THOUGHTS,
        withdrawn + 30 + chance.random(shape) * 200,
        np.inf,
    )
    return Consents(asked, given, withdrawn, again)
