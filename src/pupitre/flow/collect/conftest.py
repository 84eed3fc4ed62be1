"""What the collector keeps beside the tables is in no transaction of a test: it goes by hand."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pupitre.flow.collect.intake.postgres import SCHEMA


@pytest.fixture(autouse=True)
def _an_intake_of_its_own(request: pytest.FixtureRequest) -> Iterator[None]:
    """On PostgreSQL the schema outlives a test; on SQLite each test has a folder of its own."""
    yield
    asked = request.node.get_closest_marker("django_db") or "db" in request.fixturenames
    if connection.vendor != "postgresql" or not asked:
        return
    reach = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
    given = {name: connection.settings_dict[key] for name, key in reach.items()}
    with psycopg.connect(make_conninfo(**given), autocommit=True) as emptying:
        found = emptying.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", [SCHEMA]
        ).fetchall()
        for (table,) in found:
            name = sql.Identifier(SCHEMA, table)
            emptying.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(name))
