"""Maison Ardoise, the demonstration company: invented people, a year of decisions."""

from __future__ import annotations

from datetime import datetime

from pupitre.rules.mandate.demo.building import Stage, found
from pupitre.rules.mandate.demo.story import live
from pupitre.rules.mandate.models import Function


def build(at: datetime) -> None:
    """Build the company as of ``at``; nothing where one already stands."""
    if Function.objects.exists():
        return
    stage = Stage(now=at, seats={}, members={})
    found(stage)
    live(stage)
