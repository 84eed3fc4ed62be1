"""The collector's own description, held against the collector that is served: schemathesis."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.receiving import routes
from pupitre.flow.collect.receiving.description import PATH, description
from pupitre.flow.collect.receiving.limits import MAX_DEPTH, MAX_EVENT_BYTES
from pupitre.flow.collect.receiving.requests import Turn
from pupitre.lake.contracts import EventType
from tests.sdks.station import Station

SOURCE = "openapi"
EXAMPLES = 4  # of each of some thirty-five operations, in each mode
FITTING = 25  # of each type of event
SECONDS = 20.0  # an answer that takes longer counts as none, on a busy machine too
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def bounded(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,  # the same requests each time: what fails for one fails for all
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


class Line:
    """A schemathesis schema, loaded from where it is served, and a connection to go with it."""

    def __init__(self, station: Station) -> None:
        self.url = station.served.url
        self.schema = schemathesis.openapi.from_url(f"{self.url}{PATH}")
        self.session = requests.Session()
        word = b64encode(f"{station.keys[SOURCE]}:".encode()).decode()
        self.basic = {"authorization": f"Basic {word}"}
        self.asked = 0

    def operations(self) -> list[APIOperation[Any, Any, Any, Any]]:
        return [found.ok() for found in self.schema.get_all_operations()]

    def call(self, case: Case) -> schemathesis.Response:
        self.asked += 1
        return case.call(
            base_url=self.url, session=self.session, headers=self.basic, timeout=SECONDS
        )


@pytest.fixture(scope="module")
def line(station: Station) -> Line:
    return Line(station)


# --- true to the code ----------------------------------------------------------------------------


def test_it_describes_every_route_and_no_other() -> None:
    told = description()["paths"]
    segment = "{writeKey}".join(routes.SEGMENT_BOOT)
    assert {path for path in told if "post" in told[path]} == routes.POSTED.keys() | routes.METRICS
    assert {path for path in told if "get" in told[path]} == {
        *routes.PIXELS,
        *routes.RUDDER_BOOT,
        segment,
        PATH,
    }
    assert all(routes.is_collectors(path) for path in told)


def test_it_names_every_refusal_and_every_type_of_event() -> None:
    schemas = description()["components"]["schemas"]
    codes = set(schemas["refusal"]["properties"]["code"]["enum"])
    assert codes == {*(turn.value for turn in Turn), *(reason.value for reason in Refusal)}
    assert set(schemas["event"]["properties"]["type"]["enum"]) == {kind.value for kind in EventType}
    assert schemas.keys() >= {kind.value for kind in EventType}


# --- against a real one --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_one_that_it_describes(line: Line, mode: GenerationMode) -> None:
    before = line.asked
    tried = 0
    for operation in line.operations():

        @bounded(EXAMPLES)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case) -> None:
            case.validate_response(line.call(case), checks=CHECKS)

        try:
            ask()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label
        else:
            tried += 1
    assert tried >= len(routes.POSTED), "nothing was tried"
    assert line.asked - before >= tried * EXAMPLES / 2


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("kind", [kind.value for kind in EventType])
def test_what_it_allows_is_let_in(line: Line, kind: str) -> None:
    """Its instants may be of any age and its bodies of any weight: those have bounds of their own,
    that a schema cannot tell."""
    operation = line.schema[f"/v1/{kind}"]["POST"]
    let_in = 0

    @bounded(FITTING)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def ask(case: Case) -> None:
        nonlocal let_in
        if not isinstance(case.body, dict):
            return
        for field in ("timestamp", "originalTimestamp"):
            case.body.pop(field, None)
        if len(json.dumps(case.body)) > MAX_EVENT_BYTES or _deep(case.body) > MAX_DEPTH:
            return
        answer = line.call(case)
        said = json.dumps(case.body)
        assert (answer.status_code, answer.json()) == (200, {"success": True}), said
        let_in += 1

    ask()
    assert let_in > FITTING / 2


def _deep(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_deep, inner), default=0) if isinstance(value, dict | list) else 0
