"""What joining and separating bring to the house."""

from __future__ import annotations

from pupitre.flow.identify.contracts import person_panels
from pupitre.flow.identify.merging import actions
from pupitre.flow.identify.merging.panel import panel

_ACTIONS_ARE_DECLARED_BY = (actions,)


def contribute() -> None:
    person_panels.add("60.merging", panel)
