"""Each night: what is older than it is kept for goes, and is written down.

A customer's events count from their last one, by whatever they were known then: who came back
yesterday is no prospect of three years ago. Nothing goes of whom the law makes us keep everything
of (``holding``). Whoever is left without an event is left to the rights of erasure: the book is not
touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import ngettext

from pupitre.core import clock as wall
from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.flow.identify.models import (
    Restraint,
    RetentionRule,
    RetentionRun,
    RightsRequest,
    Use,
)
from pupitre.flow.identify.models.retention import Kept
from pupitre.flow.identify.models.rights import OPEN_STATES
from pupitre.flow.identify.retention.holding import held_identities, several_identities
from pupitre.flow.identify.retention.rules import NAMES
from pupitre.flow.identify.rights.activities import KEEPER, RETENTION_SET
from pupitre.flow.identify.rights.clock import months_after
from pupitre.flow.identify.timeline.reading import identities
from pupitre.lake import queries
from pupitre.lake import services as lake
from pupitre.lake.contracts import Forgotten, Sql, Value
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject

AT_ONCE = 200_000  # events in one erasure of the lake: each ends its past states
_SOMEBODY_S = "(identity LIKE 'user_id:%' OR identity IN (SELECT unnest($named)))"
# Nor under any other identity of the same person. $texts and $people: which are.
_QUIET = (
    "identity NOT IN (SELECT identity FROM {events} WHERE corrected_at >= $before) "
    "AND identity NOT IN (SELECT text FROM whose WHERE person IN (SELECT person FROM whose "
    "WHERE text IN (SELECT identity FROM {events} WHERE corrected_at >= $before)))"
)
_WHOSE = "WITH whose AS (SELECT unnest($texts) AS text, unnest($people) AS person) "
_KEPT = "identity NOT IN (SELECT unnest($held))"
_OLD = "SELECT source, message_id FROM {events} WHERE "


@dataclass(frozen=True)
class NoteKept(Action):
    """Write down what a rule deleted, and delete old requests within the same transaction."""

    activity: ClassVar[Activity] = RETENTION_SET
    kept: str
    channel: str
    before: datetime
    removed: int

    def subject(self) -> Subject:
        return Subject(f"retention:{self.kept}:{self.channel}", self.title())

    def title(self) -> Bilingual:
        name = NAMES[self.kept]
        return bilingual(
            lambda: (
                ngettext(
                    "Delete by its age: %(count)s of “%(what)s”",
                    "Delete by their age: %(count)s of “%(what)s”",
                    self.removed,
                )
                % {"count": self.removed, "what": name}
            )
        )

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        removed = self.removed
        if self.kept == Kept.REQUESTS:
            removed = _old_requests(self.before)
        RetentionRun.objects.create(
            kept=self.kept, channel=self.channel, before=self.before, removed=removed, at=at
        )
        return removed


def before_of(rule: RetentionRule, *, at: datetime) -> datetime:
    """What is older goes: midnight of the company's day so many months ago."""
    day = months_after(wall.day_of(at), -rule.months)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.TIME_ZONE))


def keep(at: datetime) -> None:
    """By the clock. Twice the same night finds nothing the second time."""
    rules = list(RetentionRule.objects.filter(months__gt=0))
    for rule in rules:
        before = before_of(rule, at=at)
        removed = 0
        if rule.kept == Kept.REQUESTS:
            removed = _closed_before(before).count()
        else:
            own = [r.channel for r in RetentionRule.objects.filter(kept=rule.kept) if r.channel]
            removed = _delete_events(rule, before, others=own)
        if removed:
            act(NoteKept(rule.kept, rule.channel, before, removed), by=KEEPER, at=at)


def _delete_events(rule: RetentionRule, before: datetime, *, others: Iterable[str]) -> int:
    step, given = _old_events(rule, before, tuple(others))
    removed = 0
    while True:
        rows = queries.table(step, given)
        found = tuple(zip(rows["source"].to_pylist(), rows["message_id"].to_pylist(), strict=True))
        if not found:
            return removed
        removed += lake.erase(Forgotten(messages=found)).events


def _old_events(
    rule: RetentionRule, before: datetime, others: tuple[str, ...]
) -> tuple[Sql, dict[str, Value]]:
    """Of browsers: those that nobody ever signed in on. Of customers: the rest, and under the rule
    of every channel only where their last one, by whatever they are known, is as old."""
    given: dict[str, Value] = {"before": before}
    given["held"] = held_identities() or ("",)
    clauses = ["corrected_at < $before", _KEPT]
    known = ""
    if rule.channel:
        clauses.append("channel = $channel")
        given["channel"] = rule.channel
    elif others:
        clauses.append("channel NOT IN (SELECT unnest($others))")
        given["others"] = others
    given["named"] = tuple(text for texts in _signed_in_on().values() for text in texts) or ("",)
    if rule.kept == Kept.ANONYMOUS:
        clauses.append(f"NOT {_SOMEBODY_S}")
    else:
        clauses.append(_SOMEBODY_S)
        if not rule.channel:
            clauses.append(_QUIET)
            known = _WHOSE
            texts, people = several_identities()
            given |= {"texts": texts or ("",), "people": people or ("",)}
    text = f"{known}{_OLD}{' AND '.join(clauses)} LIMIT {AT_ONCE:d}"
    return Sql("events older than they are kept", text), given


def _signed_in_on() -> dict[int, tuple[str, ...]]:
    """How the lake writes the browsers on which somebody said who they were."""
    return identities(Use.objects.values_list("device", flat=True).distinct())


def _closed_before(before: datetime) -> QuerySet[RightsRequest]:
    """But those by which somebody is left alone yet: an objection stands for as long as it does."""
    standing = Restraint.objects.filter(until__isnull=True).values("request")
    closed = RightsRequest.objects.exclude(state__in=OPEN_STATES).filter(done_at__lt=before)
    return closed.exclude(pk__in=standing)


def _old_requests(before: datetime) -> int:
    keys = list(_closed_before(before).values_list("pk", flat=True))
    Restraint.objects.filter(request__in=keys).delete()
    RightsRequest.objects.filter(pk__in=keys).delete()
    return len(keys)
