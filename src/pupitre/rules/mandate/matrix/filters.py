"""What a reader asks to see of a matrix. Anything that makes no sense is as if not asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from pupitre.rules.mandate.contracts import Domain

_ONLY = ("enforced", "joint", "own", "overridden")
_TEXT_CHARACTERS = 80
_DIGITS = 9  # more than that is no page and no id


@dataclass(frozen=True, slots=True)
class Filters:
    domain: Domain | None = None
    function: int | None = None
    text: str = ""
    only: str = ""  # "", or one of _ONLY
    all_seats: bool = False
    page: int = 1
    column_page: int = 1

    @property
    def narrow(self) -> bool:
        """Whether rows are left out."""
        return bool(self.domain or self.text or self.only)

    @property
    def query(self) -> str:
        """As the address says it; nothing where nothing is asked."""
        said = {
            "domain": self.domain.value if self.domain else "",
            "function": str(self.function) if self.function is not None else "",
            "q": self.text,
            "only": self.only,
            "seats": "all" if self.all_seats else "",
            "page": str(self.page) if self.page > 1 else "",
            "columns": str(self.column_page) if self.column_page > 1 else "",
        }
        return urlencode({name: value for name, value in said.items() if value})


def read_filters(given: Mapping[str, str]) -> Filters:
    domain = given.get("domain", "")
    only = given.get("only", "")
    return Filters(
        domain=Domain(domain) if domain in set(Domain) else None,
        function=_number(given.get("function", "")),
        text=given.get("q", "").strip()[:_TEXT_CHARACTERS],
        only=only if only in _ONLY else "",
        all_seats=given.get("seats") == "all",
        page=_number(given.get("page", "")) or 1,
        column_page=_number(given.get("columns", "")) or 1,
    )


def _number(text: str) -> int | None:
    fits = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if fits else None
