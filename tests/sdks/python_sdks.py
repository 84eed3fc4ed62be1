"""The two Python SDKs, used as their manuals say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import rudderstack.analytics.client as rudder
import segment.analytics.client as segment

from tests.sdks.calls import Call


def send_by_segment(calls: Iterable[Call], key: str, url: str, *, zipped: bool = False) -> None:
    client = segment.Client(key, host=url, gzip=zipped, upload_size=4, upload_interval=0.05)
    _send(client, calls)


def send_by_rudder(calls: Iterable[Call], key: str, url: str) -> None:
    client = rudder.Client(key, host=url, upload_size=4, upload_interval=0.05)
    _send(client, calls)


def _send(client: Any, calls: Iterable[Call]) -> None:
    for call in calls:
        given = {
            "user_id": call.user,
            "anonymous_id": call.anonymous,
            "previous_id": call.previous,
            "group_id": call.group,
            "timestamp": call.at,
            "message_id": call.message_id,
            {"track": "event"}.get(call.does, "name"): call.name,
            "traits" if call.does in ("identify", "group") else "properties": dict(call.body),
        }
        getattr(client, call.does)(**{name: value for name, value in given.items() if value})
    client.flush()
    client.join()
