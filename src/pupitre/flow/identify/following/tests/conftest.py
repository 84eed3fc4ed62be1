from pupitre.flow.identify.tests.kit import lake

__all__ = ["lake"]
