"""What is said about people, besides who they are."""

from __future__ import annotations

import enum
from typing import Any

from django.db import models

from pupitre.flow.identify.models.book import Identifier

NAME_CHARACTERS = 100
TEXT_CHARACTERS = 500


class TraitChoice(enum.StrEnum):
    """Which of several values is shown."""

    LATEST = "latest"
    SOURCE = "source"  # of the most trusted source
    FREQUENT = "frequent"  # that most identifiers and sources say


class Trait(models.Model):
    """A value that a source gave: all are kept, which one is shown is decided at reading."""

    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="traits")
    name = models.CharField(max_length=NAME_CHARACTERS)  # as sources write it: "firstName"
    value = models.CharField(max_length=TEXT_CHARACTERS)  # text as it is; anything else as JSON
    source = models.CharField(max_length=40)
    first_us = models.BigIntegerField()
    last_us = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "name", "source", "value"], name="trait_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"


class TraitRule(models.Model):
    """Which of several values of one trait is shown. Without a row: the latest."""

    trait = models.CharField(max_length=NAME_CHARACTERS, unique=True)  # its one name, or a source's
    choice = models.CharField(max_length=8, choices=[(one.value, one.value) for one in TraitChoice])
    # Keys of sources, the most trusted first; those that it leaves out come after.
    sources: models.JSONField[Any, Any] = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.trait}: {self.choice}"


class TraitTally(models.Model):
    """Of how many people a trait is known, and of how many several values: counted by the hour."""

    trait = models.CharField(max_length=NAME_CHARACTERS, unique=True)
    people = models.BigIntegerField()
    several = models.BigIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.trait}: {self.people}"
