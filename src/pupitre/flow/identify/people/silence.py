"""What a customer asked not to receive: a right, a pause, a refusal. Nothing of it is an event."""

from __future__ import annotations

from datetime import datetime

from pupitre.flow.identify.consents.reading import Held, holds, paused_until, refused
from pupitre.flow.identify.people.helping import Fact, Help


def silence(person: int, *, at: datetime) -> tuple[Fact, ...]:
    """One fact at most: what holds everything back before what holds back a channel."""
    held = holds(person, at=at)
    if Held.RESTRICTED in held or Held.OBJECTS in held:
        why = Held.RESTRICTED if Held.RESTRICTED in held else Held.OBJECTS
        return (Fact(Help.SILENCE, at, details={"held": why.value}),)
    until = paused_until(person, at=at)
    if until is not None:
        details = {"held": Held.PAUSED.value, "until": until.isoformat()}
        return (Fact(Help.SILENCE, at, details=details),)
    channels, since = refused(person)
    return (Fact(Help.SILENCE, since or at, channels=channels),) if channels else ()
