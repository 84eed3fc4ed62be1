"""The demonstration's customers: known from the start, not from when the worker came round."""

from __future__ import annotations

from datetime import datetime

from pupitre.flow.identify.following import rounds


def build(at: datetime) -> None:
    """Everything that the demonstration's lake holds by then. Does nothing twice."""
    while rounds.once(at=at):
        pass
