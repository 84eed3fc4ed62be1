"""The index of names: words, words that are nearly the same, and who bears them.

All of it follows from traits and identifiers; ``search/indexing`` keeps it and can make it again.
"""

from __future__ import annotations

from django.db import models

from pupitre.flow.identify.models.book import Identifier

WORD_CHARACTERS = 64


class Word(models.Model):
    """A word of a name, without accents or capitals; or ":" and the end of a card or telephone."""

    text = models.CharField(max_length=WORD_CHARACTERS, unique=True)

    def __str__(self) -> str:
        return self.text


class NearWord(models.Model):
    """What is left of a word when letters are left out, as a hash: see ``search/spelling``."""

    word = models.ForeignKey(Word, on_delete=models.CASCADE, related_name="near")
    key = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "word"], name="near_word_once"),
        ]

    def __str__(self) -> str:
        return f"{self.word_id}~{self.key}"


class WordOf(models.Model):
    """Somebody bears this word, by one of their identifiers. Goes with the identifier."""

    word = models.ForeignKey(Word, on_delete=models.CASCADE, related_name="of", db_index=False)
    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="words")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["word", "identifier"], name="word_of_once"),
        ]

    def __str__(self) -> str:
        return f"{self.word_id} of {self.identifier_id}"
