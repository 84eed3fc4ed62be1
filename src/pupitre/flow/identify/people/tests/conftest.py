from pupitre.flow.identify.consents.tests.kit import heard_shop
from pupitre.flow.identify.tests.kit import lake
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock

__all__ = ["heard_shop", "lake", "noon_on_the_clock"]
