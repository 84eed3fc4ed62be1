"""The demonstration company: built by the rooms, kept apart from real data, and forgotten whole."""

from __future__ import annotations

import shutil

from pupitre.config.environment import DEMO_FOLDER, Environment
from pupitre.config.lock import is_in_use
from pupitre.core import clock
from pupitre.core.contributions import demo_builders


class InUse(RuntimeError):
    """The demonstration cannot be deleted now, and why."""


def build() -> None:
    """Let each room build its part; rooms do nothing where a company already stands."""
    for part in demo_builders:
        part(clock.now())


def forget(env: Environment) -> None:
    """Delete the demonstration's own folder. Raises InUse while it is being served."""
    if not env.demo or env.folder.name != DEMO_FOLDER:
        raise InUse("Only the demonstration can be deleted.")
    if env.database_url:
        raise InUse(
            "The demonstration rests in a database of yours: drop that yourself, then again."
        )
    if is_in_use(env.folder):
        raise InUse("The demonstration is being served: stop it first.")
    if env.folder.exists():
        shutil.rmtree(env.folder)
