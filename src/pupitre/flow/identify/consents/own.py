"""What customers do on their own page: each an act of theirs, by a link that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.consents import ledger
from pupitre.flow.identify.consents.actions import customer, person_numbered
from pupitre.flow.identify.consents.activities import CONSENT_OWN
from pupitre.flow.identify.consents.law import said_of
from pupitre.flow.identify.consents.ledger import Line, Proof
from pupitre.flow.identify.consents.purposes import all_purposes, wording_of
from pupitre.flow.identify.consents.reading import rank_of, standing
from pupitre.flow.identify.models import By, Said
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import AnyActor, OwnAffair, Subject

PLACE = "preferences"  # where a line was said: on the customer's own page
PAUSE_MONTHS = (1, 3, 6)
DAYS_OF_MONTHS = {1: 31, 3: 92, 6: 183}  # never shorter than what was promised


@dataclass(frozen=True)
class Choice:
    """One box as the customer saw it, and as they left it."""

    purpose: str
    channel: str
    version: int  # of the wording that stood beside it
    agreed: bool
    saw: int  # rank of the line that was heard when it was shown; 0: nothing was said

    @property
    def changed(self) -> bool:
        """Whether they left the box otherwise than they found it."""
        return self.agreed != (self.saw > 0 and said_of(self.saw) is Said.GIVEN)


@dataclass(frozen=True)
class Saved:
    """What saving did: choices that changed, those that were taken away meanwhile and stay so
    though their box was ticked, and boxes ticked beside a sentence that counts no longer."""

    changed: int
    stay: int
    reworded: int = 0


@dataclass(frozen=True)
class _Own(Action):
    """An act of the customer whose link this is."""

    identifier: int

    def subject(self) -> Subject:
        return customer(self.identifier)

    def detail(self) -> dict[str, Any]:
        return {"number": self.identifier}


@dataclass(frozen=True)
class SaveChoices(_Own):
    """Agree, or agree no longer. Only boxes that differ from what was shown are noted, with the
    wording that was shown; what was taken away since then stays taken away."""

    activity: ClassVar[OwnAffair] = CONSENT_OWN
    choices: tuple[Choice, ...]
    language: str
    seat: int | None = None  # that made the link by which they came

    def title(self) -> Bilingual:
        return bilingual(
            lambda: _("Customer %(number)s saves their choices") % {"number": self.identifier}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        person_numbered(self.identifier)
        book = {row.key: row for row in all_purposes()}
        for choice in self.choices:
            row = book.get(choice.purpose)
            shown = wording_of(choice.purpose, choice.version)
            if row is None or shown is None or (choice.agreed and not row.asks(choice.channel)):
                raise Invalid(
                    _("What we ask has changed meanwhile. Look again, and save once more.")
                )

    def perform(self, *, by: AnyActor, at: datetime) -> Saved:  # noqa: ARG002
        person = person_numbered(self.identifier)
        now = {(s.purpose, s.channel): rank_of(s) for s in standing(person, at=at)}
        counts_from = {row.key: row.counts_from for row in all_purposes()}
        lines, stay, reworded = [], 0, 0
        for choice in self.choices:
            ranked = now.get((choice.purpose, choice.channel), 0)
            agrees = ranked > 0 and said_of(ranked) is Said.GIVEN
            if choice.agreed and not agrees and ranked > choice.saw:
                stay += 1
            elif choice.changed and agrees != choice.agreed:
                if choice.agreed and choice.version < counts_from[choice.purpose]:
                    reworded += 1  # a yes to it would count for nothing
                else:
                    lines.append(self._line(choice, at))
        ledger.append(ledger.everywhere(lines), at=at)
        return Saved(len(lines), stay, reworded)

    def detail(self) -> dict[str, Any]:
        return super().detail() | _by_a_link_of(self.seat)

    def _line(self, choice: Choice, at: datetime) -> Line:
        wording = wording_of(choice.purpose, choice.version)
        proof = Proof(
            by=By.CUSTOMER if self.seat is None else By.SEAT_LINK,
            seat_id=self.seat,
            place=PLACE,
            wording=wording.in_language(self.language) if wording else "",
            version=str(choice.version),
            language=self.language,
        )
        said = Said.GIVEN if choice.agreed else Said.WITHDRAWN
        return Line(self.identifier, choice.purpose, choice.channel, said, since_1970(at), proof)


@dataclass(frozen=True)
class PauseEverything(_Own):
    """Hear nothing for some months; ``months`` = 0 takes it back."""

    activity: ClassVar[OwnAffair] = CONSENT_OWN
    months: int
    seat: int | None = None  # that made the link by which they came

    def title(self) -> Bilingual:
        if not self.months:
            return bilingual(
                lambda: _("Customer %(number)s ends their pause") % {"number": self.identifier}
            )
        return bilingual(
            lambda: _("Customer %(number)s pauses everything") % {"number": self.identifier}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        person_numbered(self.identifier)
        if self.months and self.months not in PAUSE_MONTHS:
            raise Invalid(_("Choose for how long."), field="months")

    def perform(self, *, by: AnyActor, at: datetime) -> datetime:  # noqa: ARG002
        until = at + timedelta(days=DAYS_OF_MONTHS[self.months]) if self.months else at
        ledger.pause(identifier=self.identifier, until=until, at=at)
        return until

    def detail(self) -> dict[str, Any]:
        return super().detail() | _by_a_link_of(self.seat)


def _by_a_link_of(seat: int | None) -> dict[str, Any]:
    """That seat could have come by it as well as the customer: the audit says so."""
    return {} if seat is None else {"link_of_seat": seat}
