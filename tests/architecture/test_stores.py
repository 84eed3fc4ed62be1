"""Every table is in a store that some room declared: an erasure or a backup can forget none."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.conf import settings

from pupitre.core.contributions import Store, stores
from tests.architecture.source import nothing

# Django's own, which hold nothing of anybody's: here permissions come from the matrix.
STRUCTURE = frozenset(
    {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}
)


def undeclared(tables: Iterable[str], declared: Iterable[Store]) -> list[str]:
    known = {table for store in declared for table in store.tables}
    return [f"{table} is in no declared store" for table in sorted(set(tables) - known)]


def declared_twice(declared: Iterable[Store]) -> list[str]:
    seen: dict[str, str] = {}
    return [
        f"{table} is in {seen[table]} and in {store.name}"
        for store in declared
        for table in store.tables
        if seen.setdefault(table, store.name) != store.name
    ]


def never_erased(declared: Iterable[Store]) -> list[str]:
    """Stores of people's data that an erasure would pass over without a word."""
    return [
        f"{store.name} holds people's data: say how they are erased, or why there is nothing to"
        for store in declared
        if store.personal and store.erase is None and not store.why_not
    ]


def all_tables() -> set[str]:
    models = apps.get_models(include_auto_created=True)
    found = {model._meta.db_table for model in models if model._meta.managed}
    return (found | {settings.CACHES["default"]["LOCATION"]}) - STRUCTURE


def test_every_table_is_in_a_declared_store() -> None:
    found = all_tables()
    assert len(found) > 10
    nothing(undeclared(found, stores))


def test_no_store_names_a_table_that_is_not_there() -> None:
    known = all_tables()
    nothing(f"{t} of {s.name} is no table" for s in stores for t in s.tables if t not in known)


def test_a_table_is_in_one_store() -> None:
    nothing(declared_twice(stores))


def test_every_store_of_people_is_reached_by_an_erasure() -> None:
    nothing(never_erased(stores))


def test_a_store_that_no_erasure_reaches_is_found() -> None:
    silent = Store(name="silent", engine="file", holds="x")
    said = Store(name="said", engine="file", holds="x", why_not="nobody is in it")
    nobodys = Store(name="nobodys", engine="file", holds="x", personal=False)
    (complaint,) = never_erased([silent, said, nobodys])
    assert complaint.startswith("silent ")


def test_a_table_that_nobody_declared_is_found() -> None:
    one = Store(name="one", engine="database", holds="x", tables=("a", "b"))
    two = Store(name="two", engine="database", holds="x", tables=("b",))
    assert undeclared(["a", "b"], [one]) == []
    assert undeclared(["a", "c"], [one]) == ["c is in no declared store"]
    assert declared_twice([one, two]) == ["b is in one and in two"]
