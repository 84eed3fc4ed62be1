"""What people say of an open decision: opinion, agreement, refusal, carrying out, withdrawal.

Who may say what is ruled by the matrix of the moment, not by the one of the day when it was
asked: change a letter and the decisions that wait obey it at once.

``round_seen`` is the round that the speaker read. Where a material change has opened another one
since, the voice is about something that is no more, and nothing is recorded.
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _

from pupitre.core.bilingual import bilingual
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.acting import Act, acting, perform_decided, refusal
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, Actor, Reason
from pupitre.rules.mandate.models import Decision, Notice, Voice
from pupitre.rules.mandate.progress import standing_of, unknown_activity
from pupitre.rules.mandate.reopening import (
    readable_action,
    reopen_if_changed,
    write_decision_line,
)
from pupitre.rules.mandate.ruling import Verb

_COMMENT_CHARACTERS = 2_000


def opine(
    *,
    decision_id: int,
    verdict: str,
    comment: str = "",
    by: Actor,
    at: datetime,
    round_seen: int | None = None,
) -> Decision:
    """Give the opinion that was asked. It may be changed until the decision is settled."""
    return _speak(
        Verb.OPINE, decision_id, comment, by=by, at=at, verdict=verdict, round_seen=round_seen
    )


def approve(
    *,
    decision_id: int,
    comment: str = "",
    by: Actor,
    at: datetime,
    round_seen: int | None = None,
) -> Decision:
    """Say yes. When nothing is missing any more the action is carried out at once."""
    return _speak(Verb.APPROVE, decision_id, comment, by=by, at=at, round_seen=round_seen)


def refuse(
    *, decision_id: int, comment: str, by: Actor, at: datetime, round_seen: int | None = None
) -> Decision:
    """Say no, and why. It settles the decision."""
    if not comment.strip():
        raise Invalid(
            _("Say why: whoever asked will read it, and can ask better."), field="comment"
        )
    return _speak(Verb.REFUSE, decision_id, comment, by=by, at=at, round_seen=round_seen)


def carry_out(
    *,
    decision_id: int,
    comment: str = "",
    by: Actor,
    at: datetime,
    round_seen: int | None = None,
) -> Decision:
    """Carry out what lacks nothing any more: the opinions are in, or their time is over."""
    return _speak(Verb.CARRY_OUT, decision_id, comment, by=by, at=at, round_seen=round_seen)


def confirm(
    *,
    decision_id: int,
    comment: str = "",
    by: Actor,
    at: datetime,
    round_seen: int | None = None,
) -> Decision:
    """Stand by one's own request as it has become. It counts as asking did, and no more."""
    return _speak(Verb.CONFIRM, decision_id, comment, by=by, at=at, round_seen=round_seen)


def withdraw(*, decision_id: int, comment: str = "", by: Actor, at: datetime) -> Decision:
    """Take back one's own request."""
    return _speak(Verb.WITHDRAW, decision_id, comment, by=by, at=at)


def _speak(
    verb: Verb,
    decision_id: int,
    comment: str,
    *,
    by: Actor,
    at: datetime,
    verdict: str = "",
    round_seen: int | None = None,
) -> Decision:
    if len(comment) > _COMMENT_CHARACTERS:
        raise Invalid(
            _("Keep it under %(count)s characters.") % {"count": _COMMENT_CHARACTERS},
            field="comment",
        )
    _no_null_characters(comment)
    if verb is Verb.OPINE and verdict not in Voice.Verdict.values:
        raise Invalid(_("Choose what you think of it."), field="verdict")
    with acting(by=by, at=at) as page:
        decision = _locked(decision_id)
        action = readable_action(decision)
        if action is not None:
            action.hold()
        # Whoever takes a request back need not read again what it has become.
        changed = verb is not Verb.WITHDRAW and (
            (action is not None and reopen_if_changed(page, decision, action))
            or _read_another(decision, round_seen)
        )
        refused = None if changed else _refuses(page, decision, verb)
        if refused is not None:
            write_decision_line(
                page, "was refused", decision, comment, extra={"reason": refused.value}
            )
        elif not changed:
            _heard(page, decision, action, verb, comment, verdict)
            return decision
    if changed:
        raise Invalid(
            _(
                "What this decision is about has just changed. Nothing was recorded: "
                "read it again, then speak."
            )
        )
    if refused is None:
        raise RuntimeError("unreachable: a voice is heard, refused, or void")
    raise refusal(page, refused, _activity(page, decision), decision.scope)


def _no_null_characters(comment: str) -> None:
    """PostgreSQL cannot keep them, and no keyboard sends them."""
    try:
        ProhibitNullCharactersValidator()(comment)
    except ValidationError as error:
        raise Invalid(error.message, field="comment") from error


