"""The ways around a room's doors that import-linter cannot see. Each check returns complaints."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from tests.architecture.source import Source, room_of

# What other rooms may use of a room.
DOORS = frozenset({"contracts", "queries", "services"})
# Further doors that one room opens, and why.
MORE_DOORS: dict[str, dict[str, str]] = {
    "rules.mandate": {
        "actions": "Action and activity(), the shape of every write in every room",
        "acting": "act(), the only way to write",
        "web": "what turns a request into an actor, for every room's views",
        "machines": "what is written without an act, under a declared name",
    },
    "core.accounts": {
        "events": "the hook by which accounts tell what happened, without importing who listens",
        "models": "User, to whom foreign keys may point",
        "mailing": "the one sender of e-mails, after the commit",
    },
}
# Rooms that are open to all: small shared things, and the wiring that knows everybody.
OPEN = frozenset({"core"})
WIRING = frozenset({"config", "__main__"})
ENGINES = frozenset({"duckdb", "pyspark"})

# Imports inside a function, by path and imported module, and why each must be.
LATE_IMPORTS: dict[tuple[str, str], str] = {
    ("src/pupitre/config/cli.py", "pupitre.config.worker.work"): (
        "DBOS takes most of a second to import, and only the worker needs it"
    ),
}

DYNAMIC = {
    "get_model": "looks a model up by its name",
    "model_class": "looks a model up through its content type",
    "import_module": "imports by a name that no tool can follow",
    "import_string": "imports by a name that no tool can follow",
    "__import__": "imports by a name that no tool can follow",
}
DYNAMIC_ALLOWED: dict[tuple[str, str], str] = {
    ("src/pupitre/core/accounts/services.py", "import_module"): (
        "Django's documented way to the session store that settings name"
    ),
}

MODEL_SIGNALS = "django.db.models.signals"


def foreign_imports(source: Source) -> list[str]:
    """Imports that reach into another room past its doors."""
    if source.room in WIRING:
        return []
    complaints = []
    for line, name in source.imports():
        room = room_of(name)
        if room is None or room == source.room or room in OPEN:
            continue
        inside = name.removeprefix(f"pupitre.{room}").lstrip(".").split(".")
        if inside[0] not in DOORS | MORE_DOORS.get(room, {}).keys():
            complaints.append(
                f"{source.path}:{line}: {name} is inside {room}; other rooms use its "
                f"{', '.join(sorted(DOORS))}"
            )
    return complaints


def dynamic_lookups(
    source: Source, allowed: Mapping[tuple[str, str], str] = DYNAMIC_ALLOWED
) -> list[str]:
    """Calls that find a model or a module by a string."""
    complaints = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in DYNAMIC and (source.path, name) not in allowed:
            complaints.append(f"{source.path}:{node.lineno}: {name}() {DYNAMIC[name]}")
    return complaints


def late_imports(
    source: Source, allowed: Mapping[tuple[str, str], str] = LATE_IMPORTS
) -> list[str]:
    """Imports inside functions, but for AppConfig.ready, where Django asks for them."""
    return [
        f"{source.path}:{line}: {name} is imported inside a function"
        for line, name in _inside_functions(source)
        if (source.path, name) not in allowed
    ]


def unused_late_imports(
    sources: Iterable[Source], allowed: Mapping[tuple[str, str], str] = LATE_IMPORTS
) -> list[str]:
    """Exceptions that nothing needs any more."""
    seen = {(source.path, name) for source in sources for _, name in _inside_functions(source)}
    return [
        f"{path}: {name} is allowed, and not imported late" for path, name in allowed.keys() - seen
    ]


def _inside_functions(source: Source) -> Iterable[tuple[int, str]]:
    ready_allowed = source.path.endswith("/apps.py")
    for function in ast.walk(source.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ready_allowed and function.name == "ready":
            continue
        inside = Source(source.path, "")
        body = ast.Module(body=function.body, type_ignores=[])
        inside.__dict__["tree"] = body
        yield from inside.imports()


def engine_imports(source: Source) -> list[str]:
    """DuckDB and Spark have one door: the lake."""
    if source.room == "lake":
        return []
    return [
        f"{source.path}:{line}: {name} belongs to the lake alone"
        for line, name in source.imports()
        if name.split(".")[0] in ENGINES
    ]


def model_signals(source: Source) -> list[str]:
    """What follows a write is said in the action that writes, not in a signal on its model."""
    return [
        f"{source.path}:{line}: {name} hides what a write does"
        for line, name in source.imports()
        if name == MODEL_SIGNALS or name.startswith(f"{MODEL_SIGNALS}.")
    ]


def foreign_tables(source: Source, tables: Mapping[str, str]) -> list[str]:
    """Names of other rooms' tables inside strings: SQL that goes around their queries.

    ``tables`` gives the room of each table.
    """
    others = [table for table, room in tables.items() if room != source.room]
    if not others:
        return []
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, others))})\b")
    complaints = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for name in pattern.findall(node.value):
                complaints.append(f"{source.path}:{node.lineno}: {name} is {tables[name]}'s table")
    return complaints


def foreign_key_complaint(
    name: str, owner: str | None, target: str | None, model: str
) -> str | None:
    """Whether a relation may be: inside a room, to rules, or to an account."""
    if owner == target or target is None:
        return None
    if target.startswith("rules.") or (target == "core.accounts" and model == "User"):
        return None
    return f"{name} points from {owner} to {model} of {target}: keep its id, and ask its queries"
