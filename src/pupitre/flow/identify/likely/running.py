"""One run: learn from everybody, compare everybody, write what came of it.

It may be killed at any instant. What was learnt is kept with the run, so it is not learnt again;
what was written is written once, so comparing again adds nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import pyarrow as pa
from django.db import transaction
from django.utils.translation import gettext_noop

from pupitre.flow.identify.likely import models_kept, records, thresholds, writing
from pupitre.flow.identify.likely.writing import MATCHER
from pupitre.flow.identify.matching import scoring, training, zones
from pupitre.flow.identify.matching.contracts import Zone
from pupitre.flow.identify.matching.model import Model, loaded
from pupitre.flow.identify.models import MatchRun, RunState
from pupitre.rules.mandate.machines import at_work

MIN_PEOPLE = 500  # fewer teach nothing
TOO_FEW = gettext_noop("Too few customers are known in enough detail to learn from.")
TOO_MUCH_ALIKE = gettext_noop("What is known of customers tells them too little apart to learn.")
Clock = Callable[[], datetime]


class Stopped(Exception):
    """Somebody said so."""


class Interrupted(Exception):
    """The worker ends: the run goes on when it is there again."""


def perform(run_id: int, *, now: Clock, stop: threading.Event) -> RunState:
    """Do what is left of a run. Raises ``Interrupted``."""
    try:
        _go_on(run_id, now=now, stop=stop)
        state, why = RunState.DONE, ""
    except Stopped:
        state, why = RunState.STOPPED, ""
    except ValueError as error:  # what matching raises where records teach nothing
        state, why = RunState.FAILED, str(error)
    _tell(run_id, state=state, why=why, ended_at=now(), alone=None)
    return state


def _go_on(run_id: int, *, now: Clock, stop: threading.Event) -> None:
    _look(run_id, stop)
    everybody = records.everybody()
    _tell(run_id, state=RunState.LEARNING, people=len(everybody))
    model = _learnt(run_id, everybody, now)
    _look(run_id, stop)
    _tell(run_id, state=RunState.COMPARING)
    lines = thresholds.current()
    scored = scoring.score(model, everybody, least_weight=scoring.LOWEST_WEIGHT)
    found = zones.sort(scored, model, lines)
    linked, proposed = found.expected()
    _look(run_id, stop)
    _tell(
        run_id,
        state=RunState.WRITING,
        total=linked.pairs + proposed.pairs,
        done=0,
        expected=linked.precision,
    )
    _write(run_id, found, now=now, stop=stop)


def _learnt(run_id: int, everybody: pa.Table, now: Clock) -> Model:
    kept = MatchRun.objects.select_related("model").get(pk=run_id).model
    if kept is not None:
        return loaded(kept.content)
    if len(everybody) < MIN_PEOPLE:
        raise ValueError(TOO_FEW)
    try:
        model = training.train(records.schema_for(everybody), everybody)
    except ValueError as error:
        raise ValueError(TOO_MUCH_ALIKE) from error
    with at_work(MATCHER), transaction.atomic():
        row = models_kept.keep(model, people=len(everybody), at=now())
        MatchRun.objects.filter(pk=run_id).update(model=row)
    return model


def _write(run_id: int, found: zones.Sorted, *, now: Clock, stop: threading.Event) -> None:
    """Links first: what becomes one by them need not be asked."""
    began = MatchRun.objects.values_list("asked_at", flat=True).get(pk=run_id)
    before = MatchRun.objects.values_list("linked", "proposed").get(pk=run_id)
    sum_ = writing.Written(*before)
    for zone in (Zone.LINKED, Zone.PROPOSED):
        for part in writing.write(found.pairs(zone), at=now()):
            sum_ = sum_ + part
            _tell(run_id, done=sum_.done, linked=sum_.linked, proposed=sum_.proposed)
            _look(run_id, stop)
    writing.overtake(at=began)


def _look(run_id: int, stop: threading.Event) -> None:
    if stop.is_set():
        raise Interrupted
    if MatchRun.objects.filter(pk=run_id, stop_asked=True).exists():
        raise Stopped


def _tell(run_id: int, **said: object) -> None:
    with at_work(MATCHER):
        MatchRun.objects.filter(pk=run_id).update(**said)
