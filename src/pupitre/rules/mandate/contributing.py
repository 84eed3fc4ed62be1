"""What this room brings to the house: its navigation, its stores, its health."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pupitre.core.accounts.events import account_event
from pupitre.core.contributions import (
    HealthCheck,
    NavEntry,
    ScheduledJob,
    Store,
    account_panels,
    cli_groups,
    demo_builders,
    health_checks,
    navigation,
    scheduled_jobs,
    stores,
)
from pupitre.rules.mandate import (
    activities,
    audit,
    console,
    demo,
    desk,
    digest,
    doorkeeping,
    panels,
    personal,
)
from pupitre.rules.mandate.contracts import desk_items
from pupitre.rules.mandate.matrix import actions as matrix_actions
from pupitre.rules.mandate.matrix import console as matrix_console
from pupitre.rules.mandate.matrix import defining as matrix_defining
from pupitre.rules.mandate.matrix import desk as matrix_desk
from pupitre.rules.mandate.matrix import starting as matrix_starting
from pupitre.rules.mandate.organisation import actions as organisation_actions
from pupitre.rules.mandate.organisation import desk as organisation_desk

_ACTIONS_ARE_DECLARED_BY = (
    activities,
    personal,
    matrix_actions,
    matrix_defining,
    matrix_starting,
    organisation_actions,
)


def contribute() -> None:
    _pages()
    _stores()
    _work()


def _pages() -> None:
    navigation.add(
        "mandate.desk",
        NavEntry("decide", 10, _("My desk"), "mandate:desk", desk.waiting_count, on_phone=True),
    )
    navigation.add(
        "mandate.decisions",
        NavEntry("decide", 20, _("Decisions"), "mandate:decisions", on_phone=True),
    )
    navigation.add(
        "mandate.matrix",
        NavEntry("rules", 10, _("Responsibilities"), "mandate:matrix"),
    )
    navigation.add(
        "mandate.organisation",
        NavEntry("rules", 20, _("Organisation"), "mandate:organisation"),
    )
    navigation.add("mandate.audit", NavEntry("rules", 90, _("Audit log"), "mandate:audit"))
    account_panels.add("mandate.seats", panels.account_panel)
    desk_items.add("mandate.drafts", matrix_desk.drafts_in_preparation)
    desk_items.add("mandate.silent", organisation_desk.silent_seats)


def _stores() -> None:
    stores.add(
        "mandate.tables",
        Store(
            name="mandate",
            engine="database",
            holds=_("Members, seats, matrix versions, decisions and what was said of them"),
            tables=(
                "mandate_function",
                "mandate_seat",
                "mandate_reportingline",
                "mandate_member",
                "mandate_tenure",
                "mandate_delegation",
                "mandate_companyactivity",
                "mandate_scope",
                "mandate_matrixversion",
                "mandate_cell",
                "mandate_decision",
                "mandate_voice",
                "mandate_notice",
                "mandate_digestsent",
            ),
            why_not=_("Holds the company’s own members; customers stand in it by number alone."),
        ),
    )
    stores.add(
        "mandate.audit",
        Store(
            name="audit",
            engine="database",
            holds=_("The audit log, append-only, and its counter"),
            tables=("mandate_auditline", "mandate_ledger"),
            why_not=_(
                "Says who decided what, for as long as the law may ask (GDPR, art. 5(2)); "
                "customers stand in it by number alone."
            ),
        ),
    )
    stores.add(
        "mandate.witness",
        Store(
            name="audit.witness",
            engine="file",
            holds=_("The number and the seal of the last audit line"),
            personal=False,
        ),
    )


def _work() -> None:
    account_event.connect(doorkeeping.record, dispatch_uid="mandate.doorkeeping")
    health_checks.add("mandate.audit", HealthCheck("audit", audit.check_witness))
    health_checks.add("mandate.digest", HealthCheck("digest", digest.check_digests))
    scheduled_jobs.add(
        "mandate.digest",
        ScheduledJob("digest", f"0 {settings.ENV.digest_hour} * * *", digest.send_due),
    )
    demo_builders.add("mandate.company", demo.build)
    cli_groups.add("audit", console.audit_commands)
    cli_groups.add("matrix", matrix_console.matrix_commands)
    cli_groups.add("seat", console.seat_commands)
