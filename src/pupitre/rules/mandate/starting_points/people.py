"""Rows about customers' own data, the same in every starting point: who serves customers reads.

Letters here open pages and fields: A and R read at once, C and I say why; see
``flow/identify/people``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pupitre.rules.mandate.starting_points.pattern import Pattern, row

PEOPLE_ROWS: Mapping[str, Pattern] = MappingProxyType(
    {
        "person.read": row("relations", r="relations commerce", c="dpo steward", i="marketing it"),
        "person.contacts": row("relations", r="relations", c="dpo steward", i="commerce"),
        "person.address": row("commerce", r="commerce relations", c="dpo steward"),
        "person.particulars": row("dpo", r="dpo", c="steward relations"),
        "person.amounts": row("commerce", r="commerce relations", c="dpo", i="marketing"),
        "person.words": row("relations", r="relations", c="dpo", i="marketing"),
        "consent.record": row("relations", r="relations commerce", c="dpo", i="marketing"),
        "consent.link": row("relations", r="relations commerce dpo", i="marketing"),
        "person.merge": row("steward", r="steward relations", i="dpo"),
        "trait.rule": row("steward", r="steward", c="marketing", i="dpo"),
        "trait.correct": row("relations", r="relations dpo", i="steward"),
        "match.run": row("steward", r="steward", i="it"),
        "right.handle": row("dpo", r="relations", i="marketing"),
        "right.decide": row("dpo", r="relations", i="marketing it"),
        "right.erase": row("dpo", r="dpo marketing it", i="relations"),
        "retention.set": row("dpo", r="marketing it", i="relations"),
        "match.decide": row("steward", r="steward relations", i="dpo"),
    }
)
