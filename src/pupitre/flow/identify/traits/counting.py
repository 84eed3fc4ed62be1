"""Of how many people each trait is known, and of how many several values: counted by the hour."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pyarrow.compute as pc
from django.db import transaction

from pupitre.flow.identify.models import TraitTally
from pupitre.flow.identify.traits import reading
from pupitre.rules.mandate.machines import at_work

COUNTER = "identify.traits"


def count(at: datetime) -> None:
    """Again from the beginning: doing it twice changes nothing but the time."""
    people: Counter[str] = Counter()
    several: Counter[str] = Counter()
    for table in reading.everybody():
        for counter, rows in (
            (people, table),
            (several, table.filter(pc.greater(table["values"], 1))),
        ):
            for one in pc.value_counts(rows["trait"]).to_pylist():
                counter[one["values"]] += one["counts"]
    with at_work(COUNTER), transaction.atomic():
        TraitTally.objects.exclude(trait__in=people).delete()
        for trait, known in people.items():
            TraitTally.objects.update_or_create(
                trait=trait[:100],
                defaults={"people": known, "several": several[trait], "at": at},
            )
