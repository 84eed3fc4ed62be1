"""What the house rules are checked on: parsed Python files, and which room each belongs to."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "pupitre"
WINGS = ("desk", "flow", "rules")  # folders of rooms; core, lake and config stand alone


@dataclass(frozen=True)
class Source:
    """One Python file. ``path`` is relative to the root, with slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def module(self) -> str:
        dotted = self.path.removeprefix("src/").removesuffix(".py").replace("/", ".")
        return dotted.removesuffix(".__init__")

    @property
    def room(self) -> str | None:
        return room_of(self.module)

    @property
    def is_test(self) -> bool:
        return "/tests/" in self.path or self.path.startswith("tests/")

    @property
    def is_migration(self) -> bool:
        return "/migrations/" in self.path

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full dotted name of everything imported: `from a import b` gives a.b."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield node.lineno, name.name
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                for name in node.names:
                    yield node.lineno, f"{base}.{name.name}"

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module.split(".")
        if not self.path.endswith("__init__.py"):
            package = package[:-1]
        package = package[: len(package) - node.level + 1]
        return ".".join([*package, *([node.module] if node.module else [])])


def room_of(module: str) -> str | None:
    """The room that a module belongs to: pupitre.rules.mandate.law → rules.mandate."""
    parts = module.split(".")
    if parts[0] != "pupitre" or len(parts) < 2:
        return None
    if parts[1] in WINGS:
        return ".".join(parts[1:3]) if len(parts) > 2 else None
    if parts[1:3] == ["core", "accounts"]:
        return "core.accounts"
    return parts[1]


def python_files(*folders: str) -> list[Source]:
    """Every Python file under these folders of the root, migrations left out."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            source = Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
            if not source.is_migration:
                found.append(source)
    return found


def product() -> list[Source]:
    """What runs at a customer's: the package without its tests."""
    return [source for source in python_files("src/pupitre") if not source.is_test]


def nothing(complaints: Iterable[str | None]) -> None:
    """Fail with every complaint on a line of its own."""
    said = [complaint for complaint in complaints if complaint]
    if said:
        pytest.fail("\n".join([f"{len(said)} complaints", *said]), pytrace=False)


def planted(text: str, path: str = "src/pupitre/desk/agenda/planted.py") -> Source:
    """A file that breaks a rule on purpose, to show that the rule can be broken."""
    return Source(path, text)
