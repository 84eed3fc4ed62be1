"""Made-up actions, one for each enforced activity, and pages on which they are asked for.

They go through the product's own door (``act``, ``ask``, ``acting_view``): only what they do once
they may is made up. Four more activities show joint and four eyes apart, with days of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.actions import Action, action_types
from pupitre.rules.mandate.contracts import (
    Activity,
    AnyActor,
    Domain,
    Subject,
    activity,
    enforced_activities,
)
from pupitre.rules.mandate.models import Function
from pupitre.rules.mandate.standing import forget_law
from pupitre.rules.mandate.web import acting_view, ask

MADE_UP = ("trial.joint", "trial.four", "trial.both", "trial.slow")
DEED = "the-deed"


@dataclass(frozen=True)
class Trial(Action):
    """It leaves a trace that everybody can see: a function called like it."""

    initiative: str = ""

    @property
    def scope(self) -> str:
        return self.initiative

    def subject(self) -> Subject:
        return Subject(f"trial:{self.activity.key}", Bilingual("Essai", "Trial"))

    def title(self) -> Bilingual:
        return Bilingual("Laisser une trace", "Leave a trace")

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        Function.objects.create(key=DEED, kind="other", name_fr=DEED)


TRIALS: dict[str, type[Trial]] = {}
DRAFTS: dict[str, type[Trial]] = {}


@contextmanager
def on_trial() -> Iterator[dict[str, Activity]]:
    """Every enforced activity has a trial of its own; what is made up goes away afterwards."""
    known = set(enforced_activities.keys())
    actions = set(action_types.keys())
    for key in MADE_UP:
        activity(
            key,
            name=Bilingual(key, key),
            domain=Domain.PROCESS,
            joint=key in ("trial.joint", "trial.both"),
            four_eyes=key in ("trial.four", "trial.both"),
            opinion_days=9 if key == "trial.slow" else 3,
        )
    for one in enforced_activities:
        name = one.key.title().replace(".", "")
        TRIALS[one.key] = dataclass(frozen=True)(type(f"Trial{name}", (Trial,), {"activity": one}))
        DRAFTS[one.key] = dataclass(frozen=True)(
            type(f"Draft{name}", (Trial,), {"activity": one, "prepares": True})
        )
    forget_law()
    try:
        yield {one.key: one for one in enforced_activities}
    finally:
        for key in set(enforced_activities.keys()) - known:
            del enforced_activities._entries[key]
        for key in set(action_types.keys()) - actions:
            del action_types._entries[key]
        TRIALS.clear()
        DRAFTS.clear()
        forget_law()


@acting_view(Trial)
def try_it(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    trials: ClassVar[dict[str, type[Trial]]] = DRAFTS if kind == "draft" else TRIALS
    ask(request, trials[key](initiative=request.POST.get("initiative", "")))
    return redirect("mandate:desk")


urlpatterns = [
    path("trial/<str:key>/<str:kind>/", try_it, name="try_it"),
    path("", include("pupitre.config.urls")),
]
