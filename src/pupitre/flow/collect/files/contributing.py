"""What imports bring to the house: a command, the worker's part, the places where files rest."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import (
    ScheduledJob,
    StandingJob,
    Store,
    cli_commands,
    demo_builders,
    scheduled_jobs,
    standing_jobs,
    stores,
)
from pupitre.flow.collect.erasing import uploads
from pupitre.flow.collect.files import actions, cdnow, work
from pupitre.flow.collect.files.console import import_file
from pupitre.rules.mandate.contracts import demo_chapters

_ACTIONS_ARE_DECLARED_BY = (actions,)


def contribute() -> None:
    cli_commands.add("import", import_file)
    standing_jobs.add("collect.imports", StandingJob("imports", work.stand))
    scheduled_jobs.add("collect.uploads", ScheduledJob("collect.uploads", "41 3 * * *", work.tidy))
    # After the company and its sources ("mandate…", "source.opened").
    demo_chapters.add("purchases", cdnow.CHAPTER)
    demo_builders.add("source.purchases", cdnow.build)
    stores.add(
        "collect.imports",
        Store(
            name="imports",
            engine="database",
            holds=_("Which files were imported, into which source, how they were read"),
            tables=("collect_fileimport",),
            personal=False,
        ),
    )
    stores.add(
        "collect.uploads",
        Store(
            name="uploads",
            engine="file",
            holds=_(
                "Files that were sent to be imported, in imports/ of the data folder, until they "
                "are in the lake"
            ),
            erase=uploads.erase,
        ),
    )
