"""What who-is-who lends to the other rooms, and what its own parts lend to one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from pupitre.core.contributions import Registry


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """A person's page, as it is being opened: for whom a panel is drawn."""

    request: HttpRequest
    person: int  # their number of today
    at: datetime


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a person's page: a template, and what it shows."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


# Parts of a person's page, in the order of their keys; None where there is nothing to show to
# this reader. Drawing one writes nothing.
person_panels: Registry[Callable[[PersonAsked], Panel | None]] = Registry("person panel")
