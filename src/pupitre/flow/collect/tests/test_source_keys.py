"""Write keys: shown once and kept nowhere, rotated with an overlap, revoked at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from pupitre.core.errors import Invalid
from pupitre.flow.collect.models import WriteKey
from pupitre.flow.collect.sources.book import key_hash, shelf
from pupitre.flow.collect.sources.keys import (
    MAX_KEYS,
    MakeKey,
    RevokeKey,
    RotateKey,
    new_secret,
)
from pupitre.flow.collect.sources.reading import TableLoader, source_named
from pupitre.flow.collect.tests.sources_kit import (
    a_company_with_sources_in_its_matrix,
    a_key,
    a_source,
)
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.models import Decision
from pupitre.rules.mandate.services import approve
from pupitre.rules.mandate.testing import NOON, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    company = a_company_with_sources_in_its_matrix()
    a_source(company)
    return company


def lets_in(text: str, *, days: float = 0) -> bool:
    """Whether the collector takes the key, that many days after noon."""
    return TableLoader().load().find(text, at=NOON + timedelta(days=days)) is not None


def everything_kept() -> str:
    """Every value of every table, as text."""
    kept = []
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.values_list():
            kept += [bytes(v).hex() if isinstance(v, bytes | memoryview) else str(v) for v in row]
            kept += [str(bytes(v)) for v in row if isinstance(v, bytes | memoryview)]
    return "\n".join(kept)


def test_secrets_are_long_and_never_twice_the_same() -> None:
    texts = {new_secret().text for _ in range(200)}
    assert len(texts) == 200
    assert min(map(len, texts)) == 32
    secret = new_secret()
    assert bytes.fromhex(secret.fingerprint) == key_hash(secret.text)
    assert secret.text.startswith(secret.start)


def test_a_key_lets_in_and_its_text_is_kept_nowhere(company: Company) -> None:
    secret = a_key(company)
    assert lets_in(secret.text)
    assert not lets_in(secret.text[:-1])
    assert not lets_in(secret.fingerprint)
    kept = everything_kept()
    assert secret.start in kept
    assert secret.fingerprint in kept
    assert secret.text not in kept
    assert secret.text.encode().hex() not in kept
    if connection.vendor == "sqlite" and (file := connection.settings_dict["NAME"]) != ":memory:":
        path = Path(str(file))
        assert not path.is_file() or secret.text.encode() not in path.read_bytes()


def test_where_others_must_agree_the_one_who_asked_has_the_key_already(company: Company) -> None:
    """Nobody who approves ever sees it, and no decision holds it."""
    secret = new_secret()
    asked = act(
        MakeKey("web-shop", secret.fingerprint, secret.start), by=company.actor("cdo"), at=NOON
    )
    assert isinstance(asked, Waiting)
    assert not lets_in(secret.text)
    payload = bytes(Decision.objects.get(pk=asked.decision_id).payload)
    assert secret.text.encode() not in payload
    approve(decision_id=asked.decision_id, by=company.actor("ops"), at=NOON)
    assert lets_in(secret.text)
    assert secret.text not in everything_kept()


@pytest.mark.parametrize("days", [0, 1, 7, 90])
def test_a_rotation_takes_both_keys_while_it_lasts(company: Company, days: int) -> None:
    old, new = a_key(company), new_secret()
    key = WriteKey.objects.get()
    act(
        RotateKey("web-shop", key.pk, new.fingerprint, new.start, days),
        by=company.actor("ops"),
        at=NOON,
    )
    moment = 1 / 86_400_000
    assert lets_in(new.text, days=-1)
    assert lets_in(new.text, days=days + 1_000)
    assert lets_in(old.text, days=days - moment)
    assert not lets_in(old.text, days=days)
    assert not lets_in(old.text, days=days + 1)


def test_a_second_rotation_never_gives_a_key_more_time(company: Company) -> None:
    old = a_key(company)
    key = WriteKey.objects.get()
    for days in (2, 90):
        new = new_secret()
        act(
            RotateKey("web-shop", key.pk, new.fingerprint, new.start, days),
            by=company.actor("ops"),
            at=NOON,
        )
    assert not lets_in(old.text, days=2)


def test_a_rotated_key_that_has_ended_is_rotated_no_more(company: Company) -> None:
    a_key(company)
    key, new, newer = WriteKey.objects.get(), new_secret(), new_secret()
    ops = company.actor("ops")
    act(RotateKey("web-shop", key.pk, new.fingerprint, new.start, 1), by=ops, at=NOON)
    late = NOON + timedelta(days=1)
    with pytest.raises(Invalid):
        act(RotateKey("web-shop", key.pk, newer.fingerprint, newer.start, 1), by=ops, at=late)


def test_a_revoked_key_is_refused_at_the_next_request(company: Company) -> None:
    secret, other = a_key(company), a_key(company)
    loader = TableLoader()
    before = loader.version()
    key = WriteKey.objects.get(start=secret.start)
    act(RevokeKey("web-shop", key.pk), by=company.actor("ops"), at=NOON)
    assert loader.version() != before
    assert not lets_in(secret.text)
    assert lets_in(other.text)
    with pytest.raises(Invalid):
        act(RevokeKey("web-shop", key.pk), by=company.actor("ops"), at=NOON)


def test_a_key_of_another_source_is_not_touched(company: Company) -> None:
    a_source(company, "tills", channel="store")
    a_key(company)
    key = WriteKey.objects.get()
    with pytest.raises(Invalid):
        act(RevokeKey("tills", key.pk), by=company.actor("ops"), at=NOON)


@pytest.mark.parametrize(
    ("fingerprint", "start"),
    [
        ("", "abcdef"),
        ("g" * 64, "abcdef"),
        ("a" * 63, "abcdef"),
        ("A" * 64, "abcdef"),
        ("a" * 64, ""),
    ],
)
def test_what_is_no_fingerprint(company: Company, fingerprint: str, start: str) -> None:
    with pytest.raises(Invalid):
        act(MakeKey("web-shop", fingerprint, start), by=company.actor("ops"), at=NOON)


def test_one_key_opens_one_source(company: Company) -> None:
    secret = a_key(company)
    a_source(company, "tills", channel="store")
    with pytest.raises(Invalid):
        act(MakeKey("tills", secret.fingerprint, secret.start), by=company.actor("ops"), at=NOON)


def test_keys_are_bounded(company: Company) -> None:
    for _ in range(MAX_KEYS):
        a_key(company)
    with pytest.raises(Invalid):
        a_key(company)
    act(RevokeKey("web-shop", WriteKey.objects.all()[0].pk), by=company.actor("ops"), at=NOON)
    a_key(company)


@pytest.mark.parametrize("days", [-1, 91])
def test_the_overlap_is_bounded(company: Company, days: int) -> None:
    a_key(company)
    key, new = WriteKey.objects.get(), new_secret()
    with pytest.raises(Invalid) as invalid:
        act(
            RotateKey("web-shop", key.pk, new.fingerprint, new.start, days),
            by=company.actor("ops"),
            at=NOON,
        )
    assert invalid.value.field == "overlap_days"


def test_pages_see_which_keys_are_taken(company: Company) -> None:
    a_key(company)
    source = source_named(key="web-shop")
    assert source is not None
    assert [key.taken(NOON) for key in source.keys] == [True]
    key, new = WriteKey.objects.get(), new_secret()
    act(
        RotateKey("web-shop", key.pk, new.fingerprint, new.start, 3),
        by=company.actor("ops"),
        at=NOON,
    )
    source = source_named(key="web-shop")
    assert source is not None
    assert len(source.keys_taken(NOON)) == 2
    assert [k.start for k in source.keys_taken(NOON + timedelta(days=3))] == [new.start]


def test_the_collector_finds_this_rooms_loader() -> None:
    assert isinstance(shelf.loader, TableLoader)
