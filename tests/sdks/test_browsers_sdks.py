"""The browsers' SDKs, unmodified, in a real Chromium, on a page of another origin than ours.

The page's policy lets it ask nobody else for anything: that is stopped, and fails the test.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pupitre.core import clock
from tests.fixtures import Complaints
from tests.sdks.calls import Call, calls
from tests.sdks.conftest import PAGES, PAGES_PORT
from tests.sdks.delivery import check_calls, check_wire, delivered
from tests.sdks.proxy import pages
from tests.sdks.station import Station

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.once]
HERE = Path(__file__).parent
PACKAGES = Path(sys.prefix) / "node" / "node_modules"
SEGMENT = PACKAGES / "@segment" / "analytics-next" / "dist" / "umd" / "index.js"
RUDDER = PACKAGES / "@rudderstack" / "analytics-js" / "dist" / "npm" / "modern" / "bundled" / "umd"
# What is blocked is a complaint on the console, which fails the test.
POLICY = "default-src 'self'; connect-src http://127.0.0.1:*"
HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"


@pytest.fixture(scope="module", autouse=True)
def site() -> Iterator[None]:
    """A page for each SDK."""
    found = {"/favicon.ico": ("image/x-icon", b"")}
    for name, sdk in (("segment", SEGMENT), ("rudder", RUDDER / "index.js")):
        found[f"/{name}/sdk.js"] = SCRIPT, sdk.read_bytes()
        found[f"/{name}/page.js"] = SCRIPT, (HERE / f"{name}_page.js").read_bytes()
        scripts = "".join(f'<script src="/{name}/{file}.js"></script>' for file in ("sdk", "page"))
        found[f"/{name}"] = HTML, f"<!doctype html><title>Ardoise</title>{scripts}".encode()
    with pages(PAGES_PORT, found, policy=POLICY):
        yield


@pytest.fixture
def page(open_page: Callable[..., Page], complaints: Complaints) -> Page:
    """A browser whose console may say that the proxy failed, and nothing else."""
    complaints.allow("the server responded with a status of 503")
    page: Page = open_page()
    return page


def as_rudder_takes_them(plan: Sequence[Call]) -> tuple[Call, ...]:
    """It knows no screens, makes up each message's id, and leaves out what is null."""
    return tuple(
        replace(call, message_id="", body={n: v for n, v in call.body.items() if v is not None})
        for call in plan
        if call.does != "screen"
    )


def deliver(page: Page, name: str) -> Callable[[Sequence[Call], str, str], None]:
    def send(plan: Sequence[Call], key: str, url: str) -> None:
        page.goto(f"{PAGES}/{name}")
        said = {"key": key, "url": url, "calls": [call.as_json() for call in plan]}
        page.evaluate("said => window.deliver(said)", said)

    return send


def test_segments_browser_sdk_delivers(station: Station, page: Page) -> None:
    plan = calls(clock.now())
    rows, proxy = delivered(
        station, "segment-browser", plan, deliver(page, "segment"), whole=len(plan)
    )
    assert len(rows) == len(plan)
    check_wire(rows, proxy)
    check_calls(rows, plan, library="analytics.js")
    asked = [one.path for one in proxy.passed if one.method == "GET"]
    assert asked == [f"/v1/projects/{station.keys['segment-browser']}/settings"]
    assert any(one.method == "OPTIONS" for one in proxy.passed), "the page is of another origin"
    assert station.held("segment-browser") == []


def test_rudders_browser_sdk_delivers(station: Station, page: Page) -> None:
    plan = as_rudder_takes_them(calls(clock.now()))
    rows, proxy = delivered(
        station, "rudder-browser", plan, deliver(page, "rudder"), whole=len(plan)
    )
    assert len(rows) == len(plan)
    check_wire(rows, proxy)
    check_calls(rows, plan, library="RudderLabs JavaScript SDK")
    asked = [one.path.partition("?")[0] for one in proxy.passed if one.method == "GET"]
    assert asked == ["/sourceConfig/"]
    assert any(one.method == "OPTIONS" for one in proxy.passed), "the page is of another origin"
    assert station.held("rudder-browser") == []
