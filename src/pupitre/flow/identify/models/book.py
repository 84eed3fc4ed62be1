"""The book: identifiers, what links them, whose they are, and in whose hand devices were.

Machines write it from the lake (``following/``), hands write it by acts; both decide again whose
each identifier is (``book/deciding``). Whatever a row says may be said twice without harm: rows
have no counts, only what was said and when it was said first.
"""

from __future__ import annotations

import enum
from typing import Any

from django.db import models

from pupitre.flow.identify.kinds import Kind

VALUE_CHARACTERS = 512


class Standing(enum.IntEnum):
    """Whether an identifier says who somebody is."""

    HEARD = 0
    CROWDED = 1  # beside too many others: a help desk's number
    BETWEEN = 2  # between people that must stay apart: a household's telephone


class Rule(enum.StrEnum):
    """By which rule two identifiers are one person's."""

    SAID = "said"  # one event said both
    ALIKE = "alike"  # likely matches, above the threshold


class Identifier(models.Model):
    """One identifier in one spelling. A person is known by the least key of theirs."""

    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Kind])
    value = models.CharField(max_length=VALUE_CHARACTERS)
    # Whose it is: the least key among that person's identifiers. None: a device's (see Use), or one
    # that says nothing about who somebody is.
    person = models.BigIntegerField(null=True)
    # The least key among all that the links that are heard connect: what is decided again together.
    component = models.BigIntegerField(null=True)
    standing = models.SmallIntegerField(default=Standing.HEARD.value)
    neighbours = models.PositiveIntegerField(default=0)  # others that links put it beside

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["value", "kind"], name="identifier_once"),
        ]
        indexes = [
            models.Index(fields=["person"], name="identifier_person"),
            models.Index(fields=["component"], name="identifier_component"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class Spelling(models.Model):
    """How the lake writes an identifier, where that is not how we do: "user_id: Alice "."""

    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="spellings")
    text = models.CharField(max_length=VALUE_CHARACTERS + 20, unique=True)  # the lake's identity

    def __str__(self) -> str:
        return self.text


class Link(models.Model):
    """Two identifiers that are one person's, by what an event said or a rule found. ``a < b``."""

    a = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="links_up")
    b = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="links_down")
    rule = models.CharField(max_length=8, choices=[(rule.value, rule.value) for rule in Rule])
    strength = models.SmallIntegerField()  # larger is weaker; see claiming.STRENGTH
    first_us = models.BigIntegerField()  # when it was said first; microseconds since 1970, UTC
    source = models.CharField(max_length=40)  # by which source
    message_id = models.CharField(max_length=255)  # in which of its events
    weight = models.FloatField(null=True)  # of a likely match: log2 of the odds

    class Meta:
        constraints = [models.UniqueConstraint(fields=["a", "b", "rule"], name="link_once")]

    def __str__(self) -> str:
        return f"{self.a_id}-{self.b_id} ({self.rule})"


class Hand(models.Model):
    """What a hand joined or kept apart, until it is taken back. Never deleted but by an erasure."""

    joins = models.BooleanField()
    # The two people as they were named then; their ids keep resolving.
    one = models.BigIntegerField()
    other = models.BigIntegerField()
    reason = models.TextField(max_length=1000)
    by = models.CharField(max_length=200)  # the seat and who holds it, as audited
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["one"], name="hand_one"),
            models.Index(fields=["other"], name="hand_other"),
        ]

    def __str__(self) -> str:
        return f"{self.one} {'+' if self.joins else '|'} {self.other}"


class HandLink(models.Model):
    """Two identifiers that a hand joined, or keeps apart."""

    hand = models.ForeignKey(Hand, on_delete=models.CASCADE, related_name="links")
    a = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="+")
    b = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.a_id}-{self.b_id}"


class Use(models.Model):
    """When somebody said on a device who they were: see ``holding.py``."""

    device = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="uses")
    naming = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="used")
    # Microseconds as int64, little end first. (n, 2): from and to of each stay; see ``holding``.
    stays = models.BinaryField()
    # (n) instants of events that rest under the device and say who did them; each once, in order.
    said = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "naming"], name="use_once")]

    def __str__(self) -> str:
        return f"{self.device_id} by {self.naming_id}"


class Bookmark(models.Model):
    """How far the lake was read. Its row is what writers of the book wait for each other at."""

    name = models.CharField(max_length=40, unique=True)
    snapshot = models.BigIntegerField(default=-1)
    row = models.BigIntegerField(default=-1)
    at = models.DateTimeField(null=True)
    notes: models.JSONField[Any, Any] = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name}: {self.row}"


class Forgotten(models.Model):
    """The keyed digest of an identifier that was erased: what comes later brings nobody back."""

    digest = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return bytes(self.digest).hex()[:8]
