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


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """What a customer asks for on their own page, by a signed link: a value of ``Right``."""

    right: str
    identifier: int
    at: datetime


# By right ("portability", "erasure"): opens the request. Called inside the one transaction of the
# act by which the customer asks; it must not act itself. The page offers what is here, and no more.
own_rights: Registry[Callable[[OwnRequest], object]] = Registry("right of one's own")
