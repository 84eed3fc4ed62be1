"""My desk: what waits for one person today, over every seat that they may speak from."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest

from pupitre.rules.mandate.contracts import (
    JOINT_KINDS,
    Actor,
    DeskItem,
    SeatView,
    desk_items,
)
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import Decision, Notice, Voice
from pupitre.rules.mandate.progress import standing_of
from pupitre.rules.mandate.ruling import Need, Standing, Verb
from pupitre.rules.mandate.web import Presence, presence_of

SHOWN = 25  # items a section; the page of decisions has them all
_EXAMINED = 100  # open decisions looked at in one reading, the most urgent first
_READINGS = 10  # at most, where most of what is read waits for others
_TOLD_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a consulted seat has said, or that it has not yet."""

    seat: SeatView
    verdict: str  # "" while it has not answered
    comment: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open decision that waits for one of the reader's seats."""

    decision: Decision
    letter: str
    seat: SeatView  # the seat that it waits for
    requester: SeatView
    verbs: tuple[str, ...]
    opinions: tuple[Opinion, ...]
    needs: tuple[Need, ...]
    late: bool
    shared: bool  # the reader has several seats, so the page says which one is meant

    @property
    def main_verb(self) -> str:
        """The act that is expected of the reader, opinions aside; "" where there is none."""
        return next((v for v in ("approve", "confirm", "carry_out") if v in self.verbs), "")


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of one seat in the matrix in force, and how fast it decides."""

    seat: SeatView
    accountable: int
    responsible: int
    consulted: int
    informed: int
    median_days: float | None

    @property
    def none(self) -> bool:
        return not (self.accountable or self.responsible or self.consulted or self.informed)


@dataclass(frozen=True, slots=True)
class Desk:
    decide: tuple[Waiting, ...]
    opine: tuple[Waiting, ...]
    do: tuple[DeskItem, ...]
    told: tuple[Notice, ...]
    asked: tuple[Waiting, ...]  # my own requests that wait for others
    letters: tuple[Letters, ...]
    count: int  # of what waits, shown or not
    late: int
    more: bool  # more decisions wait than are shown here

    @property
    def uncounted(self) -> bool:
        """So many wait that counting stopped: the figure is the least that it can be."""
        return self.count >= _EXAMINED


@dataclass(frozen=True, slots=True)
class Found:
    """An open decision about which one of the reader's seats may do something now."""

    decision: Decision
    standing: Standing
    actor: Actor


@dataclass(frozen=True, slots=True)
class Examined:
    """What waits, found once a request: the navigation counts it, the desk shows it."""

    decide: tuple[Found, ...]
    opine: tuple[Found, ...]
    do: tuple[DeskItem, ...]

    @property
    def count(self) -> int:
        return len(self.decide) + len(self.opine) + len(self.do)

    def late(self, at: datetime) -> int:
        undecided = sum(at > found.decision.due for found in self.decide)
        return undecided + sum(at > found.decision.opinions_due for found in self.opine)


def examine(presence: Presence) -> Examined:
    return Examined(
        decide=(
            *_able(presence, _changed_under_me(presence), Verb.CONFIRM),
            *_able(presence, _awaiting_decision(presence), Verb.APPROVE, Verb.CARRY_OUT),
        ),
        opine=_able(presence, _awaiting_opinion(presence), Verb.OPINE),
        do=tuple(item for brought in desk_items for item in brought(presence))[:SHOWN],
    )


def examined_for(request: HttpRequest) -> Examined | None:
    """The same, kept for the rest of the request. None where nobody sits."""
    presence = presence_of(request)
    if presence is None or presence.speaking is None:
        return None
    kept: tuple[Presence, Examined] | None = getattr(request, "_examined", None)
    if kept is None or kept[0] is not presence:  # an act in between has moved the law
        kept = (presence, examine(presence))
        request._examined = kept  # type: ignore[attr-defined]
    return kept[1]


def waiting_count(request: HttpRequest) -> int:
    """How many things wait: the figure beside My desk in the navigation."""
    examined = examined_for(request)
    return examined.count if examined is not None else 0


