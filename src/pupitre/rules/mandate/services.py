"""What other rooms may say of a decision, in a member's name, and only as the matrix lets them."""

from __future__ import annotations

from pupitre.rules.mandate.deciding import approve, opine, refuse, withdraw

__all__ = ["approve", "opine", "refuse", "withdraw"]
