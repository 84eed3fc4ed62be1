from pupitre.flow.identify.tests.kit import lake
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock

__all__ = ["lake", "noon_on_the_clock"]
