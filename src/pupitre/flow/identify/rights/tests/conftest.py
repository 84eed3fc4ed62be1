"""A data folder and an intake of each test's own, on either database."""

from pupitre.flow.collect.conftest import _an_intake_of_its_own
from pupitre.flow.identify.tests.kit import lake

__all__ = ["_an_intake_of_its_own", "lake"]
