"""Functions, seats, and the people who hold them for a time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import FunctionKind


class Named(models.Model):
    """A name in both languages; where a company gave one, it serves for both."""

    name_fr = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Bilingual:
        return Bilingual(fr=self.name_fr, en=self.name_en)


class Function(Named):
    """Marketing, IT, a region…: a part of the company with a voice of its own."""

    key = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=20, choices=[(kind, kind.label) for kind in FunctionKind])
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "key"]


class Seat(Named):
    """A position in a function. People come and go; the letters stay with the seat."""

    key = models.SlugField(max_length=60, unique=True)
    function = models.ForeignKey(Function, on_delete=models.PROTECT, related_name="seats")
    heads = models.BooleanField(default=False)  # it leads its function
    places = models.PositiveSmallIntegerField(default=1)  # how many may hold it at the same time
    position = models.PositiveIntegerField(default=0)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["function__position", "-heads", "position", "key"]


class ReportingLine(models.Model):
    """From a seat to the one that it reports to: one solid line, and any number of dotted ones."""

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="lines_up")
    superior = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="lines_down")
    dotted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seat", "superior"], name="line_once"),
            models.UniqueConstraint(
                fields=["seat"], condition=Q(dotted=False), name="one_solid_line_a_seat"
            ),
            models.CheckConstraint(condition=~Q(seat=F("superior")), name="line_to_another_seat"),
        ]


class Member(models.Model):
    """A person of the company. The account opens the door; the seat gives the voice."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="member"
    )
    name = models.CharField(max_length=120)
    suspended = models.BooleanField(default=False)
    wants_digest = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Tenure(models.Model):
    """A member holds a seat from a day to a day, both included."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="tenures")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="tenures")
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="tenure_ends_after_it_starts",
            ),
            models.UniqueConstraint(fields=["member", "seat", "starts"], name="tenure_once"),
        ]


class Delegation(models.Model):
    """A deputy speaks for a seat from a day to a day, both included; its holders still may."""

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="delegations")
    deputy = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="delegations")
    starts = models.DateField()
    ends = models.DateField()
    given_by = models.ForeignKey(
        Member, null=True, on_delete=models.PROTECT, related_name="delegations_given"
    )

    class Meta:
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")), name="delegation_ends_after_it_starts"
            ),
        ]
