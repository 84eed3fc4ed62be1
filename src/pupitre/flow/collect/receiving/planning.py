"""Whether an event is one that its source's tracking plan expects. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from pupitre.flow.collect.contracts import PlannedEvent
from pupitre.lake.contracts import EventType

_object = msgspec.json.Decoder(dict[str, Any])
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}
_DESCRIBED_BY_TRAITS = frozenset({EventType.IDENTIFY, EventType.GROUP})


def unexpected(
    planned: PlannedEvent | None, *, type_: str, name: str | None, properties: str, traits: str
) -> str | None:
    """What is not as planned, for a person to read; nothing where all of it is."""
    if planned is None:
        return f"{type_} “{name}” is not in the plan" if name else f"{type_} is not in the plan"
    if not planned.properties:
        return None
    try:
        found = _object.decode(traits if type_ in _DESCRIBED_BY_TRAITS else properties)
    except msgspec.MsgspecError as error:  # a number that no machine has, such as 1e999
        return str(error)
    for wanted in planned.properties:
        value = found.get(wanted.name)
        if value is None:
            if wanted.required:
                return f"“{wanted.name}” is missing"
        elif not _is(value, wanted.type):
            return f"“{wanted.name}” is not of type {wanted.type}"
    return None


def _is(value: object, wanted: str) -> bool:
    kind = _TYPES.get(wanted)
    if kind is None:
        return True
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, kind)
