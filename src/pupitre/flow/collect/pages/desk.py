"""What waits on the desk of whoever owns a source: events that were refused."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import bilingual
from pupitre.flow.collect.pages.health import State, health_of
from pupitre.flow.collect.sources.reading import SourceRow, all_sources
from pupitre.flow.collect.words import refusal_words
from pupitre.rules.mandate.contracts import DeskItem
from pupitre.rules.mandate.web import Presence


def refusing_sources(presence: Presence) -> Iterator[DeskItem]:
    """The reader's own sources that refuse too much, those that refuse most first."""
    seats = {chair.seat.id for chair in presence.chairs}
    own = [source for source in all_sources() if source.open and source.owner_id in seats]
    if not own:
        return
    found = health_of(own, at=presence.at)
    refusing = [source for source in own if found[source.key].state is State.REFUSING]
    for source in sorted(refusing, key=lambda source: -found[source.key].refused_day):
        health = found[source.key]
        yield _item(source, health.refused_day, health.reasons[0][0])


def _item(source: SourceRow, refused: int, reason: str) -> DeskItem:
    return DeskItem(
        letter="R",
        title=bilingual(
            lambda: (
                ngettext(
                    "“%(name)s”: %(count)s event refused in 24 hours",
                    "“%(name)s”: %(count)s events refused in 24 hours",
                    refused,
                )
                % {"name": source.name, "count": refused}
            )
        ),
        url=reverse("collect:source", args=[source.key]),
        why=bilingual(lambda: _("Most often: %(name)s.") % {"name": refusal_words(reason)[0]}),
    )
