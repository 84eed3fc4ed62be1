"""A material change voids what was said: the decision starts again, and those who spoke know."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from pupitre.core.bilingual import bilingual
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import Action, decode, material_digest
from pupitre.rules.mandate.contracts import Activity, Actor, Subject
from pupitre.rules.mandate.models import Decision, Notice

if TYPE_CHECKING:
    from pupitre.rules.mandate.acting import Act


def revisit(page: Act, *, subjects: tuple[str, ...]) -> int:
    """Look again at the open decisions on these subjects. Returns how many start again."""
    reopened = 0
    for decision in Decision.objects.filter(subject__in=subjects, state=Decision.State.OPEN):
        action = readable_action(decision)
        theirs = isinstance(page.by, Actor) and page.by.member_id == decision.member_id
        reopened += action is not None and reopen_if_changed(
            page, decision, action, by_requester=theirs
        )
    return reopened


def reopen_if_changed(
    page: Act, decision: Decision, action: Action, *, by_requester: bool = False
) -> bool:
    """Open the next round where what people approved is not what it is now.

    ``by_requester``: they are changing it by this very act. Finding out that it has changed is
    another thing: whoever finds out has not read it yet.
    """
    if decision.state != Decision.State.OPEN:
        return False
    fresh = material_digest(action)
    if fresh == decision.material:
        return False
    spoke = set(decision.voices.filter(round=decision.round).values_list("seat_id", flat=True))
    title = action.title()
    decision.material = fresh
    decision.title_fr, decision.title_en = title.fr[:300], title.en[:300]
    decision.round += 1
    _give_time_again(decision, action, at=page.at)
    if by_requester:
        decision.asked_round = decision.round  # they changed it themselves, and still ask
    decision.save(
        update_fields=[
            *("material", "title_fr", "title_en", "round", "asked_round"),
            *("opinions_due", "due"),
        ]
    )
    write_decision_line(page, "changed", decision, "", extra={"voided_voices": len(spoke)})
    text = bilingual(
        lambda: _("“%(title)s” changed after you spoke: please look again.") % {"title": title}
    )
    for seat_id in sorted(spoke):
        page.notify(Notice.Kind.REOPENED, text, decision.page_url, seat_id=seat_id)
    if decision.asked_round != decision.round:
        page.notify(Notice.Kind.REOPENED, text, decision.page_url, member_id=decision.member_id)
    return True


def _give_time_again(decision: Decision, action: Action, *, at: datetime) -> None:
    """Those who are consulted have as long for what it has become as they had for what it was.

    Else one would ask for something harmless, let the time pass, and change it at the end.
    """
    if isinstance(action.activity, Activity):
        to_decide = decision.due - decision.opinions_due
        decision.opinions_due = at + timedelta(days=action.activity.opinion_days)
        decision.due = decision.opinions_due + to_decide


def readable_action(decision: Decision) -> Action | None:
    """The action as it was asked; None where this version of Pupitre no longer has it."""
    try:
        action = decode(decision.action, bytes(decision.payload))
        action.title()
    except (KeyError, ValueError, Invalid):
        return None
    return action


def write_decision_line(
    page: Act,
    verb: str,
    decision: Decision,
    comment: str,
    *,
    extra: dict[str, object] | None = None,
) -> int:
    """One audit line about a decision."""
    return page.write_line(
        verb,
        activity=decision.activity,
        action=decision.action,
        subject=Subject(decision.subject, decision.title, decision.url),
        title=decision.title,
        decision_id=decision.pk,
        detail={**({"comment": comment} if comment else {}), **(extra or {})},
    )