def read_desk(presence: Presence, *, examined: Examined | None = None) -> Desk:
    waits = examine(presence) if examined is None else examined
    return Desk(
        decide=tuple(_waiting(presence, found) for found in waits.decide[:SHOWN]),
        opine=tuple(_waiting(presence, found) for found in waits.opine[:SHOWN]),
        do=waits.do,
        told=notices_for(presence)[:_TOLD_SHOWN],
        asked=tuple(
            _waiting(
                presence, Found(decision, standing, Actor(presence.member_id, decision.seat_id))
            )
            for decision, standing in _standings(presence, _own_requests(presence)[:SHOWN])
        ),
        letters=tuple(_letters(presence, chair.seat) for chair in presence.chairs[:4]),
        count=waits.count,
        late=waits.late(presence.at),
        more=len(waits.decide) > SHOWN or len(waits.opine) > SHOWN,
    )


def notices_for(presence: Presence) -> tuple[Notice, ...]:
    """What the person and their seats were told and have not put away, newest first."""
    seats = [chair.seat.id for chair in presence.chairs]
    unseen = Notice.objects.filter(
        Q(seat_id__in=seats) | Q(member_id=presence.member_id), seen_at__isnull=True
    )
    return tuple(unseen[: 4 * _TOLD_SHOWN])


