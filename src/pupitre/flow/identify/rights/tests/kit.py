"""What the tests of rights share: a company, customers in every store, a request brought along."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.intake.records import Parcel, Record, Refused
from pupitre.flow.collect.tests.drain_kit import AT_US, drained, keep
from pupitre.flow.identify.following import rounds
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Identifier
from pupitre.flow.identify.rights.activities import CUSTOMER
from pupitre.flow.identify.rights.deciding import EraseCustomer
from pupitre.flow.identify.rights.requests import CheckIdentity, EnterRequest
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import AnyActor, Performed, Waiting
from pupitre.rules.mandate.services import approve
from pupitre.rules.mandate.testing import NOON, Company, a_company

# Nobody is consulted, so that what is asked is decided by two voices.
PAIR = {"cmo": "A", "cio": "R", "crm": "I"}
ROWS = {
    "right.handle": {"crm": "AR", "dpo": "R", "cmo": "I"},
    "right.decide": {"dpo": "A", "crm": "R", "cmo": "I"},
    "right.erase": PAIR,
    "retention.set": PAIR,
}


def a_house() -> Company:
    return a_company(rows=ROWS)


def entered(company: Company, right: str, identifier: int | None, **more: Any) -> int:
    given: dict[str, Any] = {"way": "email", "received_on": NOON.date(), "asker": "x", **more}
    action = EnterRequest(right=right, identifier=identifier, **given)
    return int(str(done(action, company.actor("crm"))))


def checked(company: Company, right: str, identifier: int, **more: Any) -> int:
    number = entered(company, right, identifier, **more)
    done(CheckIdentity(number, "called_back"), company.actor("crm"))
    return number


def asked_by_their_link(company: Company, right: str, identifier: int) -> int:
    """As the customer's own page asks, where they came by a link that was sent to them."""
    number = entered(company, right, identifier, way="preferences")
    done(CheckIdentity(number, "signed_link"), CUSTOMER)
    return number


def done(action: Any, by: AnyActor, *, at: datetime = NOON) -> object:
    outcome = act(action, by=by, at=at)
    assert isinstance(outcome, Performed), outcome
    return outcome.result


def erasure_decided(company: Company, number: int) -> None:
    """Marketing asks, IT agrees."""
    asked = act(EraseCustomer(number), by=company.actor("cmo"), at=NOON)
    assert isinstance(asked, Waiting)
    approve(decision_id=asked.decision_id, by=company.actor("cio"), at=NOON)


def record(number: int, **given: Any) -> Record:
    whole: dict[str, Any] = {
        "message_id": f"m{number}",
        "type": "track",
        "name": "x",
        "user_id": None,
        "anonymous_id": None,
        "previous_id": None,
        "group_id": None,
        "original_us": None,
        "sent_us": None,
        "corrected_us": AT_US + number * 60_000_000,
        "properties": "{}",
        "traits": "{}",
        "context": "{}",
        "extra": "{}",
        **given,
    }
    return Record(**whole)


def collected(*records: Record, refused: tuple[Refused, ...] = ()) -> None:
    """Through the journal, as events come; then by the drain into the lake, then into the book."""
    keep(home(), Parcel("shop", "web", AT_US, list(records), refused))
    drained(home())
    rounds.once(at=NOON)


def found(kind: Kind, value: str) -> Identifier:
    return Identifier.objects.get(kind=kind, value=value)


TODAY: date = NOON.date()
