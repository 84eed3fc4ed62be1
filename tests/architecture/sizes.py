"""How long a function and a file may be, and the few that are longer with a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from tests.architecture.source import Source

FUNCTION_LINES = 70
FILE_LINES = 400
TEST_FILE_LINES = 600  # a list of cases is read one case at a time

LONGER_FILES: dict[str, str] = {}
LONGER_FUNCTIONS: dict[str, str] = {}  # by path::qualified name


def file_limit(path: str) -> int:
    return TEST_FILE_LINES if "/tests/" in path or path.startswith("tests/") else FILE_LINES


def long_file(path: str, text: str, allowed: Mapping[str, str] = LONGER_FILES) -> list[str]:
    lines = text.count("\n")
    if lines <= file_limit(path) or path in allowed:
        return []
    return [f"{path}: {lines} lines, over {file_limit(path)}: look for the second idea in it"]


def functions(source: Source) -> Iterable[tuple[str, int]]:
    """Qualified name and length in lines, from `def` to its end."""

    def walk(node: ast.AST, prefix: str) -> Iterable[tuple[str, int]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{prefix}{child.name}"
                yield name, (child.end_lineno or child.lineno) - child.lineno + 1
                yield from walk(child, f"{name}.")
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.")
            else:
                yield from walk(child, prefix)

    return walk(source.tree, "")


def long_functions(source: Source, allowed: Mapping[str, str] = LONGER_FUNCTIONS) -> list[str]:
    return [
        f"{source.path}::{name}: {lines} lines, over {FUNCTION_LINES}"
        for name, lines in functions(source)
        if lines > FUNCTION_LINES and f"{source.path}::{name}" not in allowed
    ]


def stale_exceptions(
    texts: Mapping[str, str],
    sources: Iterable[Source],
    files: Mapping[str, str] = LONGER_FILES,
    longer: Mapping[str, str] = LONGER_FUNCTIONS,
) -> list[str]:
    """Exceptions for what is no longer long, or no longer there."""
    stale = [
        path for path in files if path not in texts or texts[path].count("\n") <= file_limit(path)
    ]
    lengths = {f"{s.path}::{name}": lines for s in sources for name, lines in functions(s)}
    stale += [name for name in longer if lengths.get(name, 0) <= FUNCTION_LINES]
    return [f"{name} needs no exception any more" for name in stale]
