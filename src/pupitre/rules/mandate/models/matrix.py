"""The responsibility matrix, version by version."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pupitre.rules.mandate.contracts import CELL_VALUES, Domain
from pupitre.rules.mandate.models.organisation import Member, Named, Seat


class CompanyActivity(Named):
    """An activity of the company's own, beside those that the software enforces."""

    key = models.SlugField(max_length=80, unique=True)
    domain = models.CharField(max_length=12, choices=[(d, d.label) for d in Domain])
    joint = models.BooleanField(default=False)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["domain", "name_fr"]


class Scope(Named):
    """An initiative that has rows of its own in the matrix."""

    key = models.SlugField(max_length=80, unique=True)


class MatrixVersion(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft"
        IN_FORCE = "in_force"
        SUPERSEDED = "superseded"
        ABANDONED = "abandoned"

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    based_on = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    note = models.CharField(max_length=400, blank=True)
    started_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT)
    started_at = models.DateTimeField()
    entered_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            # Two people at the same instant: the database, not hope, keeps it to one.
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="in_force"), name="one_matrix_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.state})"


class Cell(models.Model):
    """The letters of one seat in one row. An empty cell has no record."""

    version = models.ForeignKey(MatrixVersion, on_delete=models.CASCADE, related_name="cells")
    scope = models.CharField(max_length=80, blank=True)  # "" for the company, else a Scope's key
    activity = models.CharField(max_length=80)
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    letters = models.CharField(max_length=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "scope", "activity", "seat"], name="cell_once"
            ),
            models.CheckConstraint(
                condition=Q(letters__in=CELL_VALUES), name="cell_has_known_letters"
            ),
        ]
