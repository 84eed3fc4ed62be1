"""Five ways to begin: who is accountable for what, before the company makes it its own."""

from pupitre.rules.mandate.starting_points.catalogue import CATALOGUE
from pupitre.rules.mandate.starting_points.committee_led import COMMITTEE_LED
from pupitre.rules.mandate.starting_points.digital_led import DIGITAL_LED
from pupitre.rules.mandate.starting_points.duopoly import DUOPOLY
from pupitre.rules.mandate.starting_points.it_led import IT_LED
from pupitre.rules.mandate.starting_points.marketing_led import MARKETING_LED
from pupitre.rules.mandate.starting_points.pattern import (
    Pattern,
    StartingPoint,
    missing_roles,
    rows_for,
)
from pupitre.rules.mandate.starting_points.roles import REQUIRED_ROLES, Role, map_roles, player

STARTING_POINTS: tuple[StartingPoint, ...] = (
    DUOPOLY,
    MARKETING_LED,
    IT_LED,
    DIGITAL_LED,
    COMMITTEE_LED,
)


def starting_point(key: str) -> StartingPoint | None:
    return next((point for point in STARTING_POINTS if point.key == key), None)


__all__ = [
    "CATALOGUE",
    "REQUIRED_ROLES",
    "STARTING_POINTS",
    "Pattern",
    "Role",
    "StartingPoint",
    "map_roles",
    "missing_roles",
    "player",
    "rows_for",
    "starting_point",
]
