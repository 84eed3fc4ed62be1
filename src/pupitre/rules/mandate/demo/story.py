"""What happened at Maison Ardoise this year, and what waits on its desks this morning."""

from __future__ import annotations

from datetime import timedelta

from pupitre.core.clock import day_of
from pupitre.rules.mandate import deciding
from pupitre.rules.mandate.audit_export import ExportAudit
from pupitre.rules.mandate.contracts import Performed, demo_chapters
from pupitre.rules.mandate.demo.building import Stage
from pupitre.rules.mandate.matrix.actions import EditDraft, EnterIntoForce, StartDraft
from pupitre.rules.mandate.matrix.cells import CellEdit
from pupitre.rules.mandate.matrix.defining import DefineActivity
from pupitre.rules.mandate.matrix.starting import StartFromPoint
from pupitre.rules.mandate.models import AuditLine, Notice, Seat, Tenure
from pupitre.rules.mandate.organisation.actions import (
    ChangeSeat,
    CreateSeat,
    Delegate,
    EndTenure,
    SeatDetails,
)
from pupitre.rules.mandate.personal import MarkSeen, SetDigest
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.starting_points import map_roles

_READERS = ("ceo", "cmo", "cio", "cdo", "hr", "dpo", "relations", "finance", "operations")


def live(stage: Stage) -> None:
    _from_one_department_to_two(stage)
    _meanwhile(stage, since=185, until=64)
    _who_is_consulted(stage)
    _some_of_it_was_refused(stage)
    _all_of_that_was_read(stage)
    _this_month(stage)
    _this_morning(stage)
    _meanwhile(stage, since=0.05, until=0)


def _meanwhile(stage: Stage, *, since: float, until: float) -> None:
    """What other rooms tell of these days, so that the audit is in the order of time."""
    told = [chapter for chapter in demo_chapters if until <= chapter.days_ago < since]
    for chapter in sorted(told, key=lambda chapter: -chapter.days_ago):
        chapter.tell(stage.now)


def _from_one_department_to_two(stage: Stage) -> None:
    """The duo takes over from the IT-led matrix of the first days."""
    law = current_law()
    roles = map_roles(law, day_of(stage.back(190)))
    point = StartFromPoint("duopoly", tuple((r.value, s) for r, s in roles.items() if s))
    number = _number(stage.do(point, "cio", days=190))
    enter = stage.ask(EnterIntoForce(number), "cio", days=188)
    deciding.approve(
        decision_id=enter,
        comment="Chacun décide dans son domaine, et agit dans celui de l’autre.",
        by=stage.actor("cmo"),
        at=stage.back(185),
    )


def _who_is_consulted(stage: Stage) -> None:
    """Experience showed who had to be asked first."""
    number = _number(stage.do(StartDraft(copy_of=2, note="Qui consulter"), "cmo", days=64))
    seats = stage.seats
    edits = (
        CellEdit("", "activity.define", seats["relations"], "C"),
        CellEdit("", "activity.define", seats["dpo"], "C"),
        CellEdit("", "seat.appoint", seats["finance"], "C"),
        CellEdit("", "seat.appoint", seats["dpo"], ""),
        CellEdit("", "organisation.change", seats["cdo"], "C"),
        CellEdit("", "audit.export", seats["cmo"], "C"),
        # Whoever stands before a customer, at the desk or in a shop.
        *(CellEdit("", "person.read", seats[key], "R") for key in ("service", "advisers")),
        *(CellEdit("", "person.amounts", seats[key], "R") for key in ("service", "advisers")),
        *(CellEdit("", "consent.record", seats[key], "R") for key in ("service", "advisers")),
        CellEdit("", "consent.link", seats["service"], "R"),
        CellEdit("", "person.contacts", seats["service"], "R"),
        CellEdit("", "person.address", seats["service"], "R"),
        CellEdit("", "person.words", seats["service"], "R"),
    )
    stage.do(EditDraft(number, edits), "cmo", days=64)
    enter = stage.ask(EnterIntoForce(number), "cmo", days=63)
    deciding.approve(decision_id=enter, by=stage.actor("cio"), at=stage.back(61))


