"""Pairs become links by rule, or proposals to a steward: written once, however often they come.

A pair is linked where it lies above the high threshold and nothing stands against it: no bar, no
refusal, no second account. What lies above it and may not be linked is proposed, and so is what is
likely; but two accounts that are merely likely are two people, and what is kept apart is neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.book.deciding import book_alone, decide_again
from pupitre.flow.identify.book.reading import people_of
from pupitre.flow.identify.claiming import STRENGTH
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.likely.barring import Groups, Two, apart, kinds_of, too_much
from pupitre.flow.identify.matching.contracts import Pair, Zone
from pupitre.flow.identify.models import (
    Identifier,
    Link,
    MatchAnswer,
    Proposal,
    Rule,
)
from pupitre.rules.mandate.machines import at_work

ALIKE_STRENGTH = max(STRENGTH.values()) + 1  # weaker than anything that was said
AT_ONCE = 200  # pairs in one transaction: others wait for its end
AT_ONCE_ASKED = 5_000
SOURCE = "likely"  # of a link by rule, where one that was said names its source
MATCHER = "identify.matcher"  # the machine that writes this, see ``contributing``
TOO_MANY = "too_many"  # why a pair is proposed: together they would have two accounts, two cards


@dataclass(frozen=True, slots=True)
class Written:
    linked: int = 0
    proposed: int = 0
    done: int = 0  # pairs that were looked at

    def __add__(self, other: Written) -> Written:
        return Written(
            self.linked + other.linked, self.proposed + other.proposed, self.done + other.done
        )


def write(pairs: Iterable[Pair], *, at: datetime) -> Iterator[Written]:
    """What each transaction wrote. Taking no more from it leaves the rest unwritten."""
    for part in _parts(pairs):
        with at_work(MATCHER), book_alone():
            written = _write(part, at)
        yield written


def overtake(*, at: datetime) -> int:
    """Proposals that no run since this instant has found again, or that settled themselves."""
    waiting = Proposal.objects.filter(answer=MatchAnswer.WAITING)
    with at_work(MATCHER), book_alone():
        gone = waiting.filter(at__lt=at).update(answer=MatchAnswer.OVERTAKEN, answered_at=at)
        return gone + settle(at=at)


def settle(*, at: datetime) -> int:
    """Waiting proposals whose two have become one, or are kept apart now. Within ``book_alone``."""
    rows = list(
        Proposal.objects.filter(answer=MatchAnswer.WAITING).values_list("pk", "a_id", "b_id")
    )
    whose, barred = people_of(number for row in rows for number in row[1:]), apart()
    over = []
    for pk, a, b in rows:
        two = frozenset((whose.get(a, a), whose.get(b, b)))
        if len(two) < 2 or two in barred:
            over.append(pk)
    return Proposal.objects.filter(pk__in=over, answer=MatchAnswer.WAITING).update(
        answer=MatchAnswer.OVERTAKEN, answered_at=at
    )


def strongest(persons: Iterable[int]) -> dict[int, int]:
    """The strongest identifier of each person."""
    wanted, found = sorted(set(persons)), dict[int, tuple[int, int]]()
    for at in range(0, len(wanted), AT_ONCE_ASKED):
        rows = Identifier.objects.filter(person__in=wanted[at : at + AT_ONCE_ASKED])
        for pk, kind, person in rows.values_list("pk", "kind", "person"):
            rank = STRENGTH[Kind(kind)], pk
            if person is not None:
                found[person] = min(found.get(person, rank), rank)
    return {person: rank[1] for person, rank in found.items()}


def _parts(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    part: list[Pair] = []
    for pair in pairs:
        part.append(pair)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _write(pairs: Sequence[Pair], at: datetime) -> Written:
    """People may have changed since they were compared: each number leads to whose it is now."""
    whose = people_of(int(number) for pair in pairs for number in (pair.left, pair.right))
    barred = apart()
    kinds = kinds_of(whose.values())
    groups = Groups(dict(kinds), barred)
    ends = strongest(whose.values())
    linked: list[tuple[int, int, Pair]] = []
    proposed: list[tuple[int, int, Pair, str]] = []
    for pair in sorted(pairs, key=lambda one: -one.weight):
        one, other = whose.get(int(pair.left)), whose.get(int(pair.right))
        if one is None or other is None or one == other or frozenset((one, other)) in barred:
            continue
        a, b = sorted((ends[one], ends[other]))
        if pair.zone is Zone.LINKED and groups.joined(one, other):
            linked.append((a, b, pair))
        elif pair.zone is Zone.LINKED or not too_much(kinds[one] + kinds[other]):
            why = pair.reason or (TOO_MANY if pair.zone is Zone.LINKED else "")
            proposed.append((a, b, pair, str(why)))
    made = _link(linked, at) if linked else 0
    return Written(made, _propose(proposed, at), len(pairs))


def _link(linked: Sequence[tuple[int, int, Pair]], at: datetime) -> int:
    Link.objects.bulk_create(
        [
            Link(
                a_id=a,
                b_id=b,
                rule=Rule.ALIKE.value,
                strength=ALIKE_STRENGTH,
                first_us=since_1970(at),
                source=SOURCE,
                message_id="",
                weight=pair.weight,
            )
            for a, b, pair in linked
        ],
        ignore_conflicts=True,
    )
    decide_again({end for a, b, _ in linked for end in (a, b)})
    return len(linked)


def _propose(proposed: Sequence[tuple[int, int, Pair, str]], at: datetime) -> int:
    """One proposal for each two people, on the identifiers that were the strongest then."""
    known = _known({end for a, b, *_ in proposed for end in (a, b)})
    whose = people_of(end for a, b, *_ in proposed for end in (a, b))
    written = 0
    for a, b, pair, why in proposed:
        if whose[a] == whose[b]:
            continue  # what was linked just now has made them one
        values = {
            "probability": pair.probability,
            "weight": pair.weight,
            "prior": pair.prior,
            "reason": why,
            "evidence": [[e.column, e.level.value, e.weight, e.rarity] for e in pair.evidence],
            "at": at,
        }
        before = known.get(frozenset((whose[a], whose[b])))
        if before is None:
            before, made = Proposal.objects.get_or_create(a_id=a, b_id=b, defaults=values)
        else:
            made = False
        reopened = before.answer == MatchAnswer.OVERTAKEN
        if not made and (reopened or before.answer == MatchAnswer.WAITING):
            Proposal.objects.filter(pk=before.pk).update(
                **values, answer=MatchAnswer.WAITING, answered_at=None
            )
        written += made or reopened
    return written


def _known(ends: set[int]) -> dict[Two, Proposal]:
    """Waiting proposals about these people, whichever of their identifiers they stand on."""
    persons = set(people_of(ends).values())
    all_ends = Identifier.objects.filter(person__in=persons).values("pk")
    rows = list(
        Proposal.objects.filter(Q(a__in=all_ends) | Q(b__in=all_ends), answer=MatchAnswer.WAITING)
    )
    whose = people_of(end for row in rows for end in (row.a_id, row.b_id))
    return {
        frozenset((whose.get(row.a_id, row.a_id), whose.get(row.b_id, row.b_id))): row
        for row in rows
    }
