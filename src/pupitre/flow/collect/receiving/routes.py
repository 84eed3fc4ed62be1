"""Which path asks for what."""

from __future__ import annotations

from collections.abc import Mapping

from pupitre.flow.collect.receiving.requests import Route

_EVENTS = {
    "identify": "i",
    "track": "t",
    "page": "p",
    "screen": "s",
    "group": "g",
    "alias": "a",
}
METRICS = frozenset({"/v1/m", "/v1/metrics"})  # what browser SDKs tell about themselves


def _posted() -> dict[str, Route]:
    routes = {}
    for name, letter in _EVENTS.items():
        route = Route("event", name)
        routes[f"/v1/{name}"] = routes[f"/v1/{letter}"] = route
    routes["/v1/batch"] = routes["/v1/b"] = Route("batch")
    routes["/v1/import"] = Route("either", history=True)
    # A page that is being left can send no header: the key is in the query.
    routes["/v1/beacon"] = routes["/beacon/v1/batch"] = Route("either")
    return routes


def _pixels() -> dict[str, Route]:
    routes = {}
    for name in _EVENTS:
        route = Route("event", name, pixel=True)
        routes[f"/v1/pixel/{name}"] = routes[f"/pixel/v1/{name}"] = route
    return routes


POSTED: Mapping[str, Route] = _posted()
PIXELS: Mapping[str, Route] = _pixels()
RUDDER_BOOT = frozenset({"/sourceConfig", "/sourceConfig/"})
SEGMENT_BOOT = ("/v1/projects/", "/settings")
# Ours, beside everything under /v1.
OUTSIDE_V1 = ("/sourceConfig", "/beacon/v1/", "/pixel/v1/")


def is_collectors(path: str) -> bool:
    """Whether the collector answers there, ahead of every page."""
    return path.startswith("/v1/") or path == "/v1" or path.startswith(OUTSIDE_V1)


def segment_boot_key(path: str) -> str | None:
    """The write key in /v1/projects/<writeKey>/settings."""
    start, end = SEGMENT_BOOT
    if path.startswith(start) and path.endswith(end):
        key = path[len(start) : -len(end)]
        return key if key and "/" not in key else None
    return None
