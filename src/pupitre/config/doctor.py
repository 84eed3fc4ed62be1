"""`pupitre doctor`: what is installed, reachable, writable and migrated, and what to do if not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import DatabaseError
from rich.table import Table
from rich.text import Text

from pupitre.core.contributions import HealthCheck, Unhealthy


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    name: str
    well: bool
    seen: str
    remedy: str = ""


def examine(checks: Iterable[HealthCheck]) -> tuple[Line, ...]:
    """Look at everything; one check that fails, or breaks, does not hide the others."""
    lines = []
    for check in checks:
        try:
            lines.append(Line(check.name, True, check.check()))
        except Unhealthy as ill:
            lines.append(Line(check.name, False, ill.seen, ill.remedy))
        except DatabaseError as error:
            seen = str(error).strip().splitlines()[0]
            lines.append(Line(check.name, False, seen, "pupitre migrate"))
        except Exception as error:
            seen = f"{type(error).__name__}: {error}"
            lines.append(Line(check.name, False, seen, "Report this: the check itself broke."))
    return tuple(lines)


def table(lines: Iterable[Line]) -> Table:
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "What", "Seen", "Do this"):
        drawn.add_column(heading, overflow="fold")
    for line in lines:
        mark = Text("✓", "green") if line.well else Text("✗", "bold red")
        drawn.add_row(mark, Text(line.name), Text(line.seen), Text(line.remedy, "bold"))
    return drawn
