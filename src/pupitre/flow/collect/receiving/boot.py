"""What the browser SDKs ask for before they begin: where to send, and to nobody else."""

from __future__ import annotations

from typing import Any

import msgspec

from pupitre.flow.collect.contracts import SourceView


def segment_settings(*, key: str, scheme: str, host: str) -> bytes:
    """The settings file of Segment's browser SDK."""
    return msgspec.json.encode(
        {
            "integrations": {
                "Segment.io": {
                    "apiKey": key,
                    "apiHost": f"{host}/v1",
                    "protocol": scheme,
                    "unbundledIntegrations": [],
                    "addBundledMetadata": True,
                    "maybeBundledConfigIds": {},
                    "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
                }
            },
            "plan": {
                "track": {"__default": {"enabled": True, "integrations": {}}},
                "identify": {"__default": {"enabled": True}},
                "group": {"__default": {"enabled": True}},
            },
            "edgeFunction": {},
            "analyticsNextEnabled": True,
            "middlewareSettings": {},
            "enabledMiddleware": {},
            "metrics": {"sampleRate": 0},
            "legacyVideoPluginsEnabled": False,
            "remotePlugins": [],
        }
    )


def rudder_config(*, key: str, source: SourceView) -> bytes:
    """The configuration of RudderStack's SDKs: no destination of theirs, no statistics to them."""
    never: dict[str, Any] = {"enabled": False}
    return msgspec.json.encode(
        {
            "source": {
                "id": source.key,
                "name": source.name,
                "writeKey": key,
                "enabled": True,
                "workspaceId": "pupitre",
                "config": {"statsCollection": {"errors": never, "metrics": never}},
                "destinations": [],
                "connections": [],
                "dataplanes": {},
            },
            "updatedAt": "1970-01-01T00:00:00.000Z",
        }
    )