def rows_where(law: Law, seat_id: int, letters: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(scope, activity) of the rows in which a seat has one of these cell contents."""
    wanted = frozenset(letters)
    for place, row in law.rows.items():
        if row.get(seat_id) in wanted:
            yield place


def open_decisions() -> QuerySet[Decision]:
    return (
        Decision.objects.filter(state=Decision.State.OPEN)
        .defer("payload")
        .prefetch_related("voices__member")
        .order_by("due", "id")
    )


def describe(decision: Decision, *, presence: Presence) -> Waiting:
    """One decision as its page shows it to this reader, from the seat that can do most."""
    standing = standing_of(decision, law=presence.law, at=presence.at)
    actors = [Actor(presence.member_id, chair.seat.id) for chair in presence.chairs]
    best = max(actors, key=lambda actor: len(standing.verbs(actor)), default=presence.actor)
    return _waiting(presence, Found(decision, standing, best))


def _awaiting_decision(presence: Presence) -> QuerySet[Decision]:
    """A superset in SQL: rows where a seat of mine has A, or co-signs; ``_examine`` is exact."""
    law = presence.law
    places: set[tuple[str, str]] = set()
    for chair in presence.chairs:
        places.update(rows_where(law, chair.seat.id, ("A", "AR")))
        for scope, key in rows_where(law, chair.seat.id, ("R",)):
            activity = law.activities.get(key)
            if activity and (
                activity.four_eyes or (activity.joint and chair.seat.kind in JOINT_KINDS)
            ):
                places.add((scope, key))
    return open_decisions().filter(_at(places))


def _awaiting_opinion(presence: Presence) -> QuerySet[Decision]:
    asked = Q(pk__in=())
    for chair in presence.chairs:
        places = set(rows_where(presence.law, chair.seat.id, ("C",)))
        given = Voice.objects.filter(
            decision=OuterRef("pk"),
            round=OuterRef("round"),
            seat_id=chair.seat.id,
            kind=Voice.Kind.OPINION,
        )
        asked |= _at(places) & Q(~Exists(given))
    return open_decisions().filter(asked).exclude(member_id=presence.member_id)


def _changed_under_me(presence: Presence) -> QuerySet[Decision]:
    """My requests whose content somebody else has changed: do I still ask for it?"""
    return _own_requests(presence).filter(asked_round__lt=F("round"))


def _own_requests(presence: Presence) -> QuerySet[Decision]:
    return open_decisions().filter(member_id=presence.member_id)


def _at(places: set[tuple[str, str]]) -> Q:
    """Decisions about these rows. A scoped decision falls back on the company's row, so the
    company's rows are matched whatever the scope."""
    own = Q(pk__in=())
    company = [key for scope, key in places if not scope]
    for scope, key in places:
        if scope:
            own |= Q(scope=scope, activity=key)
    return own | Q(activity__in=company)


def _able(presence: Presence, candidates: QuerySet[Decision], *verbs: Verb) -> tuple[Found, ...]:
    """Those about which one of my seats may do one of these now, the most urgent first.

    What I have answered and others have not stays among the candidates: it must not hide the rest.
    """
    actors = [Actor(presence.member_id, chair.seat.id) for chair in presence.chairs]
    found: list[Found] = []
    for reading in range(_READINGS):
        some = candidates[reading * _EXAMINED : (reading + 1) * _EXAMINED]
        for decision, standing in _standings(presence, some):
            able = (a for a in actors if any(standing.refuses(verb, a) is None for verb in verbs))
            if (actor := next(able, None)) is not None:
                found.append(Found(decision, standing, actor))
        if len(found) > SHOWN or len(some) < _EXAMINED:
            break
    return tuple(found)


def _standings(
    presence: Presence, decisions: QuerySet[Decision]
) -> Iterator[tuple[Decision, Standing]]:
    for decision in decisions:
        yield decision, standing_of(decision, law=presence.law, at=presence.at)


def _waiting(presence: Presence, found: Found) -> Waiting:
    decision, standing, actor = found.decision, found.standing, found.actor
    law, day = presence.law, presence.day
    letters = standing.row.get(actor.seat_id or 0, "")
    verbs = standing.verbs(actor)
    return Waiting(
        decision=decision,
        letter="A" if "A" in letters else letters,
        seat=law.seat_view(actor.seat_id, day)
        if actor.seat_id in law.seats and actor.seat_id is not None
        else law.seat_view(decision.seat_id, day),
        requester=law.seat_view(decision.seat_id, day),
        verbs=tuple(verb.value for verb in verbs),
        opinions=_opinions(decision, standing, law),
        needs=standing.needs,
        late=presence.at > _limit(decision, verbs),
        shared=len(presence.chairs) > 1,
    )


def _limit(decision: Decision, verbs: tuple[Verb, ...]) -> datetime:
    return decision.opinions_due if Verb.OPINE in verbs else decision.due


def _opinions(decision: Decision, standing: Standing, law: Law) -> tuple[Opinion, ...]:
    given: Mapping[int, Voice] = {
        voice.seat_id: voice
        for voice in decision.voices.all()
        if voice.round == decision.round and voice.kind == Voice.Kind.OPINION
    }
    asked = [seat for seat, letters in standing.row.items() if letters == "C"]
    return tuple(
        Opinion(
            seat=law.seat_view(seat, standing.day),
            verdict=given[seat].verdict if seat in given else "",
            comment=given[seat].comment if seat in given else "",
            member=given[seat].member.name if seat in given else "",
        )
        for seat in asked
        if seat in given or law.occupied(seat, standing.day)
    )


def _letters(presence: Presence, seat: SeatView) -> Letters:
    counts = Counter(
        letter for row in presence.law.rows.values() for letter in row.get(seat.id, "")
    )
    return Letters(
        seat=seat,
        accountable=counts["A"],
        responsible=counts["R"],
        consulted=counts["C"],
        informed=counts["I"],
        median_days=median_days_to_decide(seat.id, at=presence.at),
    )


def median_days_to_decide(seat_id: int, *, at: datetime) -> float | None:
    """Median days from request to this seat's own yes or no, over the last 90 days."""
    spans = (
        Voice.objects.filter(
            seat_id=seat_id,
            kind__in=(Voice.Kind.AGREEMENT, Voice.Kind.REFUSAL),
            at__gte=at - timedelta(days=90),
        )
        .annotate(asked=F("decision__requested_at"))
        .values_list("asked", "at")[:1_000]
    )
    days = [(spoken - asked).total_seconds() / 86_400 for asked, spoken in spans]
    return round(statistics.median(days), 1) if days else None
