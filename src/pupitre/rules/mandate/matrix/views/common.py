"""What the pages about matrices share: who reads, who may prepare, where one is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.rules.mandate.acting import ruling_of
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import MATRIX_AMEND
from pupitre.rules.mandate.contracts import Domain, SeatView
from pupitre.rules.mandate.findings import Finding, errors
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.matrix.actions import StartDraft
from pupitre.rules.mandate.matrix.filters import Filters
from pupitre.rules.mandate.matrix.queries import open_drafts, version_numbered
from pupitre.rules.mandate.models import MatrixVersion
from pupitre.rules.mandate.ruling import Verdict
from pupitre.rules.mandate.web import NoSeat, Presence, presence_of


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class FunctionChoice:
    id: int
    name: str


def present(request: HttpRequest) -> Presence:
    presence = presence_of(request)
    if presence is None:
        raise NoSeat
    return presence


def version_or_404(number: int) -> MatrixVersion:
    version = version_numbered(number)
    if version is None:
        raise Http404
    return version


def may(presence: Presence, action: Action) -> bool:
    """Whether asking would lead anywhere: done at once, or a decision."""
    return isinstance(
        ruling_of(action, law=presence.law, by=presence.actor, day=presence.day), Verdict
    )


def may_prepare(presence: Presence) -> bool:
    return may(presence, StartDraft())


def preparers(presence: Presence) -> tuple[SeatView, ...]:
    """The seats that may prepare a draft, for those who may not."""
    row = presence.law.row_view(MATRIX_AMEND.key, "", presence.day)
    return (*row.seats("A"), *(s for s in row.seats("R") if s not in row.seats("A"))) if row else ()


def tabs(current: str) -> tuple[Tab, ...]:
    return (
        Tab(_("In force"), reverse("mandate:matrix"), current == "matrix"),
        Tab(_("Drafts"), reverse("mandate:drafts"), current == "drafts", len(open_drafts())),
        Tab(_("Versions"), reverse("mandate:versions"), current == "versions"),
        Tab(_("Activities"), reverse("mandate:activities"), current == "activities"),
    )


def functions_of(law: Law) -> tuple[FunctionChoice, ...]:
    """The functions that have a seat, in the organisation's order."""
    return tuple(
        FunctionChoice(function_id, name)
        for function_id, name in {
            seat.function_id: str(seat.function) for seat in law.seats.values()
        }.items()
    )


def filter_context(presence: Presence, filters: Filters) -> dict[str, object]:
    return {
        "filters": filters,
        "domains": tuple(Domain),
        "functions": functions_of(presence.law),
        "letters": "ARCI",
    }


def is_fragment(request: HttpRequest) -> bool:
    """Whether HTMX asks, and so only wants the parts that change."""
    return request.headers.get("HX-Request") == "true"


def page_query(request: HttpRequest) -> QueryDict:
    """The filters of the page that a fragment is for."""
    address = request.headers.get("HX-Current-URL", "")
    return QueryDict(urlsplit(address).query[:2_000])


def vacant_seats(findings: tuple[Finding, ...]) -> int:
    """How many seats hold letters although nobody can speak for them."""
    return len(
        {seat for finding in errors(findings) if finding.activity is None for seat in finding.seats}
    )
