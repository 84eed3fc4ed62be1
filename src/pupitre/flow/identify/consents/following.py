"""What came into the lake, as far as it speaks of consents, goes into the ledger."""

from __future__ import annotations

from pupitre.flow.identify.consents import ledger
from pupitre.flow.identify.consents.hearing import from_events
from pupitre.flow.identify.following.rounds import Heard


def listen(heard: Heard) -> None:
    """Within the transaction of the round: consents are there as soon as the person is."""
    lines = from_events(heard.events, heard.naming)
    ledger.append(ledger.everywhere(lines), at=heard.at)
