"""Acts that wait for the seat that is accountable, and what people said of them."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.models.organisation import Member, Seat


class Decision(models.Model):
    class State(models.TextChoices):
        OPEN = "open"
        PERFORMED = "performed"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        IMPOSSIBLE = "impossible"  # approved, and by then it made no sense any more

    action = models.CharField(max_length=80)  # key of the action's class
    activity = models.CharField(max_length=80)
    scope = models.CharField(max_length=80, blank=True)
    payload = models.BinaryField()  # the frozen action, as JSON
    subject = models.CharField(max_length=120, db_index=True)
    title_fr = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    material = models.CharField(max_length=64)  # digest of what is being approved
    comment = models.TextField(max_length=2000, blank=True)

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="requests")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="requests")
    requested_at = models.DateTimeField()
    opinions_due = models.DateTimeField()
    due = models.DateTimeField()

    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    round = models.PositiveSmallIntegerField(default=1)  # a material change opens the next one
    # The round whose content the requester stands by; a yes to what one has not seen is none.
    asked_round = models.PositiveSmallIntegerField(default=1)
    settled_at = models.DateTimeField(null=True)
    outcome_note = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ["due", "id"]
        indexes = [
            models.Index(fields=["state", "activity", "scope", "due"], name="decision_waiting"),
            models.Index(fields=["member", "state"], name="decision_mine"),
        ]

    @property
    def title(self) -> Bilingual:
        return Bilingual(fr=self.title_fr, en=self.title_en)

    @property
    def page_url(self) -> str:
        return reverse("mandate:decision", args=[self.pk])

    def __str__(self) -> str:
        return str(self.title)


class Voice(models.Model):
    """What somebody said of a decision, from a seat, in one round."""

    class Kind(models.TextChoices):
        OPINION = "opinion"  # asked of those who are consulted
        AGREEMENT = "agreement"  # a yes that counts towards the decision
        REFUSAL = "refusal"

    class Verdict(models.TextChoices):
        FOR = "for"
        AGAINST = "against"
        NEUTRAL = "neutral"

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="voices")
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="voices")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="voices")
    comment = models.TextField(max_length=2000, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "round", "seat", "kind"], name="one_voice_a_seat_a_round"
            ),
        ]


class Notice(models.Model):
    """What a seat or a member was told afterwards."""

    class Kind(models.TextChoices):
        INFORMED = "informed"  # the seat has an I in the row
        ANSWERED = "answered"  # my own request was settled
        REOPENED = "reopened"  # what I approved has changed
        PERSONAL = "personal"  # it concerns me: an invitation, a delegation

    seat = models.ForeignKey(Seat, null=True, on_delete=models.CASCADE, related_name="notices")
    member = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text_fr = models.CharField(max_length=400)
    text_en = models.CharField(max_length=400)
    url = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["seat", "seen_at", "-at"], name="notice_by_seat"),
            models.Index(fields=["member", "seen_at", "-at"], name="notice_by_member"),
        ]

    @property
    def text(self) -> Bilingual:
        return Bilingual(fr=self.text_fr, en=self.text_en)


class DigestSent(models.Model):
    """One digest a member a day, claimed before it is sent: a crash never sends it twice."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="digests")
    day = models.DateField()
    sent_at = models.DateTimeField(null=True)  # empty: uncertain, and never sent again

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "day"], name="digest_once_a_day")]
