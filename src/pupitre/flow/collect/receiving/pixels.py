"""An event that comes as the address of an image: from an e-mail, or a page without scripts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec

from pupitre.flow.collect.receiving.limits import MAX_DEPTH

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_OWN = frozenset({"writeKey", "data"})


def body_of(query: Mapping[str, str]) -> bytes:
    """The event, as its body would be: ``data`` in base64, or one parameter a field, where dots
    lead inwards (``properties.subject=Hello``)."""
    data = query.get("data")
    if data:
        return _decoded(data)
    event: dict[str, Any] = {}
    for name, value in query.items():
        if name not in _OWN:
            _put(event, name.split("."), value)
    return msgspec.json.encode(event)


def _decoded(data: str) -> bytes:
    plain = data.strip().replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return data.encode("utf-8", "replace")  # no JSON either, most likely: the next step says so


def _put(event: dict[str, Any], path: list[str], value: str) -> None:
    place = event
    for name in path[: min(len(path), MAX_DEPTH) - 1]:
        inner = place.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        place = inner
    place.setdefault(path[-1], value)
