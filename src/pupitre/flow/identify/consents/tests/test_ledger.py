"""Lines are added, once each, and nothing else is done to them but by an erasure."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Model

from pupitre.core.contributions import stores
from pupitre.core.erasing import Erased
from pupitre.flow.identify.consents import append_only, ledger
from pupitre.flow.identify.consents.tests.kit import NOW, a_purpose, alice, line, note
from pupitre.flow.identify.models import (
    Consent,
    ErasureUnderWay,
    Identifier,
    Pause,
    RevokedLinks,
    Said,
    Wording,
)
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.testing import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("heard_shop")]


@pytest.fixture
def lines() -> list[int]:
    """Alice agrees; the database keeps her lines as it does outside of tests."""
    mine = alice()
    a_purpose()
    note(line(mine[0], Said.GIVEN))
    with guard.permitted():
        ledger.pause(identifier=mine[0], until=NOON, at=NOON)
        RevokedLinks.objects.create(identifier_id=mine[0])
    connection.check_constraints()  # what is checked at the commit, or TRUNCATE waits for it
    append_only.install(connection)
    return mine


def upsert(model: type[Model]) -> None:
    """Inserts the row again, and has the conflict change it."""
    fields = [field.name for field in model._meta.fields if field.name != "id"]
    rows = [model._default_manager.get()]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=fields
    )


WAYS: dict[str, Callable[[type[Model]], object]] = {
    "save": lambda model: model._default_manager.get().save(),
    "update": lambda model: model._default_manager.update(id=F("id")),
    "delete one": lambda model: model._default_manager.get().delete(),
    "delete all": lambda model: model._default_manager.all().delete(),
    "upsert": upsert,
}


@pytest.mark.parametrize("model", [Consent, Pause, Wording])
@pytest.mark.parametrize("how", WAYS)
def test_no_path_of_the_orm_changes_a_line_or_takes_it_away(
    lines: list[int], model: type[Model], how: str
) -> None:
    before = list(model._default_manager.values())
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        guard.permitted(),
    ):
        WAYS[how](model)
    assert list(model._default_manager.values()) == before


def test_no_statement_does_either(lines: list[int]) -> None:
    here = {
        "sqlite": ["REPLACE INTO identify_consent SELECT * FROM identify_consent"],
        "postgresql": ["TRUNCATE identify_consent"],
    }[connection.vendor]
    for statement in (
        "DELETE FROM identify_consent",
        "UPDATE identify_consent SET said = 0",
        *here,
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            guard.permitted(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert Consent.objects.count() == 1


def test_taking_an_identifier_away_does_not_take_its_lines_along(lines: list[int]) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        guard.permitted(),
    ):
        Identifier.objects.filter(pk=lines[0]).delete()
    assert Consent.objects.count() == 1


def test_lines_are_still_added(lines: list[int]) -> None:
    note(line(lines[0], Said.WITHDRAWN, NOW + 1))
    assert Consent.objects.count() == 2


def test_an_erasure_takes_one_persons_lines_and_closes_the_door_behind_it(
    lines: list[int],
) -> None:
    with guard.permitted():
        other = Identifier.objects.create(kind="email", value="bob@boite.example")
    note(line(other.pk, Said.GIVEN))
    erase = stores["identify.agreed"].erase
    assert erase is not None
    with guard.permitted(), transaction.atomic():
        removed = erase(Erased(number=1, at=NOON, records=tuple(lines)))
    assert (removed.found, removed.left) == (3, 0)
    assert [one.identifier_id for one in Consent.objects.all()] == [other.pk]
    assert not Pause.objects.exists()
    assert not ErasureUnderWay.objects.exists()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        guard.permitted(),
    ):
        Consent.objects.all().delete()


def test_an_event_is_noted_once_however_often_it_is_told() -> None:
    mine = alice()
    told = line(mine[0], Said.GIVEN, message_id="m1")
    note(told, told)
    note(told)
    # Told again once the person is known by a stronger identifier: the same event all the same.
    note(line(mine[1], Said.GIVEN, message_id="m1"))
    assert Consent.objects.count() == 1
    note(line(mine[0], Said.GIVEN, message_id="m1", channel="sms"))
    note(line(mine[0], Said.GIVEN, message_id="m2"))
    assert Consent.objects.count() == 3
