"""Text that exists in French and in English, shown in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import translation


@dataclass(frozen=True, slots=True)
class Bilingual:
    """Both languages of one text. Where a company gave only one, it serves for both."""

    fr: str
    en: str

    def __str__(self) -> str:
        return self.in_language(translation.get_language() or "fr")

    def in_language(self, code: str) -> str:
        return (self.en or self.fr) if code.startswith("en") else (self.fr or self.en)


def bilingual(render: Callable[[], object]) -> Bilingual:
    """Render a translatable sentence in both languages, so that it can be kept as it was said."""
    texts = []
    for code in ("fr", "en"):
        with translation.override(code):
            texts.append(str(render()))
    return Bilingual(fr=texts[0], en=texts[1])
