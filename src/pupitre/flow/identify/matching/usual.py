"""What is usual of one person's records, for where the records themselves teach nothing.

Expectation-maximisation finds the clearest split among pairs. Where hardly any pair is one person
(who is who has joined the others before), the clearest split is between strangers and households
or towns, and what it calls one person's records differ in first name and birthday. That is seen
from those columns, and then none of what was learnt of one person's records is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from pupitre.flow.identify.matching.comparing import kind_of
from pupitre.flow.identify.matching.contracts import Kind
from pupitre.flow.identify.matching.expecting import Floats

BELIEVED_FROM = 0.5  # of one person's records agree in a first name, a surname, a birthday
_TELLING = frozenset({Kind.GIVEN_NAME, Kind.SURNAME, Kind.BIRTH_DATE})
# Of one person's two records: how many agree, how many differ; the rest lies between. Set from what
# such records are: people move and marry, and what they share was joined before. No measurement.
_SHARES: Mapping[Kind, tuple[float, float]] = MappingProxyType(
    {
        Kind.GIVEN_NAME: (0.85, 0.05),
        Kind.SURNAME: (0.85, 0.08),
        Kind.BIRTH_DATE: (0.85, 0.05),
        Kind.HOUSE_NUMBER: (0.80, 0.15),
        Kind.STREET: (0.75, 0.15),
        Kind.ADDRESS_LINE: (0.50, 0.40),
        Kind.LOCALITY: (0.85, 0.10),
        Kind.POSTCODE: (0.80, 0.10),
        Kind.REGION: (0.90, 0.08),
        Kind.EMAIL: (0.30, 0.40),
        Kind.TELEPHONE: (0.40, 0.40),
        Kind.IDENTIFIER: (0.30, 0.50),
    }
)


def believed(learnt: Mapping[str, Floats]) -> tuple[dict[str, Floats], bool]:
    """By column, the share of each level among one person's records: as learnt, or as usual; and
    whether it was learnt."""
    telling = [same for name, same in learnt.items() if kind_of(name) in _TELLING]
    if all(same[0] >= BELIEVED_FROM for same in telling):
        return dict(learnt), True
    return {name: _usual(kind_of(name), len(same)) for name, same in learnt.items()}, False


def _usual(kind: Kind, levels: int) -> Floats:
    same, different = _SHARES[kind]
    shares: Floats = np.full(levels, (1 - same - different) / max(levels - 2, 1))
    shares[0], shares[-1] = same, different
    shares /= shares.sum()
    return shares
