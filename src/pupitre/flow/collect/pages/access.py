"""Who may read what: sources are everybody's to know; the events themselves are customers' data."""

from __future__ import annotations

from django.http import Http404

from pupitre.flow.collect.sources.activities import ACTIVITIES
from pupitre.flow.collect.sources.reading import SourceRow, all_sources, source_named
from pupitre.rules.mandate.queries import Readers


def owns_a_source(seat: int) -> bool:
    return any(source.owner_id == seat for source in all_sources())


READERS = Readers(ACTIVITIES, "collect/not_for_this_seat.html", besides=owns_a_source)
may_read_events = READERS.may_read
shows_events = READERS.only


def source_or_404(key: str) -> SourceRow:
    source = source_named(key=key)
    if source is None:
        raise Http404
    return source
