"""What is said about people, besides who they are."""

from __future__ import annotations

from django.db import models

from pupitre.flow.identify.models.book import Identifier

NAME_CHARACTERS = 100
TEXT_CHARACTERS = 500


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
