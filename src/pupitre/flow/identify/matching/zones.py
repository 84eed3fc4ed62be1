"""What is done with a score: linked by rule, proposed to a steward, or nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pupitre.flow.identify.matching.assigning import one_to_one
from pupitre.flow.identify.matching.contracts import Pair, Reason, Thresholds, Zone
from pupitre.flow.identify.matching.model import Model
from pupitre.flow.identify.matching.scoring import evidence, own_bits, prior_bits

NOTHING, PROPOSED, LINKED = 0, 1, 2
OTHERS_FROM = -math.log2(9)  # bits: what is somebody's own says 9 to 1 that they are two
ZONES = (Zone.NOTHING, Zone.PROPOSED, Zone.LINKED)


@dataclass(frozen=True, slots=True)
class Expected:
    """A zone as the model's own probabilities see it."""

    zone: Zone
    pairs: int
    precision: float | None  # the mean probability; None where the zone is empty


@dataclass(frozen=True)
class Sorted:
    """`scored` is `scoring.tidy`'s table; `zone` (a place in ZONES) and `reason` go by its rows."""

    model: Model
    scored: pa.Table
    zone: npt.NDArray[np.int64]
    reason: tuple[Reason | None, ...]

    def expected(self) -> tuple[Expected, ...]:
        """Of the zones that are acted upon, in the order linked, proposed."""
        probability = self.scored["probability"].to_numpy()
        made = []
        for number in (LINKED, PROPOSED):
            those = probability[self.zone == number]
            precision = float(those.mean()) if len(those) else None
            made.append(Expected(ZONES[number], len(those), precision))
        return tuple(made)

    def pairs(self, zone: Zone) -> Iterator[Pair]:
        """Of one zone, the most likely first, with all that speaks for and against."""
        rows = np.flatnonzero(self.zone == ZONES.index(zone))
        part, prior = self.scored.take(pa.array(rows)), prior_bits(self.model)
        told = zip(rows, part.to_pylist(), evidence(part, self.model), strict=True)
        for row, said, why in told:
            yield Pair(
                left=said["left"],
                right=said["right"],
                weight=said["weight"],
                probability=said["probability"],
                zone=zone,
                reason=self.reason[row],
                prior=prior,
                evidence=why,
            )


def sort(
    scored: pa.Table, model: Model, thresholds: Thresholds, *, without_duplicates: bool = False
) -> Sorted:
    """Each scored pair into its zone.

    `without_duplicates` says that two sources were linked and neither holds anybody twice.
    """
    probability = scored["probability"].to_numpy()
    zone = np.where(
        probability >= thresholds.link_from,
        LINKED,
        np.where(probability >= thresholds.propose_from, PROPOSED, NOTHING),
    ).astype(np.int64)
    reason: list[Reason | None] = [None] * len(scored)
    if not model.taught:
        for row in np.flatnonzero(zone == LINKED):
            zone[row], reason[row] = PROPOSED, Reason.NOT_TAUGHT
    own = own_bits(scored, model)
    for row in np.flatnonzero((zone > NOTHING) & (own <= 0)):
        zone[row] = NOTHING if own[row] <= OTHERS_FROM else min(zone[row], PROPOSED)
        reason[row] = Reason.NOTHING_OWN
    if without_duplicates:
        stays = one_to_one(scored)
        beaten = (zone > NOTHING) & ~stays & _has_partner(scored, stays)
        for row in np.flatnonzero(beaten):
            zone[row], reason[row] = NOTHING, Reason.BETTER_PARTNER
    return Sorted(model, scored, zone, tuple(reason))


def _has_partner(scored: pa.Table, stays: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Rows of which one side is assigned to somebody."""
    left, right = (np.asarray(scored[side].to_pylist(), dtype=object) for side in ("left", "right"))
    taken = set(left[stays]), set(right[stays])
    return np.array(
        [a in taken[0] or b in taken[1] for a, b in zip(left, right, strict=True)], dtype=np.bool_
    )
