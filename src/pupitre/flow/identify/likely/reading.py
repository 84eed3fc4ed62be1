"""What pages show of likely matches: the list, one proposal, the runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pupitre.flow.identify.book.reading import Identified, identifiers_of, people_of
from pupitre.flow.identify.kinds import HELD
from pupitre.flow.identify.likely.drawing import Waterfall, waterfall
from pupitre.flow.identify.likely.writing import TOO_MANY
from pupitre.flow.identify.matching.contracts import Level, Reason
from pupitre.flow.identify.models import MatchAnswer, MatchRun, Proposal, RunState
from pupitre.flow.identify.people.masking import Field, Sees
from pupitre.flow.identify.people.reading import Known, Line, known_as, person, trait_field
from pupitre.flow.identify.traits.names import label
from pupitre.flow.identify.traits.reading import profile

LEVELS: dict[str, str | Promise] = {
    Level.SAME: _("the same"),
    Level.PARTS_SWAPPED: _("the same, parts swapped"),
    Level.ONE_SLIP: _("one slip of the keys apart"),
    Level.TWO_SLIPS: _("two slips of the keys apart"),
    Level.ALMOST: _("almost the same"),
    Level.ALIKE: _("alike"),
    Level.CONTAINED: _("one holds the other"),
    Level.TWO_PARTS: _("two of day, month and year agree"),
    Level.NEAR: _("near one another"),
    Level.SAME_NAME_ELSEWHERE: _("the same name at another provider"),
    Level.DIFFERENT: pgettext_lazy("of two values", "different"),
    Level.UNKNOWN: pgettext_lazy("of two values", "not known of both"),
    Level.COUNTED_ELSEWHERE: _("counted with the first name"),
}
REASONS: dict[str, str | Promise] = {
    Reason.NOTHING_OWN: _(
        "Only what a household shares agrees: nothing of it is somebody’s own, so it is never "
        "joined by rule."
    ),
    Reason.NOT_TAUGHT: _(
        "Our customers’ records hold too few known pairs to learn from: nothing is joined by rule."
    ),
    TOO_MANY: _(
        "Together they would have more accounts or cards than one person has, so it is never "
        "joined by rule."
    ),
}
STATES: dict[str, str | Promise] = {
    RunState.WAITING: _("It begins as soon as the worker is free."),
    RunState.LEARNING: _("Learning how the details of our customers agree"),
    RunState.COMPARING: _("Comparing customers with one another"),
    RunState.WRITING: _("Writing down what was found"),
    RunState.DONE: _("Finished"),
    RunState.STOPPED: _("Stopped"),
    RunState.FAILED: _("It could not be done"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A proposal in the list. Names nobody."""

    pk: int
    probability: float
    speaks_for: tuple[object, ...]  # labels of the columns that weigh most
    reason: object
    at: datetime
    answer: str


@dataclass(frozen=True, slots=True)
class Told:
    """One row of the evidence: what a column says, and what each of the two has there."""

    label: object
    level: str
    level_words: object
    weight: float
    rarity: float
    values: tuple[Field | None, Field | None]  # None: nothing is known, or it was not opened

    @property
    def same(self) -> bool:
        return self.level == Level.SAME


@dataclass(frozen=True, slots=True)
class Side:
    person: int
    identifiers: tuple[Known, ...]
    lines: tuple[Line, ...]
    compared: Mapping[str, Field]  # by column


@dataclass(frozen=True, slots=True)
class Shown:
    proposal: Proposal
    told: tuple[Told, ...]
    chart: Waterfall
    total: float
    reason: object
    sides: tuple[Side, ...]  # empty until it was opened


def lines(*, waiting: bool, limit: int, after: int = 0) -> list[Listed]:
    rows = Proposal.objects.order_by("-probability", "-weight", "pk")
    rows = (
        rows.filter(answer=MatchAnswer.WAITING)
        if waiting
        else rows.exclude(answer__in=(MatchAnswer.WAITING, MatchAnswer.OVERTAKEN)).order_by(
            "-answered_at", "-pk"
        )
    )
    return [_line(row) for row in rows[after : after + limit]]


def _line(row: Proposal) -> Listed:
    strong = sorted((one for one in row.evidence if one[2] > 0), key=lambda one: -one[2])[:3]
    return Listed(
        row.pk,
        row.probability,
        tuple(label(one[0]) for one in strong),
        REASONS.get(row.reason, ""),
        row.at,
        row.answer,
    )


def counts() -> dict[str, int]:
    rows = Proposal.objects.values("answer").annotate(there=Count("pk"))
    return {one.value: 0 for one in MatchAnswer} | {row["answer"]: row["there"] for row in rows}


def next_waiting(*, but: int = 0) -> int | None:
    rows = Proposal.objects.filter(answer=MatchAnswer.WAITING).exclude(pk=but)
    return rows.order_by("-probability", "-weight", "pk").values_list("pk", flat=True).first()


def run_under_way() -> MatchRun | None:
    return MatchRun.objects.filter(alone=True).first()


def last_run() -> MatchRun | None:
    return MatchRun.objects.filter(alone=None).order_by("-pk").first()


def shown(row: Proposal, *, opened: bool, seen: Sees) -> Shown:
    """One proposal; the two people themselves only where this reader has opened them, and of them
    only what their seat sees."""
    sides = _sides(row, seen) if opened else ()
    told = tuple(
        Told(
            label(column),
            level,
            LEVELS.get(level, level),
            weight,
            rarity,
            (sides[0].compared.get(column), sides[1].compared.get(column))
            if sides
            else (None, None),
        )
        for column, level, weight, rarity in row.evidence
    )
    weighed = sorted(
        (one for one in told if one.level not in (Level.UNKNOWN, Level.COUNTED_ELSEWHERE)),
        key=lambda one: -abs(one.weight),
    )
    silent = tuple(one for one in told if one not in weighed)
    chart = waterfall(row.prior, [one.weight for one in weighed])
    return Shown(row, (*weighed, *silent), chart, row.weight, REASONS.get(row.reason, ""), sides)


def _sides(row: Proposal, seen: Sees) -> tuple[Side, ...]:
    whose = people_of((row.a_id, row.b_id))
    return tuple(_side(whose.get(end, end), seen) for end in (row.a_id, row.b_id))


def _side(number: int, seen: Sees) -> Side:
    known = tuple(one for one in identifiers_of(number) if one.kind not in HELD)
    return Side(
        number,
        known_as(known, seen=seen),
        person(number, seen=seen).lines,
        _values(known, seen)
        | {
            one.trait: trait_field(one.trait, one.value, seen=seen)
            for one in profile(number)
            if one.value
        },
    )


def _values(known: tuple[Identified, ...], seen: Sees) -> dict[str, Field]:
    """As ``records`` gives them to matching: the first identifier, where no trait is shown."""
    found: dict[str, Field] = {}
    for one in sorted(known, key=lambda one: one.pk):
        found.setdefault(one.kind.value, known_as([one], seen=seen)[0].field)
    return found