def _some_of_it_was_refused(stage: Stage) -> None:
    asked = stage.ask(
        DefineActivity("Acheter des fichiers d’adresses", "Buy address lists", "customer"),
        "cio",
        days=40,
    )
    for seat, days, verdict, comment in (
        ("dpo", 39.5, "against", "Sans consentement, ce ne serait pas seulement inutile."),
        ("relations", 39, "against", "Nos clients nous le reprocheraient."),
    ):
        deciding.opine(
            decision_id=asked,
            verdict=verdict,
            comment=comment,
            by=stage.actor(seat),
            at=stage.back(days),
        )
    deciding.refuse(
        decision_id=asked,
        comment="Non : un client déçu est un client perdu.",
        by=stage.actor("cmo"),
        at=stage.back(38),
    )
    defined = stage.ask(
        DefineActivity(
            "Tenir le calendrier des sollicitations",
            "Keep the calendar of messages",
            "customer",
            joint=False,
        ),
        "cdo",
        days=33,
    )
    for seat, days in (("dpo", 32.7), ("relations", 32)):
        deciding.opine(
            decision_id=defined, verdict="for", by=stage.actor(seat), at=stage.back(days)
        )
    deciding.approve(decision_id=defined, by=stage.actor("cmo"), at=stage.back(30))


def _all_of_that_was_read(stage: Stage) -> None:
    newest = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for seat in _READERS:
        actor = stage.actor(seat)
        stage.do(MarkSeen(actor.member_id, (stage.seats[seat],), newest), seat, days=20)


def _this_month(stage: Stage) -> None:
    """A seat falls vacant, another is asked for, and one request has waited too long."""
    leaving = Tenure.objects.get(seat__key="payments")
    asked = stage.ask(
        EndTenure(tenure_id=leaving.pk, last_day=day_of(stage.back(3))), "cio", days=16
    )
    deciding.opine(decision_id=asked, verdict="for", by=stage.actor("finance"), at=stage.back(15))
    deciding.approve(decision_id=asked, by=stage.actor("hr"), at=stage.back(14))
    stage.ask(
        DefineActivity(
            "Essayer une nouveauté en dix jours", "Try something new in ten days", "technology"
        ),
        "cdo",
        days=9.2,
    )
    it = Seat.objects.get(key="cio").function_id
    platform = SeatDetails(
        "Responsable de la plateforme clients",
        "Customer platform manager",
        it,
        superior_id=stage.seats["cio"],
        dotted_ids=(stage.seats["cmo"],),
    )
    seat = stage.ask(CreateSeat("customer-platform", platform), "cio", days=9)
    deciding.opine(
        decision_id=seat,
        verdict="for",
        comment="À condition que le marketing soit consulté sur le recrutement.",
        by=stage.actor("cdo"),
        at=stage.back(8),
    )


def _this_morning(stage: Stage) -> None:
    stock = stage.ask(
        DefineActivity(
            "Montrer le stock des magasins en ligne", "Show shop stock online", "data", joint=True
        ),
        "cio",
        days=4,
    )
    deciding.opine(
        decision_id=stock,
        verdict="for",
        comment="La première question que l’on nous pose au téléphone.",
        by=stage.actor("relations"),
        at=stage.back(3.5),
    )
    ready = _a_draft_that_is_ready(stage)
    studies = Seat.objects.get(key="studies")
    moved = SeatDetails(
        "Responsable de la connaissance client",
        "Customer insight manager",
        studies.function_id,
        superior_id=stage.seats["cmo"],
        dotted_ids=(stage.seats["data-quality"],),
    )
    stage.ask(ChangeSeat(studies.pk, moved), "cmo", days=1.2)
    stage.ask(EnterIntoForce(ready), "cmo", days=1.1)
    newest = AuditLine.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    stage.ask(ExportAudit(filters=(), up_to=newest), "dpo", days=1)
    _a_draft_with_an_error(stage)
    away_from = day_of(stage.now)
    stage.do(
        Delegate(
            seat_id=stage.seats["cio"],
            deputy_id=stage.members["Sonia Marchetti"],
            starts=away_from,
            ends=away_from + timedelta(days=3),
        ),
        "cio",
        days=0.1,
    )
    stage.do(SetDigest(stage.members["Claire Delmas"], wanted=True), "cmo", days=0.05)


def _a_draft_that_is_ready(stage: Stage) -> int:
    seats = stage.seats
    number = _number(stage.do(StartDraft(copy_of=3, note="Le paiement"), "cmo", days=2))
    edits = (
        CellEdit("", "design-journeys", seats["commerce"], "R"),
        CellEdit("", "design-journeys", seats["finance"], "I"),
    )
    stage.do(EditDraft(number, edits), "cmo", days=2)
    return number


def _a_draft_with_an_error(stage: Stage) -> None:
    """Pupitre explains it, and offers what would correct it."""
    number = _number(stage.do(StartDraft(copy_of=3, note="Les outils"), "cio", days=0.9))
    edit = CellEdit("", "choose-marketing-tools", stage.seats["cio"], "A")
    stage.do(EditDraft(number, (edit,)), "cio", days=0.9)


def _number(outcome: object) -> int:
    if not isinstance(outcome, Performed) or not isinstance(outcome.result, int):
        raise TypeError("a draft was expected")
    return outcome.result
