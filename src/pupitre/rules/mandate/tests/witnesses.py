"""What must hold after every act, judged from the stored rows alone, for ``test_sequences``.

Nothing here uses the kernel's thinking (``ruling``, ``law``, ``progress``): a mistake there must
not be repeated by those who look for it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from pupitre.rules.mandate.models import (
    AuditLine,
    Cell,
    Decision,
    Delegation,
    MatrixVersion,
    Member,
    Seat,
    Tenure,
    Voice,
)

DEPARTMENTS = ("marketing", "it")
JOINT = FOUR_EYES = ("matrix.amend",)
# state of a decision → verbs of the lines that settle it
SETTLING = {
    "open": [],
    "performed": ["performed"],
    "refused": ["refused"],
    "withdrawn": ["withdrew"],
    "impossible": ["found impossible"],
}


@dataclass(frozen=True)
class Before:
    """The company as it was before an act: what the act may rest upon."""

    kinds: dict[int, str]  # of each seat's function
    closed: dict[int, date]
    tenures: tuple[tuple[int, int, date, date | None], ...]  # member, seat, first, last day
    deputies: tuple[tuple[int, int, date, date | None], ...]
    suspended: frozenset[int]
    letters: dict[tuple[str, int], str]  # of the matrix in force, by activity and seat
    open_decisions: frozenset[int]

    def holds(self, member: int, seat: int, day: date) -> bool:
        return self._sits(self.tenures, member, seat, day)

    def deputises(self, member: int, seat: int, day: date) -> bool:
        return self._sits(self.deputies, member, seat, day)

    def departments_of(self, member: int, day: date) -> set[str]:
        """Where the member holds a seat of their own, of the two that decide jointly."""
        return {k for s, k in self.kinds.items() if k in DEPARTMENTS and self.holds(member, s, day)}

    def _sits(
        self,
        chairs: tuple[tuple[int, int, date, date | None], ...],
        member: int,
        seat: int,
        day: date,
    ) -> bool:
        if member in self.suspended or self.closed.get(seat, date.max) <= day:
            return False
        return any(
            (m, s) == (member, seat) and first <= day and (last is None or day <= last)
            for m, s, first, last in chairs
        )


def look() -> Before:
    """The company now, read straight from its tables."""
    return Before(
        kinds=dict(Seat.objects.values_list("pk", "function__kind")),
        closed=dict(Seat.objects.exclude(closed_on=None).values_list("pk", "closed_on")),
        tenures=tuple(Tenure.objects.values_list("member_id", "seat_id", "starts", "ends")),
        deputies=tuple(Delegation.objects.values_list("deputy_id", "seat_id", "starts", "ends")),
        suspended=frozenset(Member.objects.filter(suspended=True).values_list("pk", flat=True)),
        letters={
            (activity, seat): letters
            for activity, seat, letters in Cell.objects.filter(
                version__state="in_force", scope=""
            ).values_list("activity", "seat_id", "letters")
        },
        open_decisions=frozenset(
            Decision.objects.filter(state="open").values_list("pk", flat=True)
        ),
    )


def complaints(before: Before) -> list[str]:
    """What is wrong after an act that began from ``before``; nothing, if all is well."""
    found = []
    ruling = MatrixVersion.objects.filter(state="in_force").count()
    if ruling != 1:
        found.append(f"{ruling} matrices in force")
    found += _unsettled()
    for decision in Decision.objects.exclude(state="open"):
        if decision.pk in before.open_decisions and decision.state == "performed":
            found += _unjustified(decision, before)
    # Nobody's own approval: at any time, of any decision.
    found += [
        f"decision {voice.decision_id}: {voice.member_id} approved their own request"
        for voice in Voice.objects.filter(kind="agreement").select_related("decision")
        if voice.member_id == voice.decision.member_id
    ]
    return found


def _unsettled() -> list[str]:
    lines: dict[int, list[str]] = {}
    settling = {verb for verbs in SETTLING.values() for verb in verbs}
    for decision_id, verb in (
        AuditLine.objects.filter(decision_id__isnull=False, verb__in=settling)
        .order_by("seq")
        .values_list("decision_id", "verb")
    ):
        lines.setdefault(decision_id, []).append(verb)
    found = [
        f"decision {pk} is {state}, and the audit says {lines.get(pk, [])}"
        for pk, state in Decision.objects.values_list("pk", "state")
        if lines.get(pk, []) != SETTLING[state]
    ]
    # What needs two departments is never performed without a decision, save to prepare a draft.
    lonely = AuditLine.objects.filter(
        verb="performed", action="mandate.EnterIntoForce", decision_id=None
    )
    return found + [f"line {line.seq} brought a matrix into force alone" for line in lonely]


def _unjustified(decision: Decision, before: Before) -> list[str]:
    """Why this decision should not have been performed when it was."""
    assert decision.settled_at is not None
    day = _day(decision.settled_at)
    voices = list(decision.voices.filter(round=decision.round))
    row = {seat: found for (act, seat), found in before.letters.items() if act == decision.activity}
    # Empty where what was asked for changed by another hand, and its author did not confirm it.
    asked = [(decision.member_id, decision.seat_id)] if _stands_by_it(decision) else []
    agreed = [
        (v.member_id, v.seat_id)
        for v in voices
        if v.kind == "agreement" and row.get(v.seat_id) in ("A", "R", "AR")
    ]
    opined = [
        (v.member_id, v.seat_id) for v in voices if v.kind == "opinion" and v.verdict == "for"
    ]
    name = f"decision {decision.pk} ({decision.activity}, round {decision.round})"
    found = []
    if any(v.kind == "refusal" for v in voices):
        found.append(f"{name}: performed although somebody refused")
    if not any("A" in row.get(seat, "") for _member, seat in (*asked, *agreed)):
        found.append(f"{name}: nobody accountable said yes")
    if decision.activity in FOUR_EYES and len({member for member, _ in (*asked, *agreed)}) < 2:
        found.append(f"{name}: one pair of eyes")
    if decision.activity in JOINT:
        heard = {
            kind: {
                member
                for member, seat in (*asked, *agreed, *opined)
                if row.get(seat) not in (None, "I") and _speaks(before, member, seat, kind, day)
            }
            for kind in DEPARTMENTS
        }
        found += [f"{name}: {kind} was not heard" for kind, who in heard.items() if not who]
        if len(set().union(*heard.values())) < 2:
            found.append(f"{name}: one person for both departments")
    last = AuditLine.objects.filter(decision_id=decision.pk, verb="performed").first()
    if last is not None and not _may_have_spoken(before, last, day):
        found.append(f"{name}: carried out from a seat that they do not speak from")
    return found + _unheard(decision, before, voices, row, day)


def _stands_by_it(decision: Decision) -> bool:
    """As the audit tells it: nothing changed, or the requester did it, or confirmed it since."""
    lines = AuditLine.objects.filter(decision_id=decision.pk)
    changed = lines.filter(verb="changed").order_by("-seq").first()
    if changed is None or changed.member_id == decision.member_id:
        return True
    since = lines.filter(seq__gt=changed.seq, member_id=decision.member_id)
    return since.filter(verb__in=("confirmed", "performed")).exists()


def _speaks(before: Before, member: int, seat: int, kind: str, day: date) -> bool:
    """A deputy who has a seat of their own in the other department speaks for neither side."""
    if before.kinds.get(seat) != kind:
        return False
    if before.holds(member, seat, day):
        return True
    return not before.departments_of(member, day) - {kind}


def _may_have_spoken(before: Before, line: AuditLine, day: date) -> bool:
    if line.member_id is None or line.seat_id is None:
        return False
    sits = before.holds(line.member_id, line.seat_id, day)
    return sits or before.deputises(line.member_id, line.seat_id, day)


def _unheard(
    decision: Decision, before: Before, voices: list[Voice], row: dict[int, str], day: date
) -> list[str]:
    """Seats to be consulted that somebody could have answered from, and whose time was not over."""
    if decision.settled_at is None or decision.settled_at >= decision.opinions_due:
        return []
    answered = {voice.seat_id for voice in voices if voice.kind == "opinion"}
    return [
        f"decision {decision.pk}: seat {seat} was to be consulted first"
        for seat, letters in row.items()
        if letters == "C"
        and seat not in answered
        and any(
            member != decision.member_id
            for member, s, *_days in (*before.tenures, *before.deputies)
            if s == seat
            and (before.holds(member, seat, day) or before.deputises(member, seat, day))
        )
    ]


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def count_settled() -> Counter[tuple[str, str]]:
    """How many decisions ended how, by activity: whether a test has met anything at all."""
    return Counter(Decision.objects.values_list("activity", "state"))
