"""The organisation as a file: take it out, bring it in, with a preview in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import CSV_TYPE, XLSX_TYPE, Sheet, place, write_csv, write_xlsx
from pupitre.rules.mandate.actions import decode
from pupitre.rules.mandate.activities import MEMBER_ADMIT, ORGANISATION_CHANGE
from pupitre.rules.mandate.contracts import Activity, Reason, SeatView
from pupitre.rules.mandate.models import Decision
from pupitre.rules.mandate.organisation.admission import Invited, InviteMembers
from pupitre.rules.mandate.organisation.columns import (
    COLUMNS,
    header,
    rows_of,
    template_rows,
)
from pupitre.rules.mandate.organisation.comparing import Change, How, What, compare, untouched
from pupitre.rules.mandate.organisation.drafts import Problem
from pupitre.rules.mandate.organisation.forms import ImportForm
from pupitre.rules.mandate.organisation.importing import (
    ImportOrganisation,
    asks_also,
    lacks,
    without,
)
from pupitre.rules.mandate.organisation.offers import Offer, offer, open_to, present
from pupitre.rules.mandate.organisation.reading import read_wanted
from pupitre.rules.mandate.organisation.sealing import seal, still_fits, unseal
from pupitre.rules.mandate.organisation.state import read_organisation
from pupitre.rules.mandate.organisation.views.asking import form_page
from pupitre.rules.mandate.web import Presence, acting_view, ask, reading_view

CHANGES_SHOWN = 300  # lines of each kind; the counts are of all
PROBLEMS_SHOWN = 50
DECISIONS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as a page tells it: where, and what."""

    place: str
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Section:
    what: What
    counts: tuple[tuple[str | Promise, int], ...]
    changes: tuple[Change, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A decision that waits, and what it would do."""

    decision: Decision
    sections: tuple[Section, ...] = ()
    people: tuple[Invited, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """A row of the matrix that would stop this reader's import, and who answers for it."""

    activity: Activity
    reason: Reason
    decide: tuple[SeatView, ...]


@reading_view
def export(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    state = read_organisation(day=presence.day)
    return _file(
        request,
        rows_of(state, day=presence.day),
        name=f"organisation-{presence.day.isoformat()}",
    )


@reading_view
def template(request: HttpRequest) -> HttpResponse:
    present(request)
    return _file(request, template_rows(), name="organisation")


def _file(request: HttpRequest, rows: Iterable[Sequence[object]], *, name: str) -> HttpResponse:
    if request.GET.get("as") == "xlsx":
        title = _("Organisation")
        response = HttpResponse(write_xlsx(header(), rows, title=title), content_type=XLSX_TYPE)
        name += ".xlsx"
    else:
        language = get_language() or "fr"
        response = HttpResponse(write_csv(header(), rows, language=language), content_type=CSV_TYPE)
        name += ".csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@acting_view(ImportOrganisation, InviteMembers)
def import_file(request: HttpRequest) -> HttpResponse:
    """Choose a file, see what it would change, confirm. Only the last step changes anything."""
    presence = present(request)
    if request.method != "POST":  # everybody takes the organisation out
        return _choose(request, ImportForm(), offer(request, ORGANISATION_CHANGE))
    offered = open_to(request, ORGANISATION_CHANGE)
    if "sealed" in request.POST:
        return _confirmed(request, presence, offered)
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            return _previewed(request, presence, offered, form)
        except Invalid as error:
            form.add_error("file", str(error))
    return _choose(request, form, offered)


def _choose(request: HttpRequest, form: ImportForm, offered: Offer) -> HttpResponse:
    return form_page(
        request,
        form,
        title=_("Bring the organisation in from a file"),
        intro=_("You see what would change before anything is written."),
        label=_("See what would change"),
        back="",
        offer=offered,
        template="mandate/organisation/import.html",
        columns=COLUMNS,
    )


def _previewed(
    request: HttpRequest, presence: Presence, offered: Offer, form: ImportForm
) -> HttpResponse:
    sheet: Sheet = form.cleaned_data["file"]
    before = read_organisation(day=presence.day)
    reading = read_wanted(sheet, before)
    action = ImportOrganisation(
        wanted=reading.wanted,
        day=presence.day,
        close_missing=form.cleaned_data["close_missing"],
        invite=form.cleaned_data["invite"],
        language=get_language() or "fr",
    )
    merged = action.merged(before)
    problems = sorted(
        {*reading.problems, *merged.problems}, key=lambda p: (p.line, p.column, p.message)
    )
    if problems:
        context = {
            "filename": sheet.filename,
            "problems": [_told(p, reading.columns) for p in problems[:PROBLEMS_SHOWN]],
            "count": len(problems),
            "more": max(len(problems) - PROBLEMS_SHOWN, 0),
        }
        return render(request, "mandate/organisation/import_problems.html", context, status=422)
    return _preview(request, presence, offered, action, sheet.filename)


def _preview(
    request: HttpRequest,
    presence: Presence,
    offered: Offer,
    action: ImportOrganisation,
    filename: str,
    *,
    moved: bool = False,
    error: str = "",
) -> HttpResponse:
    before = read_organisation(day=presence.day)
    after = action.merged(before)
    changes = compare(before, after.state)
    missing = _missing(changes, presence, offered)
    left_out = {each.activity for each in missing}
    known = before.members.keys()
    rest = replace(action, wanted=without(action.wanted, left_out, known))
    newcomers = after.state.members.keys() - known
    context = {
        "presence": presence,
        "offer": offered,
        "filename": filename,
        "sections": _sections(changes),
        "changes": len(changes),
        "untouched": untouched(before, changes, presence.day),
        "close_missing": action.close_missing,
        "closing": sum(c.what is What.SEAT and c.how is How.CLOSED for c in changes),
        "newcomers": len(newcomers),
        "invite": action.invite,
        "missing": missing,
        "rest": bool(missing) and bool(compare(before, rest.merged(before).state)),
        "admit": offer(request, MEMBER_ADMIT) if newcomers and MEMBER_ADMIT in left_out else None,
        "sealed": seal(action, filename=filename, user_id=presence.member_id) if changes else "",
        "moved": moved,
        "error": error,
    }
    status = 409 if moved else 422 if error else 200
    return render(request, "mandate/organisation/import_preview.html", context, status=status)


def _confirmed(request: HttpRequest, presence: Presence, offered: Offer) -> HttpResponse:
    """Write it; or look again at what is left of it; or invite the people whom it names."""
    try:
        sealed = unseal(request.POST["sealed"], user_id=presence.member_id)
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("mandate:import")
    action, filename = sealed.action, sealed.filename
    before = read_organisation(day=presence.day)
    changes = compare(before, action.merged(before).state)
    if request.POST.get("do") == "rest":
        missing = {each.activity for each in _missing(changes, presence, offered)}
        rest = replace(action, wanted=without(action.wanted, missing, before.members.keys()))
        return _preview(request, presence, offered, rest, filename)
    if not still_fits(sealed):
        return _preview(request, presence, offered, action, filename, moved=True)
    try:
        if request.POST.get("do") == "invite":
            ask(request, _invitations(action, changes))
            return _preview(request, presence, offered, action, filename)
        ask(request, action)
    except Invalid as error:
        return _preview(request, presence, offered, action, filename, error=str(error))
    return redirect("mandate:organisation")


def _invitations(action: ImportOrganisation, changes: Iterable[Change]) -> InviteMembers:
    people = tuple(
        Invited(name=change.name, email=change.key)
        for change in changes
        if change.what is What.MEMBER and change.how is How.ADDED
    )
    return InviteMembers(people=people, language=action.language, invite=action.invite)


@reading_view
def pending(request: HttpRequest) -> HttpResponse:
    """What the imports and invitations that wait would do: for those who decide."""
    present(request)
    keys = (ImportOrganisation.key, InviteMembers.key)
    found = Decision.objects.filter(action__in=keys, state=Decision.State.OPEN)
    waiting = []
    for decision in found.select_related("member", "seat")[:DECISIONS_SHOWN]:
        action = decode(decision.action, bytes(decision.payload))
        if isinstance(action, ImportOrganisation):
            waiting.append(Pending(decision, sections=_sections(action.changes())))
        elif isinstance(action, InviteMembers):
            waiting.append(Pending(decision, people=action.people))
    return render(request, "mandate/organisation/import_pending.html", {"waiting": waiting})


def _told(problem: Problem, columns: Mapping[str, int]) -> Told:
    where = capfirst(place(problem.line, columns.get(problem.column)))
    titles = {column.name: str(column.title) for column in COLUMNS}
    return Told(where, titles.get(problem.column, ""), problem.message)


def _sections(changes: Sequence[Change]) -> tuple[Section, ...]:
    sections = []
    for what in What:
        mine = [change for change in changes if change.what is what]
        if not mine:
            continue
        counts = tuple(
            (how.label, count) for how in How if (count := sum(c.how is how for c in mine))
        )
        shown = tuple(mine[:CHANGES_SHOWN])
        sections.append(Section(what, counts, shown, len(mine) - len(shown)))
    return tuple(sections)


def _missing(
    changes: tuple[Change, ...], presence: Presence, offered: Offer
) -> tuple[Missing, ...]:
    """The rows that would refuse this import: the reader's own, or those of who will decide it."""
    law, day = presence.law, presence.day
    deciding = [s for s, held in (law.row(ORGANISATION_CHANGE.key) or {}).items() if "A" in held]
    found = []
    for activity in asks_also(changes):
        row = law.row_view(activity.key, "", day)
        decide = row.seats("A") if row else ()
        reason = lacks(activity, by=presence.actor, law=law, day=day, asking=offered.asks)
        if reason is None and offered.asks and not {s.id for s in decide} & set(deciding):
            reason = Reason.NOT_ACCOUNTABLE
        if reason is not None:
            found.append(Missing(activity, reason, decide))
    return tuple(found)
