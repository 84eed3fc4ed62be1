"""``act``: the single choke point through which everything changes.

Matrix, four eyes, consultation, transaction, audit, notices: all here, in this order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.rules.mandate import audit, guard
from pupitre.rules.mandate.actions import Action, encode, material_digest
from pupitre.rules.mandate.contracts import (
    Activity,
    Actor,
    AnyActor,
    Outcome,
    OwnAffair,
    Performed,
    Reason,
    Refused,
    Subject,
    SystemActor,
    Waiting,
)
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import AuditLine, Decision, Ledger, Notice
from pupitre.rules.mandate.reopening import revisit
from pupitre.rules.mandate.ruling import Verdict, rule
from pupitre.rules.mandate.standing import current_law

# How long A may take once those who are consulted have had their time, in days.
DECISION_DAYS = 4
_DETAIL_CHARACTERS = 20_000


@dataclass
class Act:
    """One transaction of the mandate: the law as it stands, and the ledger that it holds."""

    ledger: Ledger
    law: Law
    by: AnyActor
    at: datetime

    @property
    def day(self) -> date:
        return day_of(self.at)

    def write_line(
        self,
        verb: str,
        *,
        activity: str,
        action: str,
        subject: Subject,
        title: Bilingual,
        decision_id: int | None = None,
        detail: dict[str, Any] | None = None,
    ) -> int:
        """Append one line to the audit; names are copied as they are today."""
        member_id = self.by.member_id if isinstance(self.by, Actor) else None
        seat_id = self.by.seat_id if isinstance(self.by, Actor) else None
        text = msgspec.json.encode(detail or {}, order="deterministic").decode()
        if len(text) > _DETAIL_CHARACTERS:
            text = msgspec.json.encode({"too_long_characters": len(text)}).decode()
        line = AuditLine(
            at=self.at,
            verb=verb,
            activity=activity,
            action=action,
            subject=subject.key[:120],
            title_fr=title.fr[:300],
            title_en=title.en[:300],
            member_id=member_id,
            actor=self._actor_name(),
            seat_id=seat_id,
            seat_name=self._seat_name(seat_id),
            decision_id=decision_id,
            matrix=self.law.matrix_number,
            detail=text,
        )
        return audit.append(self.ledger, line)

    def inform(self, activity: str, scope: str, text: Bilingual, url: str) -> None:
        """Tell every seat that has an I in the row."""
        for seat_id, letters in (self.law.row(activity, scope) or {}).items():
            if letters == "I" and seat_id in self.law.seats:
                self.notify(Notice.Kind.INFORMED, text, url, seat_id=seat_id)

    def notify(
        self,
        kind: Notice.Kind,
        text: Bilingual,
        url: str,
        *,
        seat_id: int | None = None,
        member_id: int | None = None,
    ) -> None:
        Notice.objects.create(
            seat_id=seat_id,
            member_id=member_id,
            kind=kind,
            text_fr=text.fr[:400],
            text_en=text.en[:400],
            url=url,
            at=self.at,
        )

    def _actor_name(self) -> str:
        if isinstance(self.by, SystemActor):
            return self.by.name
        member = self.law.members.get(self.by.member_id)
        return member.name if member else f"member {self.by.member_id}"

    def _seat_name(self, seat_id: int | None) -> str:
        seat = self.law.seats.get(seat_id) if seat_id is not None else None
        return seat.name.fr[:120] if seat else ""


_under_way: ContextVar[Act | None] = ContextVar("act_under_way", default=None)


def act_under_way() -> Act | None:
    """The act that this code runs inside of, if any: what it causes belongs to its transaction."""
    return _under_way.get()


@contextmanager
def acting(*, by: AnyActor, at: datetime) -> Iterator[Act]:
    """A transaction that holds the ledger: acts happen one after the other, on either database."""
    if not isinstance(by, Actor | SystemActor):
        raise TypeError("an act needs an actor: a member in a seat, or a named system actor")
    if at.tzinfo is None:
        raise ValueError("an act needs an aware instant")
    if _under_way.get() is not None:
        raise RuntimeError("an act inside an act: let the outer action do both")
    with transaction.atomic(), guard.permitted() as permit:
        Ledger.objects.get_or_create(pk=1)
        ledger = Ledger.objects.select_for_update().get(pk=1)
        page = Act(ledger=ledger, law=current_law(epoch=ledger.epoch), by=by, at=at)
        token = _under_way.set(page)
        try:
            yield page
        finally:
            _under_way.reset(token)
        if permit.law_changed:
            Ledger.objects.filter(pk=1).update(epoch=F("epoch") + 1)


def act(action: Action, *, by: AnyActor, at: datetime) -> Outcome:
    """Do it, make a decision of it, or refuse it.

    Raises ``Refused`` with the row that refuses (the attempt stays in the audit) and
    ``Invalid`` where what is asked makes no sense (nothing is kept).
    """
    with acting(by=by, at=at) as page:
        ruled = _rule(page, action)
        if isinstance(ruled, Reason):
            _note_refusal(page, action, ruled)
        else:
            # Ruled first: whoever may not ask learns nothing from what a check would tell.
            action.check(at=at)
            performs = ruled is Verdict.PERFORM
            return _perform(page, action) if performs else _open_decision(page, action)
    raise refusal(page, ruled, action.activity, action.scope)


def ruling_of(action: Action, *, law: Law, by: Actor, day: date) -> Verdict | Reason:
    """What ``act`` would answer, without acting: pages use it to say so beforehand."""
    if isinstance(action.activity, OwnAffair):
        member = law.members.get(by.member_id)
        if member is None or member.suspended:
            return Reason.NOT_IN_SEAT
        return Verdict.PERFORM if action.belongs_to(by, law=law, day=day) else Reason.NOT_YOURS
    return rule(
        law,
        activity=action.activity,
        scope=action.scope,
        actor=by,
        day=day,
        prepares=action.prepares,
        reads=action.reads,
    )


def refusal(page: Act, reason: Reason, activity: Activity | OwnAffair, scope: str) -> Refused:
    """The refusal as people read it: the row that refuses, and the seat that asked."""
    row = seat = None
    if isinstance(activity, Activity):
        row = page.law.row_view(activity.key, scope, page.day)
    seat_id = page.by.seat_id if isinstance(page.by, Actor) else None
    if seat_id is not None and seat_id in page.law.seats:
        seat = page.law.seat_view(seat_id, page.day)
    return Refused(reason, activity=activity, row=row, seat=seat)


def perform_decided(page: Act, action: Action, decision: Decision) -> Performed:
    """Carry out what a decision has allowed. ``deciding`` is the only caller."""
    return _perform(page, action, decision=decision)


def _rule(page: Act, action: Action) -> Verdict | Reason:
    if isinstance(page.by, SystemActor):
        allowed = action.activity.key in page.by.activities
        return Verdict.PERFORM if allowed else Reason.SYSTEM_NOT_ALLOWED
    return ruling_of(action, law=page.law, by=page.by, day=page.day)


def _note_refusal(page: Act, action: Action, reason: Reason) -> None:
    try:
        subject, title = action.subject(), action.title()
    except Invalid:  # it makes no sense either, and the refusal comes first
        title = action.activity.name
        subject = Subject(action.activity.key, title)
    page.write_line(
        "was refused",
        activity=action.activity.key,
        action=action.key,
        subject=subject,
        title=title,
        detail={**action.detail(), "reason": reason.value},
    )


def _perform(page: Act, action: Action, *, decision: Decision | None = None) -> Performed:
    result = action.perform(by=page.by, at=page.at)
    # The title is read after the deed: what was created has a name by now.
    line = _write(page, "performed", action, decision_id=decision.pk if decision else None)
    revisit(page, subjects=action.touches())
    if isinstance(action.activity, Activity) and not (action.prepares or action.reads):
        subject = action.subject()
        page.inform(action.activity.key, action.scope, action.title(), subject.url)
    return Performed(result=result, line=line)


def _open_decision(page: Act, action: Action) -> Waiting:
    if not isinstance(page.by, Actor) or page.by.seat_id is None:
        raise TypeError("only a member in a seat opens a decision")
    if not isinstance(action.activity, Activity):
        raise TypeError("an own affair never becomes a decision")
    subject, title, payload = action.subject(), action.title(), encode(action)
    _refuse_a_second(action, subject, payload)
    opinions_due = page.at + timedelta(days=action.activity.opinion_days)
    decision = Decision.objects.create(
        action=action.key,
        activity=action.activity.key,
        scope=action.scope,
        payload=payload,
        subject=subject.key,
        title_fr=title.fr[:300],
        title_en=title.en[:300],
        url=subject.url,
        material=material_digest(action),
        member_id=page.by.member_id,
        seat_id=page.by.seat_id,
        requested_at=page.at,
        opinions_due=opinions_due,
        due=opinions_due + timedelta(days=DECISION_DAYS),
    )
    _write(page, "requested", action, decision_id=decision.pk)
    return Waiting(decision_id=decision.pk, due=decision.due)


def _refuse_a_second(action: Action, subject: Subject, payload: bytes) -> None:
    """The same thing is asked once: two decisions on it would be settled apart.

    The ledger is held, so of two who ask at the same instant the second finds the first.
    """
    same = Decision.objects.filter(
        subject=subject.key, state=Decision.State.OPEN, action=action.key, payload=payload
    )
    waiting = same.select_related("member").first()
    if waiting is not None:
        raise Invalid(
            _("%(name)s asked for this already, and it waits for a decision: “%(title)s”.")
            % {"name": waiting.member.name, "title": waiting.title}
        )


def _write(
    page: Act,
    verb: str,
    action: Action,
    *,
    decision_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> int:
    return page.write_line(
        verb,
        activity=action.activity.key,
        action=action.key,
        subject=action.subject(),
        title=action.title(),
        decision_id=decision_id,
        detail={**action.detail(), **(detail or {})},
    )
