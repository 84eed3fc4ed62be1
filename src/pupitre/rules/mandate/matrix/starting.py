"""Beginning from one of the five starting points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import MATRIX_AMEND
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.matrix.cells import (
    CellEdit,
    check_drafts,
    matrix_subject,
    open_version,
    write_cells,
)
from pupitre.rules.mandate.matrix.queries import Rows, fresh_law, version_in_force
from pupitre.rules.mandate.models import CompanyActivity
from pupitre.rules.mandate.starting_points import (
    CATALOGUE,
    Role,
    StartingPoint,
    rows_for,
    starting_point,
)


@dataclass(frozen=True)
class StartFromPoint(Action):
    """Begin a draft from a starting point, and take up the usual activities that are missing.

    ``roles``: (role, seat id) for every part that a seat of the company plays.
    """

    activity: ClassVar[Activity] = MATRIX_AMEND
    prepares: ClassVar[bool] = True
    point: str
    roles: tuple[tuple[str, int], ...]

    def subject(self) -> Subject:
        return matrix_subject()

    def title(self) -> Bilingual:
        point = starting_point(self.point)
        name = point.name if point else Bilingual(self.point, self.point)
        return bilingual(lambda: _("Start a draft from “%(name)s”") % {"name": name})

    def check(self, *, at: datetime) -> None:
        check_drafts()
        law = fresh_law()
        for role, seat_id in self.roles:
            if role not in set(Role):
                raise Invalid(_("There is no part “%(role)s”.") % {"role": role[:40]})
            if not law.occupied(seat_id, day_of(at)):
                raise Invalid(
                    _("Nobody sits in one of these seats today: choose another, or leave it out."),
                    field=role,
                )
        self._rows(law)

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        point = self._point()
        _take_up(missing_activities(fresh_law()))
        rows = self._rows(fresh_law())
        note = bilingual(lambda: _("From the starting point “%(name)s”") % {"name": point.name})
        version = open_version(by=by, at=at, based_on=version_in_force(), note=note.fr)
        write_cells(
            version,
            (
                CellEdit(scope, activity, seat, letters)
                for (scope, activity), row in rows.items()
                for seat, letters in row.items()
            ),
        )
        return int(version.number)

    def _point(self) -> StartingPoint:
        point = starting_point(self.point)
        if point is None:
            raise Invalid(_("There is no starting point “%(key)s”.") % {"key": self.point[:40]})
        return point

    def _rows(self, law: Law) -> Rows:
        played = {Role(role): seat for role, seat in self.roles}
        return preview(self._point(), played, law=law)


def preview(point: StartingPoint, roles: Mapping[Role, int | None], *, law: Law) -> Rows:
    """The rows that the point would give this company, activities to be taken up included."""
    return rows_for(point, roles, all_activities_then(law).values())


def all_activities_then(law: Law) -> Mapping[str, Activity]:
    """The company's activities once the missing ones are taken up."""
    added = {activity.key: activity for activity in missing_activities(law)}
    return MappingProxyType({**law.activities, **added})


def missing_activities(law: Law) -> tuple[Activity, ...]:
    """Of the catalogue, what the company has never defined; what it retired stays retired."""
    known = set(CompanyActivity.objects.values_list("key", flat=True))
    called = {name.casefold() for a in law.activities.values() for name in (a.name.fr, a.name.en)}
    return tuple(
        activity
        for activity in CATALOGUE
        if activity.key not in known
        and not {activity.name.fr.casefold(), activity.name.en.casefold()} & called
    )


def _take_up(activities: tuple[Activity, ...]) -> None:
    CompanyActivity.objects.bulk_create(
        CompanyActivity(
            key=activity.key,
            name_fr=activity.name.fr,
            name_en=activity.name.en,
            domain=activity.domain.value,
            joint=activity.joint,
        )
        for activity in activities
    )
