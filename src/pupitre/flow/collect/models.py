"""Sources, their write keys and their tracking plans. Every change is an act; see ``sources/``.

What machines write at volume (journal, quarantine, counters) is not here: see ``intake/``.
"""

from __future__ import annotations

from django.db import models

from pupitre.core.bilingual import Bilingual
from pupitre.flow.collect.contracts import PlanMode
from pupitre.lake.contracts import Channel


class Source(models.Model):
    """Where events come from: a shop's site, the tills, an e-mail tool."""

    key = models.SlugField(max_length=40, unique=True)  # what the lake calls it, for ever
    name_fr = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    why = models.TextField(max_length=1000)  # what marketing wants it for
    channel = models.CharField(max_length=12, choices=[(c.value, c.value) for c in Channel])
    owner = models.ForeignKey("mandate.Seat", on_delete=models.PROTECT, related_name="+")
    allowed_origins = models.JSONField(default=list, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Bilingual:
        return Bilingual(fr=self.name_fr, en=self.name_en)


class WriteKey(models.Model):
    """What a sender shows to be let in. Its text was shown once, and is nowhere any more."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="keys")
    sha256 = models.BinaryField(max_length=32, unique=True)
    start = models.CharField(max_length=8)  # first characters, so that people can tell keys apart
    label = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)  # after a rotation
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.start}…"


class PlanVersion(models.Model):
    """A tracking plan as it was agreed. The one with the highest number is in force."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    mode = models.CharField(max_length=8, choices=[(m.value, m.value) for m in PlanMode])
    events = models.JSONField(default=list)  # of PlannedEvent
    agreed_at = models.DateTimeField()

    class Meta:
        ordering = ["source_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="plan_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.source_id}/{self.number}"


class BookVersion(models.Model):
    """One row, whose number grows whenever the collector must read the sources again."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)


class FileImport(models.Model):
    """A file that somebody asked to be imported. How far it is stands in the collector's books."""

    source = models.CharField(max_length=40)  # key of a Source
    file = models.CharField(max_length=120)  # its name, as people know it
    digest = models.CharField(max_length=64)  # SHA-256 of its content
    place = models.CharField(max_length=4096)  # token of an upload, or a path on the machine
    uploaded = models.BooleanField()
    mapping = models.TextField()  # JSON
    mapping_digest = models.CharField(max_length=64)
    attempt = models.PositiveIntegerField()  # 0, then one more each time that it failed
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=60)  # "member:7", or a system actor
    taken_back_at = models.DateTimeField(null=True, blank=True)  # when that was asked
    # By whom; neither where it was the operator, at the console.
    taken_back_by = models.ForeignKey(
        "mandate.Member", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_back_from = models.ForeignKey(
        "mandate.Seat", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "digest", "mapping_digest", "attempt"], name="import_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.file} → {self.source}"
