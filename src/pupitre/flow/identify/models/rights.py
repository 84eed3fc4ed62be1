"""What customers asked of us by right, how far each request is, and what was made of it.

Words that a person said, or that name them, stand in ``RightsRequest`` and ``ErasureTarget`` alone:
an erasure empties both. Acts and the audit carry the numbers of these rows, never the words.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from pupitre.flow.identify.models.book import Identifier

WORDS_CHARACTERS = 4_000
ASKER_CHARACTERS = 300
REASON_CHARACTERS = 1_000


class Right(models.TextChoices):
    """Articles 15 to 21 of the GDPR."""

    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    OBJECTION = "objection"
    RESTRICTION = "restriction"
    ERASURE = "erasure"


class RequestState(models.TextChoices):
    """How far a request is: a closed list."""

    RECEIVED = "received"  # who asks has not been checked
    CHECKED = "checked"  # we know who asks: it can be answered
    UNDER_WAY = "under_way"  # decided, and the machines are at it
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by whoever asked
    ERASED = "erased"  # the customer is, by another request: nothing is left to answer on


OPEN_STATES = (RequestState.RECEIVED, RequestState.CHECKED, RequestState.UNDER_WAY)


class Way(models.TextChoices):
    """How a request came."""

    EMAIL = "email"
    LETTER = "letter"
    TELEPHONE = "telephone"
    SHOP = "shop"
    PREFERENCES = "preferences"  # the customer's own page, by a signed link
    OTHER = "other"


class Check(models.TextChoices):
    """How we know who asks. Copies of identity papers are not kept, so none of these is a file."""

    SIGNED_LINK = "signed_link"  # they opened a link that we sent to their own address
    CALLED_BACK = "called_back"  # at the telephone or address that we have
    KNOWN_FACTS = "known_facts"  # facts that only they and we know
    IN_PERSON = "in_person"  # a paper was shown, and not kept
    REPRESENTED = "represented"  # a mandate was shown


class Refusing(models.TextChoices):
    """Why a request is not met: a closed list, for the law has one."""

    NOT_IDENTIFIED = "not_identified"  # art. 12(2)
    UNFOUNDED = "unfounded"  # art. 12(5): manifestly unfounded or excessive
    NOBODY = "nobody"  # we hold nothing on them
    LAW_KEEPS = "law_keeps"  # art. 17(3): a law, a claim, makes us keep it
    OTHERS = "others"  # art. 15(4): it would harm others' rights


class RightsRequest(models.Model):
    """One request, with its legal clock."""

    right = models.CharField(max_length=16, choices=Right.choices)
    state = models.CharField(
        max_length=12, choices=RequestState.choices, default=RequestState.RECEIVED
    )
    # Of the person as they were known when they asked; none where nobody was found, or any more.
    identifier = models.ForeignKey(
        Identifier, null=True, on_delete=models.SET_NULL, related_name="rights_requests"
    )
    asker = models.CharField(max_length=ASKER_CHARACTERS, blank=True)  # as they call themselves
    words = models.TextField(max_length=WORDS_CHARACTERS, blank=True)  # what they ask
    answer = models.TextField(max_length=WORDS_CHARACTERS, blank=True)  # what they were told
    way = models.CharField(max_length=12, choices=Way.choices)
    received_on = models.DateField()
    entered_at = models.DateTimeField()
    due_on = models.DateField()  # the last day on which they must have been answered
    extended_at = models.DateTimeField(null=True)
    extension_reason = models.TextField(max_length=REASON_CHARACTERS, blank=True)
    checked_at = models.DateTimeField(null=True)
    check_how = models.CharField(max_length=12, choices=Check.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    refusing = models.CharField(max_length=16, choices=Refusing.choices, blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["state", "due_on"], name="rights_open")]

    def __str__(self) -> str:
        return f"{self.right} {self.pk}"


class RightsStep(models.Model):
    """What happened to a request, in order: its story."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=20)  # words.STEPS
    at = models.DateTimeField()
    by = models.CharField(max_length=200)  # the member, or the software's own name

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.what}"


class Restraint(models.Model):
    """A standing fact about somebody: their data is not used (restriction, art. 18), or not for
    prospecting (objection, art. 21). It is the person's who has the identifier, merged or not."""

    class Kind(models.TextChoices):
        RESTRICTED = "restricted"
        OBJECTS = "objects"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="restraints")
    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="restraints")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)  # when it was lifted

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "identifier"], name="restraint_once")
        ]
        indexes = [models.Index(fields=["identifier", "kind"], name="restraint_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.identifier_id}"


class ErasureTarget(models.Model):
    """By what somebody is looked for while they are erased. Gone once they are."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="targets")
    # A Kind; "identity": how the lake writes one; "device": an anonymous id that was theirs alone;
    # "text": a value to be looked for in what they are said to be.
    kind = models.CharField(max_length=16)
    value = models.CharField(max_length=600)
    record = models.BigIntegerField(null=True)  # key of the identifier in the book

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "kind", "value"], name="target_once")
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"


class ErasedStore(models.Model):
    """A line of an erasure's receipt: one store, and the proof. It names nobody."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="erased")
    store = models.CharField(max_length=60)  # key of the Store
    found = models.BigIntegerField(default=0)
    left = models.BigIntegerField(default=0)  # looked for again afterwards
    unit = models.CharField(max_length=12)
    proof = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "store"], name="erased_store_once")
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.store}"


class RightsExport(models.Model):
    """A copy that waits for whoever asked for it. The file goes an hour after it was taken, or
    after a week; the row stays."""

    request = models.OneToOneField(RightsRequest, on_delete=models.CASCADE, related_name="export")
    token = models.CharField(max_length=64, unique=True)  # name of the file
    bytes = models.BigIntegerField()
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    # Keys of the identifiers whose data are in it: who is separated since gets none of it.
    made_of: models.JSONField[Any, Any] = models.JSONField(default=list)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=40, blank=True)  # a seat, or the customer
    deleted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"export of {self.request_id}"


class ForgettingKey(models.Model):
    """The key of the digests in Forgotten: of its own, for the settings' key may be changed."""

    key = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return "forgetting key"


class LateEvent(models.Model):
    """An event of somebody erased that came afterwards, until the lake is rid of it."""

    source = models.CharField(max_length=40)
    message_id = models.CharField(max_length=255)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "message_id"], name="late_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"
