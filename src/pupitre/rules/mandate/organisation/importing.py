"""A whole organisation brought in by one act: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Max
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import MEMBER_ADMIT, ORGANISATION_CHANGE, SEAT_APPOINT
from pupitre.rules.mandate.contracts import (
    Activity,
    Actor,
    AnyActor,
    FunctionKind,
    Reason,
    Refused,
    Subject,
    SystemActor,
)
from pupitre.rules.mandate.law import Incumbency, Law, MemberFacts
from pupitre.rules.mandate.models import Function, Member, ReportingLine, Seat, Tenure
from pupitre.rules.mandate.organisation import lockout
from pupitre.rules.mandate.organisation.admission import admit
from pupitre.rules.mandate.organisation.comparing import Change, What, compare
from pupitre.rules.mandate.organisation.drafts import Wanted
from pupitre.rules.mandate.organisation.planning import Merged, merge
from pupitre.rules.mandate.organisation.seats import close_seat
from pupitre.rules.mandate.organisation.state import (
    OrganisationState,
    read_organisation,
)
from pupitre.rules.mandate.standing import current_law


@dataclass(frozen=True)
class ImportOrganisation(Action):
    """Make the organisation what a file says it is: functions, seats, lines, and who holds them.

    What it does to people asks for the letters of those activities too: see `asks_also`.
    """

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    wanted: Wanted
    day: date  # of the preview: arrivals without a date begin then
    close_missing: bool = False
    invite: bool = True  # e-mail those who are new
    language: str = "fr"  # of their invitation

    def subject(self) -> Subject:
        name = bilingual(lambda: _("Organisation"))
        return Subject("organisation", name, reverse("mandate:import_pending"))

    def title(self) -> Bilingual:
        def said() -> str:
            return ngettext(
                "Import the organisation from a file that names %(count)s seat",
                "Import the organisation from a file that names %(count)s seats",
                len(self.wanted.seats),
            ) % {"count": len(self.wanted.seats)}

        return bilingual(said)

    def check(self, *, at: datetime) -> None:
        before = read_organisation(day=self.day)
        merged = self.merged(before)
        if merged.problems:
            problem = merged.problems[0]
            raise Invalid(
                _("The organisation has changed since, and line %(line)s no longer fits: %(why)s")
                % {"line": problem.line, "why": problem.message}
            )
        if not compare(before, merged.state):
            raise Invalid(_("Nothing in this file differs from the organisation as it is."))
        law = current_law()
        lockout.keep_amendable(law, law_after(law, merged.state), day=day_of(at))

    def merged(self, before: OrganisationState) -> Merged:
        return merge(before, self.wanted, close_missing=self.close_missing, day=self.day)

    def material(self) -> object:
        """What it would change, as things stand: when that moves, what was approved is void."""
        with translation.override("fr"):  # the same text, whoever looks
            changes = self.changes()
        return [
            [c.what.value, c.how.value, c.key, [[d.old, d.new] for d in c.differences]]
            for c in changes
        ]

    def changes(self) -> tuple[Change, ...]:
        before = read_organisation(day=self.day)
        return compare(before, self.merged(before).state)

    def detail(self) -> dict[str, Any]:
        return {
            "seats": len(self.wanted.seats),
            "functions": len(self.wanted.functions),
            "people": len(self.wanted.holders),
            "close_missing": self.close_missing,
        }

    def perform(self, *, by: AnyActor, at: datetime) -> tuple[Change, ...]:
        before = read_organisation(day=self.day)
        after = self.merged(before).state
        changes = compare(before, after)
        law, day = current_law(), day_of(at)
        for activity in asks_also(changes):
            must_answer_for(activity, by=by, law=law, day=day)
        _Writer(before, after, action=self, by=by).write()
        return changes


def without(wanted: Wanted, left_out: Collection[Activity], known: Collection[str]) -> Wanted:
    """The same file without what falls under other rows; ``known`` are members' addresses."""
    if SEAT_APPOINT in left_out:
        return replace(wanted, holders=())
    if MEMBER_ADMIT in left_out:
        return replace(
            wanted,
            holders=tuple(replace(h, name="") for h in wanted.holders if h.email in known),
        )
    return wanted


def asks_also(changes: tuple[Change, ...]) -> tuple[Activity, ...]:
    """What an import needs a letter in, beside the organisation itself."""
    kinds = {change.what for change in changes}
    return (
        *((SEAT_APPOINT,) if What.HOLDER in kinds else ()),
        *((MEMBER_ADMIT,) if What.MEMBER in kinds else ()),
    )


def must_answer_for(activity: Activity, *, by: AnyActor, law: Law, day: date) -> None:
    """Raise `Refused` unless whoever carries it out is accountable in this row as well.

    One file must not do at once what three rows of the matrix would have asked three seats.
    """
    reason = lacks(activity, by=by, law=law, day=day)
    if reason is not None:
        seat = law.seats.get(by.seat_id or 0) if isinstance(by, Actor) else None
        raise Refused(
            reason,
            activity=activity,
            row=law.row_view(activity.key, "", day),
            seat=law.seat_view(seat.id, day) if seat else None,
        )


