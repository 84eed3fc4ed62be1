"""What the simulation brings to the house: a command, and the place where truth rests."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import Store, cli_commands, stores
from pupitre.flow.collect.simulation.console import simulate


def contribute() -> None:
    cli_commands.add("simulate", simulate)
    stores.add(
        "collect.simulations",
        Store(
            name="simulations",
            engine="file",
            holds=_("What is true of simulated customers, in simulations/ of the data folder"),
            personal=False,
        ),
    )
