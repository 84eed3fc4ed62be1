"""For how long each kind of data is kept, and what was deleted by it."""

from __future__ import annotations

from django.db import models


class Kept(models.TextChoices):
    """Kinds of data that have a length of time of their own."""

    EVENTS = "events"  # of people, since they happened
    ANONYMOUS = "anonymous"  # events of devices that nobody has said to be theirs
    REQUESTS = "requests"  # requests by right, since they were closed


class RetentionRule(models.Model):
    """How long one kind of data is kept. No row: for ever."""

    kept = models.CharField(max_length=12, choices=Kept.choices)
    channel = models.CharField(max_length=12, blank=True)  # of events; empty: of every other one
    months = models.PositiveIntegerField()
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["kept", "channel"]
        constraints = [
            models.UniqueConstraint(fields=["kept", "channel"], name="retention_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.kept} {self.channel}: {self.months}"


class RetentionRun(models.Model):
    """What one rule deleted on one day."""

    kept = models.CharField(max_length=12, choices=Kept.choices)
    channel = models.CharField(max_length=12, blank=True)
    before = models.DateTimeField()  # what was older went
    removed = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kept} {self.channel} {self.at:%Y-%m-%d}"