def _read_another(decision: Decision, round_seen: int | None) -> bool:
    """Whether the speaker read what was asked before it changed: an edit that came first opened
    the next round already, and left nothing for them to find out."""
    if round_seen is None or decision.state != Decision.State.OPEN:
        return False
    return round_seen != decision.round


def _refuses(page: Act, decision: Decision, verb: Verb) -> Reason | None:
    if not isinstance(page.by, Actor):
        return Reason.SYSTEM_NOT_ALLOWED
    if decision.state != Decision.State.OPEN:
        return Reason.SETTLED
    return standing_of(decision, law=page.law, at=page.at).refuses(verb, page.by)


def _heard(
    page: Act, decision: Decision, action: Action | None, verb: Verb, comment: str, verdict: str
) -> None:
    """Record the voice, then see whether it settles the decision."""
    if verb is Verb.WITHDRAW:
        _settle(page, decision, Decision.State.WITHDRAWN, "withdrew", comment)
    elif verb is Verb.REFUSE:
        _voice(page, decision, Voice.Kind.REFUSAL, Voice.Verdict.AGAINST, comment)
        _settle(page, decision, Decision.State.REFUSED, "refused", comment)
    elif verb is Verb.OPINE:
        _voice(page, decision, Voice.Kind.OPINION, verdict, comment)
        write_decision_line(page, "gave an opinion", decision, comment, extra={"verdict": verdict})
    else:
        if verb is Verb.CONFIRM:
            decision.asked_round = decision.round
            decision.save(update_fields=["asked_round"])
        if verb is Verb.APPROVE:
            _voice(page, decision, Voice.Kind.AGREEMENT, Voice.Verdict.FOR, comment)
        if not standing_of(decision, law=page.law, at=page.at).needs:
            _carry_out(page, decision, action, comment)
        else:
            said = "confirmed" if verb is Verb.CONFIRM else "approved"
            write_decision_line(page, said, decision, comment)


def _carry_out(page: Act, decision: Decision, action: Action | None, comment: str) -> None:
    try:
        if action is None:
            raise Invalid(_("Pupitre no longer knows how to do this."))
        action.check(at=page.at)
    except Invalid as invalid:
        decision.outcome_note = str(invalid)
        _settle(page, decision, Decision.State.IMPOSSIBLE, "found impossible", comment)
        return
    # Settled first: what is performed may look at the decisions that remain open.
    _settled(page, decision, Decision.State.PERFORMED, comment)
    perform_decided(page, action, decision)
    _answer(page, decision)


def _settle(page: Act, decision: Decision, state: Decision.State, verb: str, comment: str) -> None:
    _settled(page, decision, state, comment)
    write_decision_line(page, verb, decision, comment)
    _answer(page, decision)


def _settled(page: Act, decision: Decision, state: Decision.State, comment: str) -> None:
    decision.state = state
    decision.settled_at = page.at
    decision.outcome_note = decision.outcome_note or comment
    decision.save(update_fields=["state", "settled_at", "outcome_note"])


def _voice(page: Act, decision: Decision, kind: Voice.Kind, verdict: str, comment: str) -> None:
    if not isinstance(page.by, Actor) or page.by.seat_id is None:
        raise TypeError("only a member in a seat has a voice")
    Voice.objects.update_or_create(
        decision=decision,
        round=decision.round,
        seat_id=page.by.seat_id,
        kind=kind,
        defaults={
            "verdict": verdict,
            "member_id": page.by.member_id,
            "comment": comment,
            "at": page.at,
        },
    )


def _answer(page: Act, decision: Decision) -> None:
    """Tell whoever asked what became of it, unless they did it themselves."""
    if isinstance(page.by, Actor) and page.by.member_id == decision.member_id:
        return
    sentences = {
        Decision.State.PERFORMED: lambda: _("Your request was approved and done: %(title)s"),
        Decision.State.REFUSED: lambda: _("Your request was refused: %(title)s"),
        Decision.State.IMPOSSIBLE: lambda: _("Approved, but no longer possible: %(title)s"),
    }
    sentence = sentences.get(Decision.State(decision.state))
    if sentence is not None:
        text = bilingual(lambda: sentence() % {"title": decision.title})
        page.notify(Notice.Kind.ANSWERED, text, decision.page_url, member_id=decision.member_id)


def _locked(decision_id: int) -> Decision:
    """The ledger is held already, so this row cannot move under us."""
    decision = Decision.objects.filter(pk=decision_id).first()
    if decision is None:
        raise Invalid(_("This decision does not exist."))
    return decision


def _activity(page: Act, decision: Decision) -> Activity:
    return page.law.activities.get(decision.activity) or unknown_activity(decision.activity)
