"""Whether an event is one that its source's tracking plan expects. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from pupitre.flow.collect.contracts import PlannedEvent
from pupitre.flow.collect.details import Detail, Wrong, detail
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
) -> Detail | None:
    """What is not as planned; nothing where all of it is."""
    if planned is None:
        if name:
            return detail(Wrong.NAME_NOT_PLANNED, type=type_, name=name)
        return detail(Wrong.TYPE_NOT_PLANNED, type=type_)
    if not planned.properties:
        return None
    try:
        found = _object.decode(traits if type_ in _DESCRIBED_BY_TRAITS else properties)
    except msgspec.MsgspecError as error:  # a number that no machine has, such as 1e999
        return detail(Wrong.PROPERTIES_NOT_READ, engine=str(error))
    for wanted in planned.properties:
        value = found.get(wanted.name)
        if value is None:
            if wanted.required:
                return detail(Wrong.PROPERTY_MISSING, name=wanted.name)
        elif not _is(value, wanted.type):
            return detail(Wrong.PROPERTY_OF_OTHER_TYPE, name=wanted.name, type=wanted.type)
    return None


def _is(value: object, wanted: str) -> bool:
    kind = _TYPES.get(wanted)
    if kind is None:
        return True
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, kind)
