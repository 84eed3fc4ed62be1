"""Who may do what: the thinking alone, from the law in memory. No input, no output.

Two questions are answered here. ``rule`` says what happens when somebody acts: performed,
a decision, or refused. ``Standing`` says of an open decision what it still needs, and which
voices each seat may give.

The rules, in words (docs/decisions/0010-how-the-matrix-rules.md says why):

* A performs at once, unless somebody else must be heard: a second pair of eyes, the other
  department of a joint activity, or those who are consulted. Asking from the A seat is a yes.
* R asks, and a decision waits for A. Preparing a draft needs only R or A.
* Reading what must be written down needs a letter, whichever.
* C is asked first. A and co-signers speak once every occupied C seat has answered or the
  deadline has passed.
* Four eyes: two different people say yes. Joint: marketing and IT each say yes, by two
  different people; a deputy whose own seat is in the other department does not count.
* Nobody approves what they asked for, from whichever seat.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pupitre.rules.mandate.contracts import (
    JOINT_KINDS,
    Activity,
    Actor,
    FunctionKind,
    Letter,
    Reason,
)
from pupitre.rules.mandate.law import NO_LETTERS, Law

_MAY_AGREE = ("A", "R", "AR")


class Verdict(enum.Enum):
    PERFORM = "perform"
    DECIDE = "decide"  # it becomes a decision


class Need(enum.StrEnum):
    """What an open decision still lacks."""

    OPINIONS = "opinions"
    ACCOUNTABLE = "accountable"
    SECOND_PERSON = "second_person"
    MARKETING = "marketing"
    IT = "it"


class Verb(enum.StrEnum):
    """What somebody may do about an open decision."""

    OPINE = "opine"
    APPROVE = "approve"
    REFUSE = "refuse"
    CARRY_OUT = "carry_out"
    CONFIRM = "confirm"  # the requester still asks for it, as it has become
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Yes:
    """A voice that counts towards the decision: the request itself, or an agreement."""

    member_id: int
    seat_id: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """What has been said of a decision in its present round."""

    requester: Yes
    opinions_due: datetime
    asked: bool = True  # the requester stands by what it has become: asking is a yes
    agreements: tuple[Yes, ...] = ()
    opined: frozenset[int] = frozenset()  # seats
    favourable: tuple[Yes, ...] = ()  # opinions in favour


def may_speak(law: Law, *, actor: Actor, day: date) -> Reason | None:
    """None where the member sits in that seat today, as holder or deputy."""
    if actor.seat_id is not None and actor.member_id in law.occupants(actor.seat_id, day):
        return None
    return Reason.NOT_IN_SEAT


def rule(
    law: Law,
    *,
    activity: Activity,
    scope: str,
    actor: Actor,
    day: date,
    prepares: bool = False,
    reads: bool = False,
) -> Verdict | Reason:
    """What happens when ``actor`` acts: a verdict, or the reason of a refusal."""
    if law.matrix_number is None:
        return Reason.NO_MATRIX
    row = law.row(activity.key, scope)
    if row is None:
        return Reason.NO_ROW
    if (reason := may_speak(law, actor=actor, day=day)) is not None:
        return reason
    letters = row.get(actor.seat_id or 0, "")
    if reads and letters:
        return Verdict.PERFORM
    if Letter.ACCOUNTABLE not in letters and Letter.RESPONSIBLE not in letters:
        return {"C": Reason.ONLY_CONSULTED, "I": Reason.ONLY_INFORMED}.get(
            letters, Reason.NO_LETTER
        )
    if prepares:
        return Verdict.PERFORM
    if Letter.ACCOUNTABLE not in letters or activity.four_eyes or activity.joint:
        return Verdict.DECIDE
    if any(_awaited(law, row=row, day=day, requester=actor.member_id)):  # ids are never 0
        return Verdict.DECIDE
    return Verdict.PERFORM


@dataclass(frozen=True, slots=True)
class Standing:
    """An open decision under the law of the moment."""

    law: Law
    activity: Activity
    scope: str
    spoken: Spoken
    at: datetime
    day: date  # of ``at``, in the company's time zone

    @property
    def row(self) -> Mapping[int, str]:
        found = self.law.row(self.activity.key, self.scope)
        return NO_LETTERS if found is None else found

    @property
    def awaited_opinions(self) -> tuple[int, ...]:
        """Occupied C seats that have not answered, whether or not their time is over."""
        seats = _awaited(
            self.law, row=self.row, day=self.day, requester=self.spoken.requester.member_id
        )
        return tuple(seat for seat in seats if seat not in self.spoken.opined)

    @property
    def consultation_open(self) -> bool:
        return self.at < self.spoken.opinions_due and bool(self.awaited_opinions)

    @property
    def needs(self) -> tuple[Need, ...]:
        """What is missing before it can be carried out, in the order in which it is sought."""
        missing = []
        if self.consultation_open:
            missing.append(Need.OPINIONS)
        if not any(self._accountable(yes) for yes in self._yeses()):
            missing.append(Need.ACCOUNTABLE)
        if self.activity.four_eyes and len({yes.member_id for yes in self._yeses()}) < 2:
            missing.append(Need.SECOND_PERSON)
        if self.activity.joint:
            missing.extend(self._joint_needs())
        return tuple(missing)

    def refuses(self, verb: Verb, actor: Actor) -> Reason | None:
        """None where the actor may do this now, else why not."""
        mine = actor.member_id == self.spoken.requester.member_id
        if verb is Verb.WITHDRAW:
            return None if mine else Reason.NOT_YOURS
        if (reason := may_speak(self.law, actor=actor, day=self.day)) is not None:
            return reason
        if self.law.matrix_number is None:
            return Reason.NO_MATRIX
        if self.law.row(self.activity.key, self.scope) is None:
            return Reason.NO_ROW
        letters = self._letters(actor)
        if verb is Verb.OPINE:
            return self._refuses_opinion(letters, mine)
        if verb is Verb.CONFIRM:
            return self._refuses_confirming(actor, mine)
        if verb is Verb.CARRY_OUT:
            return self._refuses_carrying_out(letters)
        return self._refuses_decision(verb, actor, letters, mine)

    @property
    def able_seats(self) -> tuple[int, ...]:
        """Occupied seats from which somebody could approve or carry out now."""
        return tuple(
            seat
            for seat in self.row
            if any(
                self.refuses(verb, Actor(member, seat)) is None
                for member in self.law.occupants(seat, self.day)
                for verb in (Verb.APPROVE, Verb.CARRY_OUT, Verb.CONFIRM)
            )
        )

    def verbs(self, actor: Actor) -> tuple[Verb, ...]:
        return tuple(verb for verb in Verb if self.refuses(verb, actor) is None)

    def _refuses_opinion(self, letters: str, mine: bool) -> Reason | None:
        if letters != Letter.CONSULTED:
            return Reason.ONLY_INFORMED if letters == Letter.INFORMED else Reason.NO_LETTER
        # An opinion may be changed until the decision is settled: people do learn.
        return Reason.OWN_REQUEST if mine else None

    def _refuses_confirming(self, actor: Actor, mine: bool) -> Reason | None:
        if not mine or actor.seat_id != self.spoken.requester.seat_id:
            return Reason.NOT_YOURS
        return Reason.NOT_NEEDED if self.spoken.asked else None

    def _refuses_carrying_out(self, letters: str) -> Reason | None:
        if Letter.ACCOUNTABLE not in letters:
            return Reason.NOT_ACCOUNTABLE if letters else Reason.NO_LETTER
        if self.consultation_open:
            return Reason.CONSULTATION_OPEN
        return Reason.NOT_READY if self.needs else None

    def _refuses_decision(
        self, verb: Verb, actor: Actor, letters: str, mine: bool
    ) -> Reason | None:
        if letters in ("C", "I", ""):
            return {"C": Reason.ONLY_CONSULTED, "I": Reason.ONLY_INFORMED}.get(
                letters, Reason.NO_LETTER
            )
        if mine:
            return Reason.OWN_REQUEST
        if Letter.ACCOUNTABLE not in letters and not self._co_signs(actor):
            return Reason.NOT_ACCOUNTABLE
        if self.consultation_open:
            return Reason.CONSULTATION_OPEN
        if verb is Verb.REFUSE:
            return None
        return Reason.NOT_NEEDED if self._has_said_yes(actor) or not self._adds(actor) else None

    def _co_signs(self, actor: Actor) -> bool:
        """Whether an R seat has a say of its own: as second person, or for its department."""
        seat = self.law.seats[actor.seat_id or 0]
        return self.activity.four_eyes or (self.activity.joint and seat.kind in JOINT_KINDS)

    def _has_said_yes(self, actor: Actor) -> bool:
        """Whether the seat's yes is there already, by this person or by whoever speaks for it.

        Asking is one: a deputy cannot be the second pair of eyes of whom they deputise for. But
        one that counts for neither department takes the word from nobody.
        """
        seat = self.law.seats[actor.seat_id or 0]
        binds = self.activity.joint and seat.kind in JOINT_KINDS
        return any(
            yes.member_id == actor.member_id or not binds or self._speaks_for(yes, seat.kind)
            for yes in self._yeses()
            if yes.seat_id == actor.seat_id
        )

    def _adds(self, actor: Actor) -> bool:
        """Whether this yes would bring the decision any further."""
        with_it = Standing(
            law=self.law,
            activity=self.activity,
            scope=self.scope,
            spoken=_with_agreement(self.spoken, Yes(actor.member_id, actor.seat_id or 0)),
            at=self.at,
            day=self.day,
        )
        supplied = set(self.needs) - set(with_it.needs)
        return bool(supplied) or (not with_it.needs and self._is_accountable(actor))

    def _is_accountable(self, actor: Actor) -> bool:
        return Letter.ACCOUNTABLE in self._letters(actor)

    def _letters(self, actor: Actor) -> str:
        return self.row.get(actor.seat_id or 0, "")

    def _yeses(self) -> tuple[Yes, ...]:
        """The request, and the agreements of seats that still hold A or R today."""
        standing = (
            yes for yes in self.spoken.agreements if self.row.get(yes.seat_id, "") in _MAY_AGREE
        )
        return (*self._asked(), *standing)

    def _asked(self) -> tuple[Yes, ...]:
        """The request as a yes, unless what it asks for has changed under its author."""
        return (self.spoken.requester,) if self.spoken.asked else ()

    def _accountable(self, yes: Yes) -> bool:
        return Letter.ACCOUNTABLE in self.row.get(yes.seat_id, "")

    def _joint_needs(self) -> list[Need]:
        """Departments still to be heard, so that two different people speak for the two."""
        speakers = {
            kind: {
                yes.member_id
                for yes in (*self._yeses(), *self.spoken.favourable)
                if self._speaks_for(yes, kind)
            }
            for kind in JOINT_KINDS
        }
        marketing, it = (speakers[kind] for kind in JOINT_KINDS)
        missing = [
            need for need, heard in ((Need.MARKETING, marketing), (Need.IT, it)) if not heard
        ]
        if not missing and len(marketing | it) < 2:
            missing.append(Need.SECOND_PERSON)
        already = self.activity.four_eyes and len({y.member_id for y in self._yeses()}) < 2
        return [need for need in missing if not (already and need is Need.SECOND_PERSON)]

    def _speaks_for(self, yes: Yes, kind: FunctionKind) -> bool:
        seat = self.law.seats.get(yes.seat_id)
        if seat is None or seat.kind is not kind:
            return False
        if self.row.get(yes.seat_id, "") in ("", "I"):
            return False
        if yes.member_id in self.law.holders(yes.seat_id, self.day):
            return True
        other = next(k for k in JOINT_KINDS if k is not kind)
        return other not in self.law.home_kinds(yes.member_id, self.day)


def _awaited(law: Law, *, row: Mapping[int, str], day: date, requester: int) -> Iterator[int]:
    """C seats that somebody other than the requester can answer from, today; found as asked for."""
    consulted = Letter.CONSULTED.value
    for seat, letters in row.items():
        if letters == consulted and any(m != requester for m in law.occupants(seat, day)):
            yield seat


# A seat has one voice a round: the later takes the place of the earlier.
def _with_agreement(spoken: Spoken, yes: Yes) -> Spoken:
    return Spoken(
        requester=spoken.requester,
        opinions_due=spoken.opinions_due,
        asked=spoken.asked,
        agreements=(*(y for y in spoken.agreements if y.seat_id != yes.seat_id), yes),
        opined=spoken.opined,
        favourable=spoken.favourable,
    )
