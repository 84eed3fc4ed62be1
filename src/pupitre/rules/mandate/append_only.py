"""Triggers that make the audit append-only: a slip in code or at a console changes no line.

They keep honest people honest. Against somebody who drops them there is the chain of seals.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_SQLITE = (
    """
    CREATE TRIGGER mandate_audit_no_update BEFORE UPDATE ON mandate_auditline
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    """
    CREATE TRIGGER mandate_audit_no_delete BEFORE DELETE ON mandate_auditline
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    # INSERT OR REPLACE takes a row away without a word to the trigger on DELETE.
    """
    CREATE TRIGGER mandate_audit_no_replace BEFORE INSERT ON mandate_auditline
    WHEN EXISTS (SELECT 1 FROM mandate_auditline WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION mandate_audit_refuse() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER mandate_audit_no_update BEFORE UPDATE OR DELETE ON mandate_auditline
    FOR EACH ROW EXECUTE FUNCTION mandate_audit_refuse()
    """,
    """
    CREATE TRIGGER mandate_audit_no_truncate BEFORE TRUNCATE ON mandate_auditline
    FOR EACH STATEMENT EXECUTE FUNCTION mandate_audit_refuse()
    """,
)
_REMOVE_SQLITE = (
    "DROP TRIGGER IF EXISTS mandate_audit_no_update",
    "DROP TRIGGER IF EXISTS mandate_audit_no_delete",
    "DROP TRIGGER IF EXISTS mandate_audit_no_replace",
)
_REMOVE_POSTGRESQL = (
    "DROP TRIGGER IF EXISTS mandate_audit_no_update ON mandate_auditline",
    "DROP TRIGGER IF EXISTS mandate_audit_no_truncate ON mandate_auditline",
)


def install(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)


def remove(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _REMOVE_SQLITE if connection.vendor == "sqlite" else _REMOVE_POSTGRESQL)


def _run(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
