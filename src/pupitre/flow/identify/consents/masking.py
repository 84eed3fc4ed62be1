"""What a customer recognises as theirs, and a stranger who got hold of their link cannot use."""

from __future__ import annotations

from pupitre.flow.identify.kinds import Kind

DOTS = "•••"
SHOWN_CHARACTERS = 4  # of the end of a number
# Traits that tell a stranger nothing: shown as they are.
OPEN_TRAITS = frozenset({"given_name", "language", "locality", "country"})


def masked(kind: Kind, value: str) -> str:
    """An identifier: the first letter and the domain of an address, the end of a number."""
    if kind is Kind.EMAIL:
        local, _at, domain = value.rpartition("@")
        return f"{local[:1]}{DOTS}@{domain}"
    if kind is Kind.PHONE:
        return f"{value[:3]} {DOTS} {value[-2:]}"
    return DOTS + value[-SHOWN_CHARACTERS:] if len(value) > 2 * SHOWN_CHARACTERS else DOTS


def masked_trait(trait: str, value: str) -> str:
    return value if trait in OPEN_TRAITS else f"{value[:1]}{DOTS}"
