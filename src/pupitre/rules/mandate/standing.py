"""Reads the law from the database, and keeps it while its epoch lasts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.contracts import (
    Activity,
    Domain,
    FunctionKind,
    Span,
    enforced_activities,
)
from pupitre.rules.mandate.law import Incumbency, Law, MemberFacts, SeatFacts, freeze_rows
from pupitre.rules.mandate.models import (
    Cell,
    CompanyActivity,
    Delegation,
    Ledger,
    MatrixVersion,
    Member,
    ReportingLine,
    Seat,
    Tenure,
)

# One law a process, replaced as a whole: a reader sees the old one or the new one, never a mix.
_kept: dict[str, Law] = {}


def current_law(*, epoch: int | None = None) -> Law:
    """The law in force. ``epoch`` is given by whoever has just read the ledger's row."""
    if epoch is None:
        epoch = current_epoch()
    law = _kept.get("law")
    if law is None or law.epoch != epoch:
        law = read_law(epoch=epoch)
        if not guard.law_is_moving():  # what an act has changed may yet be rolled back
            _kept["law"] = law
    return law


def current_epoch() -> int:
    """One small query: the price of a letter that rules the very next request."""
    return Ledger.objects.values_list("epoch", flat=True).filter(pk=1).first() or 0


def forget_law() -> None:
    _kept.clear()


def read_law(*, epoch: int) -> Law:
    version = MatrixVersion.objects.filter(state=MatrixVersion.State.IN_FORCE).first()
    return Law(
        epoch=epoch,
        matrix_id=version.pk if version else None,
        matrix_number=version.number if version else None,
        seats=_seats(),
        members=MappingProxyType(
            {m.pk: MemberFacts(m.pk, m.name, m.suspended) for m in Member.objects.all()}
        ),
        activities=all_activities(),
        rows=rows_of(version) if version else MappingProxyType({}),
    )


def rows_of(version: MatrixVersion) -> Mapping[tuple[str, str], Mapping[int, str]]:
    return freeze_rows(
        Cell.objects.filter(version=version).values_list("scope", "activity", "seat_id", "letters")
    )


def all_activities() -> Mapping[str, Activity]:
    """Enforced activities, and the company's own that are not retired."""
    own = {
        a.key: Activity(a.key, a.name, Domain(a.domain), joint=a.joint)
        for a in CompanyActivity.objects.filter(retired_on__isnull=True)
    }
    return MappingProxyType({**own, **{a.key: a for a in enforced_activities}})


def _seats() -> Mapping[int, SeatFacts]:
    holders: dict[int, list[Incumbency]] = defaultdict(list)
    for tenure in Tenure.objects.all():
        holders[tenure.seat_id].append(
            Incumbency(tenure.member_id, Span(tenure.starts, tenure.ends))
        )
    deputies: dict[int, list[Incumbency]] = defaultdict(list)
    for lent in Delegation.objects.all():
        deputies[lent.seat_id].append(Incumbency(lent.deputy_id, Span(lent.starts, lent.ends)))
    superiors = dict(
        ReportingLine.objects.filter(dotted=False).values_list("seat_id", "superior_id")
    )
    return MappingProxyType(
        {
            seat.pk: SeatFacts(
                id=seat.pk,
                key=seat.key,
                name=seat.name,
                function_id=seat.function_id,
                function=Bilingual(fr=seat.function.name_fr, en=seat.function.name_en),
                kind=FunctionKind(seat.function.kind),
                heads=seat.heads,
                superior_id=superiors.get(seat.pk),
                closed_on=seat.closed_on,
                holders=tuple(holders[seat.pk]),
                deputies=tuple(deputies[seat.pk]),
            )
            for seat in Seat.objects.select_related("function")
        }
    )
