"""An action is the only way to change anything: what it is, before who may do it.

``acting.act`` performs it, makes a decision of it, or refuses it.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from pupitre.core.bilingual import Bilingual
from pupitre.core.contributions import Registry
from pupitre.rules.mandate.contracts import Activity, Actor, AnyActor, OwnAffair, Subject
from pupitre.rules.mandate.law import Law


@dataclass(frozen=True)
class Action(ABC):
    """One change that somebody asks for. Subclasses are frozen dataclasses.

    Their fields say what is asked, in types that msgspec can write as JSON and read back
    (numbers, text, dates, tuples, frozen dataclasses), for an action may wait for weeks.
    """

    activity: ClassVar[Activity | OwnAffair]
    key: ClassVar[str]  # "mandate.OpenSeat": the room and the class
    # Preparing changes nothing that rules yet (a draft): whoever holds R or A does it at once.
    prepares: ClassVar[bool] = False
    # Reading changes nothing, and is written down: whoever has a letter in the row does it at once.
    reads: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "activity" in cls.__dict__:
            room = cls.__module__.removeprefix("pupitre.").split(".")
            cls.key = f"{room[min(1, len(room) - 1)]}.{cls.__name__}"
            action_types.add(cls.key, cls)

    @property
    def scope(self) -> str:
        """The initiative whose own row applies, or "" for the whole company."""
        return ""

    @abstractmethod
    def subject(self) -> Subject:
        """What it is about. Two decisions on one subject are shown together."""

    @abstractmethod
    def title(self) -> Bilingual:
        """What is asked, as a sentence that starts with a verb: "Open the seat “Data steward”"."""

    def check(self, *, at: datetime) -> None:  # noqa: B027  (nothing to check is common)
        """Raise ``Invalid`` where what is asked makes no sense. Runs when asked and when done."""

    def material(self) -> object:
        """What those who approve have seen; when it changes, their approval is void.

        JSON-able. The action's own fields are always part of it: give here what it points to.
        """
        return None

    def hold(self) -> None:  # noqa: B027  (nobody but acts writes what most point to)
        """Keep what ``material`` points to as it is until this is done: take the locks under which
        machines write it. Called before it is compared with what was approved."""

    def touches(self) -> tuple[str, ...]:
        """Subjects whose open decisions are looked at again once this is done."""
        return (self.subject().key,)

    def belongs_to(self, actor: Actor, *, law: Law, day: date) -> bool:  # noqa: ARG002
        """For an own affair: whether the thing is the actor's."""
        return False

    @abstractmethod
    def perform(self, *, by: AnyActor, at: datetime) -> object:
        """Do it. Called inside the transaction; the audit line is written afterwards."""

    def detail(self) -> dict[str, Any]:
        """What the audit keeps beyond the title. No secret and no customer data."""
        return dict(msgspec.to_builtins(self))


action_types: Registry[type[Action]] = Registry("action")


def encode(action: Action) -> bytes:
    return msgspec.json.encode(action)


def decode(key: str, payload: bytes) -> Action:
    """The action as it was asked. Raises ``KeyError`` for a class that no longer exists."""
    return msgspec.json.decode(payload, type=action_types[key])


def material_digest(action: Action) -> str:
    """SHA-256 over what is being approved: the action's fields and what they point to."""
    text = msgspec.json.encode(
        [action.key, msgspec.to_builtins(action), msgspec.to_builtins(action.material())],
        order="deterministic",
    )
    return hashlib.sha256(text).hexdigest()
