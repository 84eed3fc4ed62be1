from __future__ import annotations

from pupitre.flow.identify.consents.tests.kit import heard_shop

__all__ = ["heard_shop"]
