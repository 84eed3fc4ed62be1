"""By what somebody is known, everywhere: read once, when their erasure is decided, and kept so.

A merge or an unmerge that comes while it is under way changes nothing about whom it is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pupitre.core.erasing import Erased
from pupitre.core.microseconds import instant
from pupitre.flow.identify.kinds import HELD, Kind
from pupitre.flow.identify.models import (
    ErasureTarget,
    Identifier,
    RightsRequest,
    Use,
)
from pupitre.flow.identify.rights.patterns import mentions, traces
from pupitre.flow.identify.timeline.reading import held_by, identities
from pupitre.lake import queries
from pupitre.lake.contracts import Sql, Value

IDENTITY = "identity"  # how the lake writes an identifier
AT_ONCE = 500
_THEM = -2  # no person has this number, nor has nobody
_IN_A_STRETCH = Sql(
    "events on a shared device in somebody's hand",
    "SELECT source, message_id FROM {events} WHERE identity IN (SELECT unnest($identities)) "
    "AND corrected_at BETWEEN $since AND $until",
)


class Target(NamedTuple):
    kind: str
    value: str
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody's identifiers, and the devices that they used."""

    naming: tuple[Identifier, ...]
    own: tuple[Identifier, ...]  # devices that nobody else signed in on
    shared: tuple[Identifier, ...]

    def keys(self) -> frozenset[int]:
        return frozenset(one.pk for one in (*self.naming, *self.own, *self.shared))


def known_of(identifier: Identifier) -> Known:
    """Everything of the person who has this identifier; of nobody's, itself alone."""
    person = identifier.person
    if person is None:
        naming: tuple[Identifier, ...] = (identifier,)
    else:
        naming = tuple(Identifier.objects.filter(person=person).order_by("pk"))
    keys = [one.pk for one in naming]
    devices = {use.device_id for use in Use.objects.filter(naming__in=keys).only("device_id")}
    others = set(
        Use.objects.filter(device__in=devices)
        .exclude(naming__in=keys)
        .values_list("device_id", flat=True)
    )
    found = list(Identifier.objects.filter(pk__in=devices).order_by("pk"))
    return Known(
        naming=naming,
        own=tuple(one for one in found if one.pk not in others),
        shared=tuple(one for one in found if one.pk in others),
    )


def targets_of(identifier: Identifier) -> tuple[Target, ...]:
    """What the whole erasure goes by."""
    known = known_of(identifier)
    mine = (*known.naming, *known.own)
    found = [Target(one.kind, one.value, one.pk) for one in mine]
    found += [Target(IDENTITY, text) for text in identities_of(mine)]
    return tuple(dict.fromkeys(found))


def identities_of(identifiers: Sequence[Identifier]) -> tuple[str, ...]:
    """As the column ``identity`` has them: in our spelling, and in every one that came."""
    found = identities(one.pk for one in identifiers)
    return tuple(text for texts in found.values() for text in texts)


def on_shared_devices(known: Known) -> tuple[tuple[str, str], ...]:
    """Events without a name, on devices that others use too, while they were in this hand."""
    devices = [one.pk for one in known.shared if one.kind == Kind.ANONYMOUS_ID]
    if not devices:
        return ()
    held = held_by(devices, whose=dict.fromkeys((one.pk for one in known.naming), _THEM))
    mine = held.person == _THEM
    texts = identities(devices)
    found: list[tuple[str, str]] = []
    for device, from_us, to_us in zip(
        held.device[mine].tolist(),
        held.from_us[mine].tolist(),
        held.to_us[mine].tolist(),
        strict=True,
    ):
        given: dict[str, Value] = {
            "identities": texts[device],
            "since": instant(from_us),
            "until": instant(to_us),
        }
        rows = queries.table(_IN_A_STRETCH, given)
        found += zip(rows["source"].to_pylist(), rows["message_id"].to_pylist(), strict=True)
    return tuple(dict.fromkeys(found))


def keep_targets(request: RightsRequest, targets: Iterable[Target]) -> None:
    rows = [
        ErasureTarget(request=request, kind=one.kind, value=one.value, record=one.record)
        for one in targets
    ]
    ErasureTarget.objects.bulk_create(rows, batch_size=AT_ONCE)


def erased_of(request: RightsRequest) -> Erased:
    """What every store is asked to be rid of."""
    rows = list(ErasureTarget.objects.filter(request=request).order_by("pk"))
    named = [(row.kind, row.value) for row in rows if row.record is not None]
    written = [row.value for row in rows if row.kind == IDENTITY]
    records = tuple(row.record for row in rows if row.record is not None)

    def ids(kind: Kind) -> tuple[str, ...]:
        start = f"{kind}:"
        spelt = [text.removeprefix(start) for text in written if text.startswith(start)]
        return tuple(dict.fromkeys([*(v for k, v in named if k == kind), *spelt]))

    anonymous, users = ids(Kind.ANONYMOUS_ID), ids(Kind.USER_ID)
    everything = [*named, *((Kind.ANONYMOUS_ID, v) for v in anonymous)]
    everything += [(Kind.USER_ID, value) for value in users]
    return Erased(
        number=request.pk,
        at=request.decided_at or request.entered_at,
        identities=tuple(written),
        user_ids=users,
        anonymous_ids=anonymous,
        messages=on_shared_devices(_still_known(records)),
        records=records,
        mentions=mentions(named),
        traces=traces(dict.fromkeys(everything)),
    )


def _still_known(records: tuple[int, ...]) -> Known:
    """Those of the identifiers that the book has yet, and the devices that others use too."""
    naming = tuple(Identifier.objects.filter(pk__in=records).exclude(kind__in=HELD))
    keys = [one.pk for one in naming]
    shared = Identifier.objects.filter(uses__naming__in=keys).exclude(pk__in=records).distinct()
    return Known(naming=naming, own=(), shared=tuple(shared.order_by("pk")))


def names_of(targets: Iterable[Target]) -> tuple[tuple[str, str], ...]:
    """The identifiers whose digests are kept."""
    kinds = {kind.value for kind in Kind}
    return tuple((one.kind, one.value) for one in targets if one.kind in kinds)
