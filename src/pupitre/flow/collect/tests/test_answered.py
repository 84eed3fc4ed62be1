"""What a sender is told of an event that is not let in: in English, whatever people here read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import translation

from pupitre.flow.collect import pipeline
from pupitre.flow.collect.contracts import PlanMode, PlannedEvent, PlannedProperty
from pupitre.flow.collect.tests.collector_kit import SHOP, Desk, FixedLoader

pytestmark = pytest.mark.once
PLAN = (
    PlannedEvent("track", "Bought", (PlannedProperty("total", "number", required=True),)),
    PlannedEvent("page", ""),
)
STRICT = replace(SHOP, plan_mode=PlanMode.ENFORCE, plan=PLAN)
BOUGHT = {"event": "Bought", "userId": "u1"}
DEEP = b'{"event":"x","userId":"u","properties":' + b'{"a":' * 65 + b"1" + b"}" * 66


@pytest.fixture
def desk(loader: FixedLoader, tmp_path: Path) -> Iterator[Desk]:
    assert loader.book
    desk = Desk(tmp_path)
    yield desk
    desk.close()


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("track", b"{", "no JSON: Input data was truncated"),
        ("batch", b"7", "no batch: Expected `object`, got `int`"),
        ("track", b" " * 32_769, "an event of 32769 bytes; 32768 may be"),
        (
            "batch",
            {"batch": [{}] * 2_501},
            "a batch of 2501 events; 2500 may be",
        ),
        ("track", b"7", "an event is a JSON object"),
        ("batch", {"batch": [7]}, "an event is a JSON object"),
        ("batch", {"batch": [{"type": "bought", "userId": "u"}]}, "type: 'bought'"),
        ("page", {"userId": "i" * 513}, "userId: 513 characters; 512 may be"),
        ("page", {"name": "x"}, "neither userId nor anonymousId"),
        ("track", {"userId": "u"}, "a track without its event"),
        ("alias", {"userId": "u"}, "an alias has previousId and userId"),
        ("group", {"userId": "u"}, "a group without its groupId"),
        ("page", {"userId": "u", "messageId": "m" * 101}, "messageId: over 100 characters"),
        ("page", {"userId": "u", "name": "n" * 513}, "513 characters; 512 may be"),
        (
            "page",
            b'{"userId":"u\\u0000"}',
            "userId: holds a character that no engine can keep",
        ),
        (
            "page",
            {"userId": "u", "timestamp": "<b>soon</b>"},
            "timestamp: '<b>soon</b>' is no instant that we can read",
        ),
        ("page", {"userId": "u", "properties": 7}, "properties: an object is expected"),
        ("track", DEEP, "properties: over 64 levels"),
        (
            "page",
            {"userId": []},
            "userId: Expected `int | float | str | null`, got `array`",
        ),
    ],
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_of_what_is_wrong(desk: Desk, path: str, body: object, said: str, language: str) -> None:
    with translation.override(language):
        answer = desk.ask(f"/v1/{path}", body)
    assert answer.json["message"] == said


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("track", {"event": "Sold", "userId": "u"}, "track “Sold” is not in the plan"),
        ("identify", {"userId": "u"}, "identify is not in the plan"),
        ("track", BOUGHT, "“total” is missing"),
        ("track", BOUGHT | {"properties": {"total": "3"}}, "“total” is not of type number"),
    ],
)
def test_of_what_is_not_planned(
    desk: Desk, loader: FixedLoader, path: str, body: object, said: str
) -> None:
    loader.fill(STRICT)
    assert desk.ask(f"/v1/{path}", body).json["message"] == said


def test_of_a_time(desk: Desk) -> None:
    late = desk.ask("/v1/page", {"userId": "u", "timestamp": "1999-01-01T00:00:00Z"})
    assert late.json["message"].startswith("timestamp: ")
    assert late.json["message"].endswith(" days ago; history goes to /v1/import")
    early = desk.ask("/v1/page", {"userId": "u", "timestamp": "2999-01-01T00:00:00Z"})
    assert early.json["message"].endswith(" s ahead of its reception")


def test_of_a_fault_of_ours(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> object:
        raise RuntimeError

    broken.__name__ = "validate"
    taken = desk.collector._pipeline
    assert isinstance(taken, pipeline.Pipeline)
    counted = [*taken._counted[:-1], (broken, taken._counted[-1][1])]
    monkeypatch.setattr(taken, "_counted", counted)
    assert desk.ask("/v1/page", {"userId": "u"}).json["message"] == (
        "not understood, by a fault of Pupitre's: kept, and can be replayed once it is mended"
    )
