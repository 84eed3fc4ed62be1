"""What waits on the desks of those who answer for customers' requests; and what health says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core import clock
from pupitre.core.bilingual import bilingual
from pupitre.core.contributions import Unhealthy
from pupitre.flow.identify.models import RightsRequest
from pupitre.flow.identify.models.rights import RequestState
from pupitre.flow.identify.rights.access import answers_for
from pupitre.flow.identify.rights.clock import Urgency
from pupitre.flow.identify.rights.listing import Line, open_lines
from pupitre.flow.identify.rights.requests import name_of
from pupitre.rules.mandate.contracts import DeskItem
from pupitre.rules.mandate.web import Presence

STUCK_HOURS = 24  # an erasure that takes longer needs somebody to look


def urgent_requests(presence: Presence) -> Iterator[DeskItem]:
    """Late ones first, then those that are due within the week."""
    if not answers_for(presence):
        return
    for line in open_lines(at=presence.at):
        if line.urgency is not Urgency.IN_TIME:
            yield _item(line)


def _item(line: Line) -> DeskItem:
    zone = ZoneInfo(settings.TIME_ZONE)
    name = name_of(line.number)
    return DeskItem(
        letter="R",
        title=bilingual(lambda: _("Answer %(request)s") % {"request": name}),
        url=reverse("identify:right", args=[line.number]),
        why=bilingual(lambda: _("A customer asked %(what)s.") % {"what": line.asked}),
        since=datetime.combine(line.received_on, time(), zone),
        due=datetime.combine(line.due_on, time(23, 59), zone),
    )


def check_erasures() -> str:
    """For /health: it names nobody."""
    under_way = RightsRequest.objects.filter(state=RequestState.UNDER_WAY, export__isnull=True)
    stuck = under_way.filter(decided_at__lt=clock.now() - timedelta(hours=STUCK_HOURS)).count()
    if stuck:
        raise Unhealthy(
            f"{stuck} decided requests are not carried out after {STUCK_HOURS} h",
            "See that the worker is running (pupitre worker) and what its log says.",
        )
    return f"{under_way.count()} under way"
