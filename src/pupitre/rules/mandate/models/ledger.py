"""The audit: append-only, each line chained to the one before."""

from __future__ import annotations

from django.db import models


class AuditLine(models.Model):
    """One thing that happened. Names are copied as they were, for they must not change later."""

    seq = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    verb = models.CharField(max_length=30)  # performed, requested, approved, refused…
    activity = models.CharField(max_length=80, db_index=True)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=120, db_index=True)
    title_fr = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    member_id = models.BigIntegerField(null=True, db_index=True)
    actor = models.CharField(max_length=120)  # the member's name, or the system actor's
    seat_id = models.BigIntegerField(null=True)
    seat_name = models.CharField(max_length=120, blank=True)
    decision_id = models.BigIntegerField(null=True)
    matrix = models.PositiveIntegerField(null=True)  # number of the version that ruled
    detail = models.TextField(blank=True)  # JSON
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-seq"]


class Ledger(models.Model):
    """The single row that every act locks: it orders acts, holds the chain's end, counts changes.

    ``epoch`` moves whenever the organisation or the matrix in force does, so that a law kept in
    memory knows that it is out of date.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    epoch = models.PositiveBigIntegerField(default=1)

    witness_due = False  # of this transaction: one witness tells of all its lines
