"""What an erasure asks of every place where data rest, and what each answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property


class NotYet(Exception):
    """This place cannot be rid of it now, and will be later: ask again."""


@dataclass(frozen=True)
class Erased:
    """Whose traces go, by everything that they are known by. Asked again, it is the same."""

    number: int  # of the erasure
    at: datetime  # when it was decided
    identities: tuple[str, ...] = ()  # as the lake writes them: "user_id:42"
    user_ids: tuple[str, ...] = ()
    anonymous_ids: tuple[str, ...] = ()
    messages: tuple[tuple[str, str], ...] = ()  # (source, message id) of events that are theirs
    records: tuple[int, ...] = ()  # keys of their identifiers in the book of who is who
    # What mentions them, in lower case, as both RE2 and Python read it; empty: nothing does.
    mentions: str = ""
    # The same for text of unknown make (a refused event, a line of a file): their numbers too,
    # wherever they stand alone.
    traces: str = ""

    @cached_property
    def _trace(self) -> re.Pattern[str]:
        return re.compile(self.traces)

    def traced_in(self, text: str | bytes) -> bool:
        """Whether a text of any make says anything of them; JSON is read as what it means."""
        if not self.traces:
            return False
        plain = text if isinstance(text, str) else text.decode("utf-8", "replace")
        if self._trace.search(plain.casefold()):
            return True
        if "\\u" not in plain:
            return False
        try:
            meant = json.dumps(json.loads(plain), ensure_ascii=False)
        except (ValueError, RecursionError):
            return False
        return bool(self._trace.search(meant.casefold()))


@dataclass(frozen=True, slots=True)
class Removed:
    """What one place held, and holds after it was looked through again. Names nobody."""

    found: int
    left: int = 0
    unit: str = "rows"  # rows, events or files
    proof: tuple[tuple[str, int], ...] = ()  # (what was done, how much of it)
