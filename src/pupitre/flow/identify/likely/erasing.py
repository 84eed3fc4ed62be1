"""Erasing somebody from what likely matches keep: pairs that they are in, and the index."""

from __future__ import annotations

from django.db.models import Q

from pupitre.core.erasing import Erased, Removed
from pupitre.flow.identify.likely import newcomers
from pupitre.flow.identify.models import Proposal

AT_ONCE = 5_000


def proposals(who: Erased) -> Removed:
    found = 0
    for at in range(0, len(who.records), AT_ONCE):
        part = who.records[at : at + AT_ONCE]
        gone, _ = Proposal.objects.filter(Q(a__in=part) | Q(b__in=part)).delete()
        found += gone
    left = Proposal.objects.filter(Q(a__in=who.records[:AT_ONCE]) | Q(b__in=who.records[:AT_ONCE]))
    return Removed(found=found, left=left.count())


def index(who: Erased) -> Removed:  # noqa: ARG001  (nobody is told apart: all of it goes)
    """This process's own; that of any other is made anew before it is used: see ``newcomers``."""
    return Removed(found=newcomers.forget(), unit="rows")
