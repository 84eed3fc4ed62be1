"""People who are likely one: what was learnt, runs over everybody, what stewards are asked."""

from __future__ import annotations

import enum
from typing import Any

from django.db import models

from pupitre.flow.identify.models.book import Identifier


class RunState(enum.StrEnum):
    WAITING = "waiting"
    LEARNING = "learning"
    COMPARING = "comparing"
    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"  # somebody said so
    FAILED = "failed"


OVER = (RunState.DONE.value, RunState.STOPPED.value, RunState.FAILED.value)


class MatchAnswer(enum.StrEnum):
    """What became of a proposal."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"  # they became one, or were kept apart, by another way


class MatchModel(models.Model):
    """What was learnt of how people's details agree. Its JSON holds no value of anybody."""

    fingerprint = models.CharField(max_length=16)
    content = models.TextField()
    people = models.BigIntegerField()  # from how many it was learnt
    learnt_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.fingerprint


class MatchRun(models.Model):
    """One comparison of everybody with everybody: asked for by an act, done by the worker."""

    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in RunState],
        default=RunState.WAITING.value,
    )
    stop_asked = models.BooleanField(default=False)
    model = models.ForeignKey(MatchModel, null=True, on_delete=models.SET_NULL)
    people = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)  # pairs to write
    done = models.BigIntegerField(default=0)
    linked = models.BigIntegerField(default=0)
    proposed = models.BigIntegerField(default=0)
    expected = models.FloatField(null=True)  # precision of the links, as the model sees it
    why = models.TextField(blank=True)  # it failed
    ended_at = models.DateTimeField(null=True)
    # True until it is over, then None: of two that are asked for at once, one comes to stand.
    alone = models.BooleanField(null=True, default=True, unique=True)

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"


class Proposal(models.Model):
    """Two people who may be one: for a steward to say. ``a < b``."""

    a = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="+")
    b = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="+")
    probability = models.FloatField()
    weight = models.FloatField()  # bits
    prior = models.FloatField()  # bits
    reason = models.CharField(max_length=16, blank=True)  # why it is not linked by rule
    # [column, level, weight, rarity], as matching gives them; weights in bits, no values.
    evidence: models.JSONField[Any, Any] = models.JSONField(default=list)
    at = models.DateTimeField()
    answer = models.CharField(
        max_length=10,
        choices=[(one.value, one.value) for one in MatchAnswer],
        default=MatchAnswer.WAITING.value,
    )
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)
    why = models.TextField(max_length=1000, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["a", "b"], name="proposal_once")]
        indexes = [models.Index(fields=["answer", "-probability"], name="proposal_waiting")]

    def __str__(self) -> str:
        return f"{self.a_id}-{self.b_id}"
