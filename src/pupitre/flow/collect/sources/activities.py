"""The activities about sources that the software enforces, and who may read what they send."""

from __future__ import annotations

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain, activity

SOURCE_OPEN = activity(
    "source.open",
    name=Bilingual("Ouvrir une source de données", "Open a data source"),
    domain=Domain.TECHNOLOGY,
    joint=True,
)
SOURCE_CHANGE = activity(
    "source.change",
    name=Bilingual("Modifier une source de données", "Change a data source"),
    domain=Domain.TECHNOLOGY,
)
SOURCE_KEY = activity(
    "source.key",
    name=Bilingual("Gérer les clés d’écriture", "Manage write keys"),
    domain=Domain.TECHNOLOGY,
)
PLAN_AGREE = activity(
    "plan.agree",
    name=Bilingual("Convenir d’un plan de marquage", "Agree to a tracking plan"),
    domain=Domain.DATA,
    joint=True,
)
QUARANTINE_REPLAY = activity(
    "quarantine.replay",
    name=Bilingual("Rejouer la quarantaine", "Replay the quarantine"),
    domain=Domain.DATA,
)
IMPORT_RUN = activity(
    "import.run",
    name=Bilingual("Importer un fichier", "Import a file"),
    domain=Domain.DATA,
)
ACTIVITIES: tuple[Activity, ...] = (
    SOURCE_OPEN,
    SOURCE_CHANGE,
    SOURCE_KEY,
    PLAN_AGREE,
    QUARANTINE_REPLAY,
    IMPORT_RUN,
)
