"""What waits on a steward's desk: likely matches to say yes or no to."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import bilingual
from pupitre.core.templatetags.house import count
from pupitre.flow.identify.likely.activities import MATCH_DECIDE
from pupitre.flow.identify.models import MatchAnswer, Proposal
from pupitre.rules.mandate.contracts import DeskItem
from pupitre.rules.mandate.web import Presence


def waiting_proposals(presence: Presence) -> Iterator[DeskItem]:
    """For whoever is responsible: one line, however many wait."""
    row = presence.law.row(MATCH_DECIDE.key) or {}
    letters = {row.get(chair.seat.id, "") for chair in presence.chairs}
    if not any("R" in one for one in letters):
        return
    waiting = Proposal.objects.filter(answer=MatchAnswer.WAITING)
    there = waiting.count()
    if not there:
        return
    oldest = waiting.order_by("at").values_list("at", flat=True).first()
    yield DeskItem(
        letter="R",
        title=bilingual(
            lambda: (
                ngettext(
                    "%(count)s likely match to answer", "%(count)s likely matches to answer", there
                )
                % {"count": count(there)}
            )
        ),
        url=reverse("identify:likely"),
        why=bilingual(lambda: _("Each answer teaches where the lines are drawn.")),
        since=oldest,
    )
