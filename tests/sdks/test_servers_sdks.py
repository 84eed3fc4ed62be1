"""The servers' SDKs, unmodified: what they sent is what the lake holds, once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from pupitre.core import clock
from tests.sdks.calls import Call, calls
from tests.sdks.delivery import Sender, check_calls, check_wire, delivered
from tests.sdks.python_sdks import send_by_rudder, send_by_segment
from tests.sdks.station import Station

pytestmark = [pytest.mark.slow, pytest.mark.once]
HERE = Path(__file__).parent
NODE_PACKAGES = Path(sys.prefix) / "node"  # `make` puts them there
NODE_SECONDS = 60


def send_by_node(plan: Sequence[Call], key: str, url: str) -> None:
    said = json.dumps({"key": key, "url": url, "calls": [call.as_json() for call in plan]})
    done = subprocess.run(
        ["node", HERE / "segment_node.js", NODE_PACKAGES],
        input=said,
        capture_output=True,
        text=True,
        timeout=NODE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


SENDERS: dict[str, tuple[Sender, str]] = {
    "segment-python": (send_by_segment, "analytics-python"),
    "segment-zipped": (partial(send_by_segment, zipped=True), "analytics-python"),
    "rudder-python": (send_by_rudder, "analytics-python"),
    "segment-node": (send_by_node, "@segment/analytics-node"),
}


@pytest.mark.parametrize("name", SENDERS)
def test_what_was_sent_is_what_the_lake_holds(name: str, station: Station) -> None:
    send, library = SENDERS[name]
    plan = calls(clock.now())
    rows, proxy = delivered(station, name, plan, send, whole=len(plan))
    assert len(rows) == len(plan)
    check_wire(rows, proxy)
    check_calls(rows, plan, library=library)
    zipped = {bool(request.encoding) for request in proxy.sent()}
    assert zipped == {name in ("segment-zipped", "rudder-python")}
    assert station.held(name) == []
