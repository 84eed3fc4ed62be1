"""Errors that we expect: typed, translatable, and telling the person what to do next."""

from __future__ import annotations

from django.utils.functional import Promise


class Invalid(Exception):
    """What was asked makes no sense as it stands; nothing was changed.

    ``message`` is a translatable sentence for the person; ``field`` names the form field or the
    column that it is about, where there is one.
    """

    def __init__(self, message: str | Promise, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)
