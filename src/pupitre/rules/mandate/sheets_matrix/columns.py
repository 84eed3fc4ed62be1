"""The columns that a matrix has in a spreadsheet before those of its seats."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pupitre.core.bilingual import Bilingual

Rows = Mapping[tuple[str, str], Mapping[int, str]]

# A file may be read by somebody whose language differs from its author's, so both names of a
# column are known, and its key.
COLUMNS: Mapping[str, Bilingual] = MappingProxyType(
    {
        "scope": Bilingual("Chantier", "Initiative"),
        "activity": Bilingual("Clé de l’activité", "Activity key"),
        "name": Bilingual("Activité", "Activity"),
        "domain": Bilingual("Domaine", "Domain"),
        "enforced": Bilingual("Appliquée par Pupitre", "Enforced by Pupitre"),
    }
)
SEPARATOR = " · "  # in a seat's header, between its key and its name