def lacks(
    activity: Activity, *, by: AnyActor, law: Law, day: date, asking: bool = False
) -> Reason | None:
    """Why this row would stop an import by them; None where it would not.

    ``asking``: they only ask for it, for which R is enough, as it is for everything.
    """
    if isinstance(by, SystemActor):
        return None if activity.key in by.activities else Reason.SYSTEM_NOT_ALLOWED
    row = law.row(activity.key)
    if row is None:
        return Reason.NO_ROW
    if by.seat_id is None or by.member_id not in law.occupants(by.seat_id, day):
        return Reason.NOT_IN_SEAT
    letters = row.get(by.seat_id, "")
    if "A" in letters or (asking and "R" in letters):
        return None
    return Reason.NOT_ACCOUNTABLE if letters else Reason.NO_LETTER


def law_after(law: Law, after: OrganisationState) -> Law:
    """The law as the import would leave it, for the seats that have letters today."""
    members = {member.email: member.id for member in after.members.values()}
    newcomers = {e: -number for number, e in enumerate(sorted(after.members), start=1)}
    by_key = {seat.key: seat for seat in law.seats.values()}
    seats = {}
    for key, facts in by_key.items():
        state = after.seats.get(key)
        if state is None:
            continue
        held = tuple(
            Incumbency(members[t.email] or newcomers[t.email], t.span)
            for t in after.tenures_of(key)
        )
        seats[facts.id] = replace(
            facts,
            kind=FunctionKind(after.functions[state.function].kind),
            closed_on=state.closed_on,
            holders=held,
        )
    changed = lockout.with_seats(law, seats)
    people = {
        newcomers[email]: MemberFacts(newcomers[email], after.members[email].name)
        for email, known in members.items()
        if known is None
    }
    return replace(changed, members={**law.members, **people})


class _Writer:
    """Writes what differs between two organisations. Lives for one act."""

    def __init__(
        self,
        before: OrganisationState,
        after: OrganisationState,
        *,
        action: ImportOrganisation,
        by: AnyActor,
    ) -> None:
        self.before = before
        self.after = after
        self.action = action
        self.by = by

    def write(self) -> None:
        functions = self._functions()
        members = self._members()
        seats = self._seats(functions)
        self._lines(seats)
        self._tenures(seats, members)
        for key, state in self.after.seats.items():
            old = self.before.seats.get(key)
            if old is not None and old.closed_on is None and state.closed_on is not None:
                close_seat(seats[key], state.closed_on)

    def _functions(self) -> Mapping[str, Function]:
        known = {function.key: function for function in Function.objects.all()}
        position = max((f.position for f in known.values()), default=0)
        changed = []
        for key, state in self.after.functions.items():
            if state == self.before.functions.get(key):
                continue
            if key not in known:
                position += 1
                known[key] = Function(key=key, position=position)
            function = known[key]
            function.name_fr, function.name_en = state.name_fr, state.name_en
            function.kind = state.kind
            function.save()
            changed.append((function, state.parent))
        for function, parent in changed:  # a parent may come after what is part of it
            function.parent = known.get(parent)
            function.save(update_fields=["parent"])
        return known

    def _members(self) -> Mapping[str, int]:
        ids: dict[str, int] = {}
        for email, state in self.after.members.items():
            if state.id is None:
                language = self.action.language
                language = language if language in dict(settings.LANGUAGES) else "fr"
                member = admit(
                    name=state.name,
                    email=email,
                    language=language,
                    by=self.by,
                    invite=self.action.invite,
                )
                ids[email] = member.pk
                continue
            ids[email] = state.id
            if state.name != self.before.members[email].name:
                Member.objects.filter(pk=state.id).update(name=state.name)
        return ids

    def _seats(self, functions: Mapping[str, Function]) -> Mapping[str, Seat]:
        known = {seat.key: seat for seat in Seat.objects.all()}
        last = Seat.objects.aggregate(last=Max("position"))["last"] or 0
        for key, state in self.after.seats.items():
            if state == self.before.seats.get(key):
                continue
            if key not in known:
                last += 1
                known[key] = Seat(key=key, position=last)
            seat = known[key]
            seat.function = functions[state.function]
            seat.name_fr, seat.name_en = state.name_fr, state.name_en
            seat.heads, seat.places = state.heads, state.places
            if state.closed_on is None:
                seat.closed_on = None
            seat.save()
        return known

    def _lines(self, seats: Mapping[str, Seat]) -> None:
        changed, lines = [], []
        for key, state in self.after.seats.items():
            old = self.before.seats.get(key)
            if old and (old.superior, old.dotted) == (state.superior, state.dotted):
                continue
            changed.append(seats[key])
            ends = [(state.superior, False)] if state.superior else []
            lines += [
                ReportingLine(seat=seats[key], superior=seats[other], dotted=dotted)
                for other, dotted in (*ends, *((other, True) for other in state.dotted))
            ]
        ReportingLine.objects.filter(seat__in=changed).delete()
        ReportingLine.objects.bulk_create(lines)

    def _tenures(self, seats: Mapping[str, Seat], members: Mapping[str, int]) -> None:
        new = []
        for key in self.after.seats:
            was = {tenure.id: tenure for tenure in self.before.tenures_of(key)}
            for tenure in self.after.tenures_of(key):
                days = {"starts": tenure.starts, "ends": tenure.ends}
                if tenure.id is None:
                    member = members[tenure.email]
                    new.append(Tenure(member_id=member, seat=seats[key], **days))
                elif tenure != was[tenure.id]:
                    Tenure.objects.filter(pk=tenure.id).update(**days)
        Tenure.objects.bulk_create(new)
