"""Whoever is erased in what is said of others: free text of our tables, looked through at the end.

What members wrote, and what came in by a letter, is looked through for everything by which they are
known. What sources say of others, and what others agreed to, is theirs: there only an e-mail
address or a telephone counts, for an account named "marketing" is in every wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Model

from pupitre.core.erasing import Erased
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import (
    Consent,
    ErasureTarget,
    Hand,
    Proposal,
    RightsRequest,
    Trait,
)
from pupitre.flow.identify.models.rights import OPEN_STATES, RequestState
from pupitre.flow.identify.rights.patterns import mentions
from pupitre.flow.identify.rights.requests import close
from pupitre.rules.mandate.contracts import AnyActor

AT_ONCE = 500
_SAID = ("asker", "words", "answer", "extension_reason")  # of a request


def mentioning(who: Erased) -> int:
    """How many rows of others say anything of them."""
    return sum(len(keys) for _model, keys in _found(who))


def forget_mentions(who: Erased, *, by: AnyActor, at: datetime) -> int:
    """Empty those texts, and delete those traits: within the transaction that erases, while
    append-only lines may go. How many rows."""
    changed = 0
    for model, keys in _found(who):
        changed += len(keys)
        for start in range(0, len(keys), AT_ONCE):
            _forget(model, keys[start : start + AT_ONCE], who, by=by, at=at)
    return changed


def _forget(
    model: type[Model], keys: list[int], who: Erased, *, by: AnyActor, at: datetime
) -> None:
    if model is Trait:
        Trait.objects.filter(pk__in=keys).delete()
    elif model is Consent:
        _without_words(keys)
    elif model is Hand:
        Hand.objects.filter(pk__in=keys).update(reason="")
    elif model is Proposal:
        Proposal.objects.filter(pk__in=keys).update(why="")
    else:
        for request in RightsRequest.objects.filter(pk__in=keys):
            theirs = who.traced_in(request.asker)
            RightsRequest.objects.filter(pk=request.pk).update(**dict.fromkeys(_SAID, ""))
            if theirs and request.state in OPEN_STATES:  # nobody can answer it any more
                close(request, RequestState.ERASED, "erased", by=by, at=at)


def _without_words(keys: list[int]) -> None:
    """Lines of a ledger do not change: they are put back as they were, but for the words."""
    lines = list(Consent.objects.filter(pk__in=keys))
    Consent.objects.filter(pk__in=keys).delete()
    for line in lines:
        line.place = line.wording = ""
    Consent.objects.bulk_create(lines)


def _found(who: Erased) -> Iterator[tuple[type[Model], list[int]]]:
    for model, fields, rows in (
        (Hand, ("reason",), Hand.objects.exclude(reason="")),
        (Proposal, ("why",), Proposal.objects.exclude(why="")),
        (
            RightsRequest,
            _SAID,
            RightsRequest.objects.filter(identifier__isnull=True).exclude(pk=who.number),
        ),
    ):
        asked = rows.order_by("pk").values_list("pk", *fields).iterator(AT_ONCE)
        yield model, [key for key, *texts in asked if who.traced_in("\n".join(texts))]
    pattern = _addresses(who)
    if pattern is None:
        return
    values = Trait.objects.order_by("pk").values_list("pk", "value").iterator(AT_ONCE * 10)
    yield Trait, [key for key, value in values if pattern.search(value.casefold())]
    yield Consent, _consents(pattern)


def _consents(pattern: re.Pattern[str]) -> list[int]:
    """What was shown is the same for many: each text is looked at once."""
    found: list[int] = []
    for field in ("place", "wording"):
        texts = Consent.objects.exclude(**{field: ""}).values_list(field, flat=True).distinct()
        for text in [one for one in texts.order_by(field) if pattern.search(one.casefold())]:
            found += Consent.objects.filter(**{field: text}).values_list("pk", flat=True)
    return list(dict.fromkeys(found))


def _addresses(who: Erased) -> re.Pattern[str] | None:
    rows = ErasureTarget.objects.filter(request=who.number, kind__in=(Kind.EMAIL, Kind.PHONE))
    text = mentions(rows.values_list("kind", "value"))
    return re.compile(text) if text else None
