"""Models that were learnt, as the table keeps them."""

from __future__ import annotations

from datetime import datetime

from pupitre.flow.identify.matching.model import Model, loaded
from pupitre.flow.identify.models import MatchModel

MOST_KEPT = 20  # older ones go: a model says nothing that the next one does not


def keep(model: Model, *, people: int, at: datetime) -> MatchModel:
    """Within a transaction."""
    made = MatchModel.objects.create(
        fingerprint=model.fingerprint, content=model.as_json(), people=people, learnt_at=at
    )
    old = MatchModel.objects.order_by("-pk").values_list("pk", flat=True)[MOST_KEPT:]
    MatchModel.objects.filter(pk__in=list(old)).delete()
    return made


def latest() -> tuple[int, Model] | None:
    """The model that newcomers are compared by, and its key."""
    row = MatchModel.objects.order_by("-pk").first()
    return (row.pk, loaded(row.content)) if row else None


def latest_key() -> int | None:
    return MatchModel.objects.order_by("-pk").values_list("pk", flat=True).first()
