"""Who may read requests by right: those who answer for them, and those who are asked beforehand."""

from __future__ import annotations

from pupitre.flow.identify.rights.activities import ACTIVITIES
from pupitre.rules.mandate.queries import Readers

READERS = Readers(ACTIVITIES, "identify/rights/not_for_this_seat.html")
opens_requests = READERS.opens
answers_for = READERS.answers_for
shows_requests = READERS.only
