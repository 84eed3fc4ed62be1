"""What a seat does about one customer's consents: note what they said, send them to their page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.book.reading import Identified, identifiers_of, person_of
from pupitre.flow.identify.consents import ledger, links
from pupitre.flow.identify.consents.activities import CONSENT_LINK, CONSENT_RECORD
from pupitre.flow.identify.consents.ledger import Line, Proof
from pupitre.flow.identify.consents.purposes import purpose_of, wording_of
from pupitre.flow.identify.kinds import HELD, Kind
from pupitre.flow.identify.models import By, Identifier, Said
from pupitre.flow.identify.models.consents import PLACE_CHARACTERS
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, Actor, AnyActor, Subject

# A call that was noted late; what is older belongs to a source, with its own proof.
OLDEST = timedelta(days=31)
MOST_ADDRESSES = 20
_MINUTE = timedelta(minutes=1) - timedelta(microseconds=1)


@dataclass(frozen=True)
class RecordConsent(Action):
    """Note what a customer said to a seat: on the telephone, at the counter, in a letter."""

    activity: ClassVar[Activity] = CONSENT_RECORD
    # Nothing is decided: the customer has spoken, and a refusal holds from this moment.
    prepares: ClassVar[bool] = True
    number: int  # of the person
    purpose: str
    channel: str
    said: int  # Said
    said_at: datetime
    place: str  # how it was said: "telephone, 10 h 40"
    version: int = 0  # of the wording that was read to them; 0: none was
    language: str = "fr"

    def subject(self) -> Subject:
        return customer(self.number)

    def title(self) -> Bilingual:
        row = purpose_of(self.purpose)
        name = row.name if row else Bilingual(self.purpose, self.purpose)
        given, said = {"number": self.number, "name": name}, _said(self.said)
        if said is Said.GIVEN:
            return bilingual(lambda: _("Note that customer %(number)s agrees: %(name)s") % given)
        if said is Said.REFUSED:
            return bilingual(lambda: _("Note that customer %(number)s refuses: %(name)s") % given)
        return bilingual(lambda: _("Note that customer %(number)s withdraws: %(name)s") % given)

    def check(self, *, at: datetime) -> None:
        strongest_of(self.number)
        said, row = _said(self.said), purpose_of(self.purpose)
        if row is None or self.channel not in row.channels:
            raise Invalid(_("The book has no such purpose on this channel."), field="about")
        if said is Said.GIVEN:
            if not row.asks(self.channel):
                raise Invalid(_("This purpose is retired: nobody is asked any more."))
            if wording_of(self.purpose, self.version) is None:
                raise Invalid(
                    _("Say which wording was read to them: without it, a consent proves nothing."),
                    field="version",
                )
        if not self.place.strip():
            raise Invalid(_("Say how and where they told you."), field="place")
        if len(self.place) > PLACE_CHARACTERS:
            raise Invalid(_("This is too long."), field="place")
        if self.said_at > at:
            raise Invalid(_("This is in the future."), field="said_at")
        if at - self.said_at > OLDEST:
            raise Invalid(_("This is more than a month ago."), field="said_at")

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        wording = wording_of(self.purpose, self.version)
        proof = Proof(
            by=By.SEAT,
            place=self.place.strip(),
            wording=wording.in_language(self.language) if wording else "",
            version=str(self.version) if wording else "",
            language=self.language,
            seat_id=by.seat_id if isinstance(by, Actor) else None,
            member_id=by.member_id if isinstance(by, Actor) else None,
        )
        line = Line(
            identifier=strongest_of(self.number),
            purpose=self.purpose,
            channel=self.channel,
            said=_said(self.said),
            at_us=since_1970(_counts_from(self.said_at, _said(self.said), at)),
            proof=proof,
        )
        ledger.append(ledger.everywhere((line,)), at=at)

    def detail(self) -> dict[str, Any]:
        """Without their own words: how it was said may name them."""
        said = _said(self.said).name.lower()
        return {"number": self.number, "purpose": self.purpose, "channel": self.channel} | {
            "said": said,
            "said_at": self.said_at.isoformat(),
            "version": self.version,
        }


@dataclass(frozen=True)
class MakePreferenceLink(Action):
    """Make the link to a customer's own page, to be sent to an address of theirs."""

    activity: ClassVar[Activity] = CONSENT_LINK
    prepares: ClassVar[bool] = True  # it gives the customer a say, and changes nothing of theirs
    number: int
    identifier: int  # the address that it will be sent to

    def subject(self) -> Subject:
        return customer(self.number)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: (
                _("Make the link to the own page of customer %(number)s") % {"number": self.number}
            )
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        person = person_numbered(self.number)
        if not Identifier.objects.filter(pk=self.identifier, person=person).exists():
            raise Invalid(_("This address is not theirs any more."), field="identifier")

    def perform(self, *, by: AnyActor, at: datetime) -> str:
        seat = by.seat_id if isinstance(by, Actor) else None
        return links.path(identifier=self.identifier, at=at, seat=seat)


@dataclass(frozen=True)
class RevokePreferenceLinks(Action):
    """Close every link to a customer's own page that was made so far."""

    activity: ClassVar[Activity] = CONSENT_LINK
    prepares: ClassVar[bool] = True
    number: int

    def subject(self) -> Subject:
        return customer(self.number)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: (
                _("Revoke the links to the own page of customer %(number)s")
                % {"number": self.number}
            )
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        person_numbered(self.number)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        links.revoke(person=person_numbered(self.number))


def customer(number: int) -> Subject:
    """A customer as the audit calls them: by a number, and by nothing that is theirs."""
    title = bilingual(lambda: _("Customer %(number)s") % {"number": number})
    return Subject(f"person:{number}", title)


def person_numbered(number: int) -> int:
    """The person that a number leads to today. Raises ``Invalid`` where it leads to nobody."""
    person = person_of(number)
    if person is None:
        raise Invalid(_("There is no such customer."))
    return person


def strongest_of(number: int) -> int:
    """The key of the strongest identifier of that person: what is noted of them hangs on it."""
    return identifiers_of(person_numbered(number))[0].pk


def addresses_of(number: int) -> tuple[Identified, ...]:
    """Where a link may be sent: the person's addresses and telephones; where there are none, what
    else names them."""
    mine = [one for one in identifiers_of(person_numbered(number)) if one.kind not in HELD]
    reached = [one for one in mine if one.kind in (Kind.EMAIL, Kind.PHONE)]
    return tuple(reached or mine)[:MOST_ADDRESSES]


def _counts_from(said_at: datetime, said: Said, at: datetime) -> datetime:
    """Forms say a minute. What takes away counts from its end: what was given by an event within
    that minute must not outlive it."""
    if said is Said.GIVEN or said_at.second or said_at.microsecond:
        return said_at
    return min(said_at + _MINUTE, at)


def _said(value: int) -> Said:
    try:
        return Said(value)
    except ValueError as error:
        raise Invalid(_("Say what they said."), field="said") from error
