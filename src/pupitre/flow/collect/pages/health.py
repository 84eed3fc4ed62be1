"""How a source does, from what the collector counted: one word, and the figures behind it."""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pupitre.flow.collect import queries
from pupitre.flow.collect.contracts import ACCEPTED
from pupitre.flow.collect.sources.reading import SourceRow

REFUSING_SHARE = 0.05  # of what a source sent in a day: more is somebody's mistake
SILENT_AFTER = timedelta(days=1)


class State(enum.StrEnum):
    CLOSED = "closed"
    NO_KEY = "no_key"
    NEVER = "never"
    REFUSING = "refusing"
    SILENT = "silent"
    WELL = "well"

    @property
    def words(self) -> str | Promise:
        return _WORDS[self]

    @property
    def tone(self) -> str:
        """The class of its chip."""
        return {State.WELL: "good", State.REFUSING: "bad", State.SILENT: "warn"}.get(self, "")


_WORDS: Mapping[State, str | Promise] = {
    State.CLOSED: pgettext_lazy("a source", "closed"),
    State.NO_KEY: _("has no key yet"),
    State.NEVER: _("has sent nothing yet"),
    State.REFUSING: _("refuses events"),
    State.SILENT: _("has gone silent"),
    State.WELL: _("receives"),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What the collector counted of one source."""

    last_at: datetime | None = None
    accepted_hour: int = 0
    accepted_day: int = 0
    refused_day: int = 0
    reasons: tuple[tuple[str, int], ...] = ()  # of the day, the most frequent first


@dataclass(frozen=True, slots=True)
class Health:
    state: State
    last_at: datetime | None
    accepted_hour: int
    accepted_day: int
    refused_day: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def refused_share(self) -> float:
        sent = self.accepted_day + self.refused_day
        return self.refused_day / sent if sent else 0.0


def judge(source: SourceRow, figures: Figures, *, at: datetime) -> Health:
    """Pure: the first of these that is so."""
    sent = figures.accepted_day + figures.refused_day
    if not source.open:
        state = State.CLOSED
    elif sent and figures.refused_day / sent > REFUSING_SHARE:
        state = State.REFUSING
    elif figures.last_at is None:
        state = State.NEVER if source.keys_taken(at) else State.NO_KEY
    elif at - figures.last_at > SILENT_AFTER:
        state = State.SILENT
    else:
        state = State.WELL
    return Health(
        state,
        figures.last_at,
        figures.accepted_hour,
        figures.accepted_day,
        figures.refused_day,
        figures.reasons,
    )


def health_of(sources: Iterable[SourceRow], *, at: datetime) -> Mapping[str, Health]:
    rows = tuple(sources)
    figures = figures_of(tuple(row.key for row in rows), at=at)
    return {row.key: judge(row, figures.get(row.key, Figures()), at=at) for row in rows}


def figures_of(keys: tuple[str, ...], *, at: datetime) -> Mapping[str, Figures]:
    """From the collector's counters: the day and the hour before an instant, and the last event."""
    minute = timedelta(minutes=1)
    accepted: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    only = keys[0] if len(keys) == 1 else ""
    for one in queries.counts(
        since=at - timedelta(days=1), until=at + minute, source=only, step_minutes=60
    ):
        if one.is_refusal:
            reasons[one.source][one.outcome] += one.events
        elif one.outcome == ACCEPTED:
            accepted[one.source] += one.events
    hour = {
        rates.source: rates.accepted
        for rates in queries.rates(since=at - timedelta(hours=1), until=at + minute, source=only)
    }
    return {
        key: Figures(
            last_at=next((e.at for e in queries.latest_events(source=key, limit=1)), None),
            accepted_hour=hour.get(key, 0),
            accepted_day=accepted[key],
            refused_day=reasons[key].total(),
            reasons=tuple(reasons[key].most_common()),
        )
        for key in keys
    }
