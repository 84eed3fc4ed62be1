"""What customers agreed to: a ledger that only grows, and the book of what they are asked.

Lines hang on an identifier, and are read by all the identifiers of a person: two people who become
one, or one who becomes two, take their lines along.
"""

from __future__ import annotations

import enum
from typing import Any

from django.db import models

from pupitre.core.bilingual import Bilingual
from pupitre.flow.identify.consents.append_only import AppendOnly
from pupitre.flow.identify.models.book import Identifier

KEY_CHARACTERS = 40
NAME_CHARACTERS = 80
ABOUT_CHARACTERS = 600
WORDING_CHARACTERS = 2_000
VERSION_CHARACTERS = 40
PLACE_CHARACTERS = 200
REASON_CHARACTERS = 300


class Said(enum.IntEnum):
    """What somebody said. The larger is heard where two were said at the same instant."""

    GIVEN = 0
    REFUSED = 1
    WITHDRAWN = 2


class By(models.TextChoices):
    """Whose word a line is."""

    CUSTOMER = "customer"  # on their own page
    # On that page, by a link that a seat made and saw: so it may not have been the customer.
    SEAT_LINK = "link"
    SEAT = "seat"  # a member noted what the customer said
    EVENT = "event"  # a source says so


class Purpose(models.Model):
    """What customers are asked to agree to. Changed by an act of marketing and IT."""

    key = models.SlugField(max_length=KEY_CHARACTERS, unique=True)  # as sources write it
    name_fr = models.CharField(max_length=NAME_CHARACTERS)
    name_en = models.CharField(max_length=NAME_CHARACTERS, blank=True)
    about_fr = models.TextField(max_length=ABOUT_CHARACTERS)  # what it is for, to customers
    about_en = models.TextField(max_length=ABOUT_CHARACTERS, blank=True)
    channels: models.JSONField[Any, Any] = models.JSONField(default=list)  # consents.law.CHANNELS
    # Messages that sell: who objects to prospecting (article 21) gets none of them.
    prospecting = models.BooleanField(default=True)
    # The least version of the sentence that still counts: who agreed to earlier ones did not.
    counts_from = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)  # nobody is asked, nothing is used

    class Meta:
        ordering = ["opened_at", "pk"]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Bilingual:
        return Bilingual(self.name_fr, self.name_en)

    @property
    def about(self) -> Bilingual:
        return Bilingual(self.about_fr, self.about_en)


class Wording(models.Model):
    """The sentence that customers agree to, as it was at a time. The highest version is shown."""

    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="wordings")
    version = models.PositiveIntegerField()
    fr = models.TextField(max_length=WORDING_CHARACTERS)
    en = models.TextField(max_length=WORDING_CHARACTERS, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="wording_once"),
            AppendOnly(table="identify_wording", name="wording_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose_id} v{self.version}"

    @property
    def text(self) -> Bilingual:
        return Bilingual(self.fr, self.en)


class ConsentSource(models.Model):
    """Whether a source's word makes consents. One that has no row is not heard."""

    source = models.CharField(max_length=40, unique=True)  # its key
    heard = models.BooleanField()
    since = models.DateTimeField()
    reason = models.CharField(max_length=REASON_CHARACTERS)

    def __str__(self) -> str:
        return f"{self.source} {'heard' if self.heard else 'not heard'}"


class Consent(models.Model):
    """A line of the ledger: what was said of a purpose on a channel, and how we know."""

    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="consents")
    # "*" stands for every purpose, or every channel: only refusals and withdrawals say so.
    purpose = models.CharField(max_length=KEY_CHARACTERS)
    channel = models.CharField(max_length=16)
    said = models.SmallIntegerField(choices=[(said.value, said.name) for said in Said])
    at_us = models.BigIntegerField()  # microseconds since 1970, UTC; never later than we heard it
    noted_at = models.DateTimeField()
    by = models.CharField(max_length=8, choices=By.choices)
    seat = models.ForeignKey("mandate.Seat", null=True, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(
        "mandate.Member", null=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(max_length=40, blank=True)  # of an event
    message_id = models.CharField(max_length=255, blank=True)
    place = models.CharField(max_length=PLACE_CHARACTERS, blank=True)  # page, shop, call
    wording = models.TextField(max_length=WORDING_CHARACTERS, blank=True)  # as it was shown
    version = models.CharField(max_length=VERSION_CHARACTERS, blank=True)  # of the wording
    language = models.CharField(max_length=8, blank=True)
    key = models.BinaryField(max_length=32, unique=True)  # the same thing is noted once

    class Meta:
        constraints = [AppendOnly(table="identify_consent", name="consent_append_only")]
        indexes = [
            # All that reading a purpose for everybody needs: the table itself is not touched.
            models.Index(
                fields=["purpose", "channel", "identifier", "at_us", "said", "by", "source"],
                name="consent_state",
            ),
            models.Index(fields=["source", "said", "by"], name="consent_source"),
        ]

    def __str__(self) -> str:
        return f"{self.identifier_id} {self.purpose} {self.channel} {Said(self.said).name}"


class Pause(models.Model):
    """Somebody wants to hear nothing until an instant. The latest line is heard; one that ends
    when it was said takes the one before back."""

    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="pauses")
    at_us = models.BigIntegerField()
    until_us = models.BigIntegerField()

    class Meta:
        constraints = [AppendOnly(table="identify_pause", name="pause_append_only")]
        indexes = [models.Index(fields=["until_us"], name="pause_until")]

    def __str__(self) -> str:
        return f"{self.identifier_id} until {self.until_us}"


class RevokedLinks(models.Model):
    """How often links to the customer's own page were revoked: older ones open nothing."""

    identifier = models.OneToOneField(
        Identifier, on_delete=models.CASCADE, related_name="revoked_links"
    )
    times = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.identifier_id} × {self.times}"


class ErasureUnderWay(models.Model):
    """While one of these stands, lines that are append-only may go. Nobody but the transaction that
    put it there ever sees it."""

    at = models.DateTimeField()

    class Meta:
        db_table = "identify_erasing"

    def __str__(self) -> str:
        return str(self.at)
