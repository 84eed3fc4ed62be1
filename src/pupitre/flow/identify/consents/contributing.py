"""What consents bring to the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import NavEntry, Store, navigation, stores
from pupitre.flow.identify.consents import actions, demo, following, own, purposes, sources
from pupitre.flow.identify.consents.panel import panel
from pupitre.flow.identify.contracts import person_panels
from pupitre.flow.identify.following.rounds import listeners
from pupitre.flow.identify.models import Consent, Pause, RevokedLinks
from pupitre.flow.identify.rights.tables import eraser
from pupitre.rules.mandate.contracts import demo_chapters

_ACTIONS_ARE_DECLARED_BY = (actions, own, purposes, sources)


def contribute() -> None:
    navigation.add(
        "identify.consents", NavEntry("customers", 9, _("Consents"), "identify:purposes")
    )
    person_panels.add("30.consents", panel)
    listeners.add("consents", following.listen)
    for number, chapter in enumerate(demo.CHAPTERS):
        demo_chapters.add(f"consents.{number}", chapter)
    stores.add(
        "identify.agreed",
        Store(
            name="consents",
            engine="database",
            holds=_("What customers agreed to, refused and withdrew, with the proof; their pauses"),
            tables=("identify_consent", "identify_pause", "identify_revokedlinks"),
            erases_tables=True,
            erase=eraser(
                (Consent, "identifier"), (Pause, "identifier"), (RevokedLinks, "identifier")
            ),
        ),
    )
    stores.add(
        "identify.purposes",
        Store(
            name="purposes",
            engine="database",
            holds=_(
                "What customers are asked to agree to, in each of its wordings; "
                "which sources’ word makes a consent"
            ),
            tables=(
                *("identify_purpose", "identify_wording", "identify_erasing"),
                "identify_consentsource",
            ),
            personal=False,
        ),
    )
