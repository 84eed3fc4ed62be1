"""A table that can be added to, and nothing else: the database itself refuses the rest.

Declared in a model's ``Meta.constraints``, so the table and its triggers come to be together. Lines
may go while an erasure is under way, which is a row in identify_erasing: it is inserted and taken
away inside the one transaction that erases, so nobody else ever sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, Model

# With the name of the table in them; identify_erasing is ErasureUnderWay's.
_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS %(table)s_no_update BEFORE UPDATE ON %(table)s"
    " BEGIN SELECT RAISE(ABORT, '%(table)s is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS %(table)s_no_delete BEFORE DELETE ON %(table)s"
    " WHEN NOT EXISTS (SELECT 1 FROM identify_erasing)"
    " BEGIN SELECT RAISE(ABORT, '%(table)s is append-only, but for an erasure'); END",
    # INSERT OR REPLACE takes a row away without a word to the trigger on DELETE.
    "CREATE TRIGGER IF NOT EXISTS %(table)s_no_replace BEFORE INSERT ON %(table)s"
    " WHEN EXISTS (SELECT 1 FROM %(table)s WHERE id = NEW.id)"
    " BEGIN SELECT RAISE(ABORT, '%(table)s is append-only'); END",
)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION %(table)s_refuse() RETURNS trigger AS $$ BEGIN"
    " IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM identify_erasing) THEN RETURN OLD; END IF;"
    " RAISE EXCEPTION '%(table)s is append-only'; END $$ LANGUAGE plpgsql",
    "CREATE TRIGGER %(table)s_no_update BEFORE UPDATE OR DELETE ON %(table)s"
    " FOR EACH ROW EXECUTE FUNCTION %(table)s_refuse()",
    "CREATE TRIGGER %(table)s_no_truncate BEFORE TRUNCATE ON %(table)s"
    " FOR EACH STATEMENT EXECUTE FUNCTION %(table)s_refuse()",
)
_REMOVE_SQLITE = (
    "DROP TRIGGER IF EXISTS %(table)s_no_update",
    "DROP TRIGGER IF EXISTS %(table)s_no_delete",
    "DROP TRIGGER IF EXISTS %(table)s_no_replace",
)
_REMOVE_POSTGRESQL = (
    "DROP TRIGGER IF EXISTS %(table)s_no_update ON %(table)s",
    "DROP TRIGGER IF EXISTS %(table)s_no_truncate ON %(table)s",
)
TABLES = ("identify_consent", "identify_pause", "identify_wording")


class AppendOnly(BaseConstraint):
    """Rows of the table neither change nor go, whoever asks and however."""

    def __init__(self, *, table: str, name: str) -> None:
        super().__init__(name=name)
        self.table = table

    def constraint_sql(
        self,
        model: type[Model] | None,  # noqa: ARG002
        schema_editor: BaseDatabaseSchemaEditor | None,
    ) -> str:
        """Nothing inside CREATE TABLE: triggers follow it."""
        if schema_editor is not None:
            schema_editor.deferred_sql.extend(
                _for_table(schema_editor.connection, self.table, _SQLITE, _POSTGRESQL)
            )
        return ""

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        return self.constraint_sql(model, schema_editor) or None

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:  # noqa: ARG002
        *most, last = _for_table(
            schema_editor.connection, self.table, _REMOVE_SQLITE, _REMOVE_POSTGRESQL
        )
        for statement in most:
            schema_editor.execute(statement)
        return last

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "") -> None:
        """A line by itself breaks nothing."""

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "table": self.table}

    def __eq__(self, other: object) -> bool:
        if isinstance(other, AppendOnly):
            return (self.name, self.table) == (other.name, other.table)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.table))


def install(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _SQLITE, _POSTGRESQL)


def remove(connection: BaseDatabaseWrapper) -> None:
    """For tests, which empty their tables, and for an operator who knows why."""
    _run(connection, _REMOVE_SQLITE, _REMOVE_POSTGRESQL)


def _run(
    connection: BaseDatabaseWrapper, sqlite: tuple[str, ...], postgresql: tuple[str, ...]
) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            for statement in _for_table(connection, table, sqlite, postgresql):
                cursor.execute(statement)


def _for_table(
    connection: BaseDatabaseWrapper,
    table: str,
    sqlite: tuple[str, ...],
    postgresql: tuple[str, ...],
) -> Iterator[str]:
    for statement in sqlite if connection.vendor == "sqlite" else postgresql:
        yield statement % {"table": table}
