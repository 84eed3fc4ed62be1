"""The lines that a source's page gives to copy: run as they stand, they deliver."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import override_settings

from pupitre.flow.collect.pages.install import snippets
from pupitre.lake.contracts import Channel
from tests.sdks.station import Station
from tests.sdks.test_servers_sdks import NODE_PACKAGES

pytestmark = [pytest.mark.slow, pytest.mark.once]
SOURCE = "snippets"
SECONDS = 60


def lines_for(title: str, station: Station) -> str:
    with override_settings(PUBLIC_URL=station.served.url):
        given = snippets(station.keys[SOURCE], Channel.STORE)
    (code,) = (one.code for one in given if one.title == title)
    return code


@pytest.mark.parametrize(
    ("title", "library"),
    [
        ("Python · Segment", "analytics-python"),
        ("Python · RudderStack", "analytics-python"),
        ("Node · Segment", "@segment/analytics-node"),
    ],
)
def test_what_is_given_to_copy_delivers(
    title: str, library: str, station: Station, tmp_path: Path
) -> None:
    before = {row["message_id"] for row in station.rows(SOURCE)}
    code = lines_for(title, station)
    if title.startswith("Node"):
        (tmp_path / "node_modules").symlink_to(NODE_PACKAGES / "node_modules")
        (tmp_path / "copied.mjs").write_text(code, encoding="utf-8")
        command = ["node", "copied.mjs"]
    else:
        command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    station.at_rest()
    (row,) = (row for row in station.rows(SOURCE) if row["message_id"] not in before)
    assert (row["type"], row["name"], row["user_id"]) == ("track", "Order Completed", "42")
    assert json.loads(row["properties"])["total"] == 39.9
    assert json.loads(row["context"])["library"]["name"] == library


def test_a_browser_is_not_sent_to_a_makers_network_for_the_rest_of_its_sdk() -> None:
    """RudderStack's default export fetches its plugins from its maker's servers while it runs."""
    given = "\n".join(one.code for one in snippets("KEY", Channel.WEB))
    assert 'from "@rudderstack/analytics-js/bundled"' in given
    assert 'from "@rudderstack/analytics-js"' not in given
    assert "cdnURL" in given, "or Segment's would ask its maker where to send"
