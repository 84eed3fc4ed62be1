"""What every SDK is asked to send: one customer's way, with whatever has made others stumble."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.sdks.station import Row

USER, DEVICE, BEFORE, GROUP = "cl-4271", "appareil-é-7", "cl-provisoire", "cercle-lyon"
WORDS = "Élodie Ñandú 🎼 “œuvre” \\ / \u2028 \t fin"
DEEP = {"niveau": {"deux": [{"trois": {"quatre": [1, 2.5, None, True, "cinq"]}}]}}


@dataclass(frozen=True)
class Call:
    """One call of an SDK. ``body`` is the properties, or the traits of an identify or a group."""

    does: str
    body: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""  # event of a track, name of a page or screen
    user: str = ""
    anonymous: str = ""
    previous: str = ""
    group: str = ""
    at: datetime | None = None  # when it happened; else the SDK says now
    message_id: str = ""  # else the SDK makes one up
    marker: str = ""

    def as_json(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**plain, "body": dict(self.body), "at": self.at and self.at.isoformat()}


def calls(now: datetime) -> tuple[Call, ...]:
    """``marker`` is in each body, to know it again, except where an SDK lets none be sent."""
    yesterday = (now - timedelta(days=1, hours=2)).replace(microsecond=123_000)
    return tuple(
        _marked(number, call)
        for number, call in enumerate(
            (
                Call("identify", {"email": "elodie@ardoise.example", "nom": WORDS}, user=USER),
                Call(
                    "track",
                    {
                        "revenue": 129.95,
                        "currency": "EUR",
                        "products": [{"sku": "A-1", "quantité": 2, "price": 49.5}, {"sku": "B"}],
                        "note": WORDS,
                    },
                    name="Order Completed",
                    user=USER,
                    anonymous=DEVICE,
                    at=yesterday,
                    message_id="commande-1",
                ),
                Call("track", DEEP, name="Évènement « profond » 🎻", user=USER),
                Call("track", {"revenue": 0.1, "currency": "eur"}, name="Tip", user=USER),
                Call("track", {"revenue": -12, "currency": "USD"}, name="Refund", user=USER),
                Call("page", {"path": "/œuvres?q=1&r=2"}, name="Accueil", user=USER),
                Call("screen", {"largeur": 360}, name="Panier", user=USER),
                Call("group", {"ville": "Lyon", "membres": 12}, user=USER, group=GROUP),
                Call("track", {"rien": None, "vide": ""}, name="Seen", user=USER, at=yesterday),
                Call("alias", user=USER, previous=BEFORE, message_id="alias-1"),
            )
        )
    )


def _marked(number: int, call: Call) -> Call:
    marker = f"appel-{number}"
    body = call.body if call.does == "alias" else {**call.body, "repère": marker}
    return replace(call, body=body, marker=marker)


def row_of(call: Call, rows: Iterable[Row]) -> Row:
    """The one row that a call became."""
    found = [row for row in rows if _is(call, row)]
    assert len(found) == 1, f"{call.does} {call.marker}: {len(found)} rows"
    return found[0]


def _is(call: Call, row: Row) -> bool:
    """An SDK may repeat a person's traits in the context of whatever comes after."""
    where = row["properties"] + row["traits"]
    if call.does == "identify":
        where += row["context"]
    return bool(row["type"] == call.does and (call.does == "alias" or f'"{call.marker}"' in where))
