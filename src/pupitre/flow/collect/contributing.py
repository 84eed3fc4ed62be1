"""What this room brings to the house: its navigation, its stores, its part of the demonstration."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import NavEntry, Store, demo_builders, navigation, stores
from pupitre.flow.collect import collecting, demo
from pupitre.flow.collect.files import contributing as files
from pupitre.flow.collect.pages.desk import refusing_sources
from pupitre.flow.collect.simulation import contributing as simulation
from pupitre.flow.collect.sources import actions, keys, planning, replaying
from pupitre.flow.collect.sources.book import shelf
from pupitre.flow.collect.sources.reading import TableLoader
from pupitre.rules.mandate.contracts import demo_chapters, desk_items

_ACTIONS_ARE_DECLARED_BY = (actions, keys, planning, replaying)


def contribute() -> None:
    _pages()
    _stores()
    _work()
    simulation.contribute()
    files.contribute()
    collecting.contribute()


def _pages() -> None:
    desk_items.add("collect.refusing", refusing_sources)
    for order, key, label in (
        (10, "sources", _("Sources")),
        (20, "live", _("Live events")),
        (30, "quarantine", _("Quarantine")),
        (40, "imports", _("Imports")),
        (50, "explorer", _("Explorer")),
    ):
        navigation.add(
            f"collect.{key}",
            NavEntry("customers", order, label, f"collect:{key}"),
        )


def _stores() -> None:
    stores.add(
        "collect.sources",
        Store(
            name="sources",
            engine="database",
            holds=_("Sources, the fingerprints of their write keys, their tracking plans"),
            tables=(
                "collect_source",
                "collect_writekey",
                "collect_planversion",
                "collect_bookversion",
            ),
            personal=False,
        ),
    )


def _work() -> None:
    shelf.keep(TableLoader())
    for number, chapter in enumerate(demo.CHAPTERS):
        demo_chapters.add(f"sources.{number}", chapter)
    # Builders run in the order of their keys: the company ("mandate.company") stands by then.
    demo_builders.add("source.opened", demo.build)
    demo_builders.add("source.simulation", demo.bring_to_life)
