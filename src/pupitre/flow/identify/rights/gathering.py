"""Everything that we hold on somebody, for the copy that they asked for (art. 15 and 20)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pupitre.core.microseconds import instant
from pupitre.flow.identify.book.upserting import parts
from pupitre.flow.identify.consents.reading import counting
from pupitre.flow.identify.models import (
    Consent,
    Identifier,
    Link,
    Pause,
    RightsRequest,
    Said,
    Trait,
)
from pupitre.flow.identify.rights.targets import Known, known_of
from pupitre.flow.identify.timeline import reading as timeline

AT_ONCE = 500
EVENTS_AT_ONCE = 200
Row = dict[str, object]

IDENTIFIERS = ("kind", "value")
LINKS = ("kind", "value", "other_kind", "other_value", "rule", "first_at", "source", "message_id")
TRAITS = ("name", "value", "source", "first_at", "last_at")
CONSENTS = ("purpose", "channel", "said", "counts", "at", "source", "place", "wording", "version")
PAUSES = ("at", "until")
REQUESTS = (
    *("number", "right", "state", "received_on", "way", "asker", "words", "answer"),
    *("decided_at", "done_at", "restraint", "since", "until"),
)
EVENTS = (
    "corrected_at",
    "channel",
    "source",
    "type",
    "name",
    "amount",
    "currency",
    "properties",
    "traits",
    "context",
    "user_id",
    "anonymous_id",
    "message_id",
)


def _some_of(known: Known) -> Iterator[list[int]]:
    """What names them, as many at a time as a question to the database may hold."""
    return parts((one.pk for one in known.naming), AT_ONCE)


def identifiers(known: Known) -> Iterator[Row]:
    for one in (*known.naming, *known.own, *known.shared):
        yield {"kind": one.kind, "value": one.value}


def links(known: Known) -> Iterator[Row]:
    """How we know that these are theirs: what said so first."""
    for mine in _some_of(known):
        found = Link.objects.filter(a__in=mine, b__person__isnull=False)
        for link in found.select_related("a", "b").order_by("pk").iterator(AT_ONCE):
            if link.b.person == link.a.person:  # another's identifier is not theirs to have
                yield {
                    "kind": link.a.kind,
                    "value": link.a.value,
                    "other_kind": link.b.kind,
                    "other_value": link.b.value,
                    "rule": link.rule,
                    "first_at": instant(link.first_us),
                    "source": link.source,
                    "message_id": link.message_id,
                }


def traits(known: Known) -> Iterator[Row]:
    for mine in _some_of(known):
        found = Trait.objects.filter(identifier__in=mine)
        for trait in found.order_by("name", "-last_us").iterator(AT_ONCE):
            yield {
                "name": trait.name,
                "value": trait.value,
                "source": trait.source,
                "first_at": instant(trait.first_us),
                "last_at": instant(trait.last_us),
            }


def consents(known: Known) -> Iterator[Row]:
    for mine in _some_of(known):
        found = Consent.objects.filter(identifier__in=mine)
        for line, counts in counting(found.order_by("-at_us")):
            yield {
                "purpose": line.purpose,
                "channel": line.channel,
                "said": Said(line.said).name.lower(),
                "counts": "yes" if counts else "no",
                "at": instant(line.at_us),
                "source": line.source,
                "place": line.place,
                "wording": line.wording,
                "version": line.version,
            }


def pauses(known: Known) -> Iterator[Row]:
    """When they said that they wanted to hear nothing, and until when."""
    for mine in _some_of(known):
        found = Pause.objects.filter(identifier__in=mine)
        for pause in found.order_by("-at_us").iterator(AT_ONCE):
            yield {"at": instant(pause.at_us), "until": instant(pause.until_us)}


def requests(known: Known) -> Iterator[Row]:
    """What they asked of us by right, in their words, and what they were answered. Where their data
    are not used since, or not for prospecting: since when, and until when."""
    for mine in _some_of(known):
        found = RightsRequest.objects.filter(identifier__in=mine)
        for request in found.prefetch_related("restraints").order_by("-pk"):
            restraint = next(iter(request.restraints.all()), None)
            yield {
                "number": request.pk,
                "right": request.right,
                "state": request.state,
                "received_on": request.received_on,
                "way": request.way,
                "asker": request.asker,
                "words": request.words,
                "answer": request.answer,
                "decided_at": request.decided_at,
                "done_at": request.done_at,
                "restraint": restraint and restraint.kind,
                "since": restraint and restraint.since,
                "until": restraint and restraint.until,
            }


def events(identifier: Identifier) -> Iterator[Row]:
    """Of every channel, newest first; a page of the lake at a time."""
    person = identifier.person or identifier.pk
    before = None
    while True:
        page = timeline.page(person=person, before=before, limit=EVENTS_AT_ONCE)
        for row in page.rows:
            yield {name: row[name] for name in EVENTS}
        if not page.more or page.last is None:
            return
        before = page.last


def gathered(identifier: Identifier) -> Known:
    return known_of(identifier)


def plain(value: object) -> str:
    """A value as text, for machines of any language."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
