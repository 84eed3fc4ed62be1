"""What other rooms may say of a decision, in somebody's name: each voice goes through the matrix."""

from __future__ import annotations

from pupitre.rules.mandate.deciding import approve, opine, refuse, withdraw

__all__ = ["approve", "opine", "refuse", "withdraw"]
