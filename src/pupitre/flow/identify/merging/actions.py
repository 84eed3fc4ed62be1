"""Joining two customers, keeping parts of one apart, taking either back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.identify.book.deciding import book_alone
from pupitre.flow.identify.book.reading import identifiers_of, person_of
from pupitre.flow.identify.merging import hands
from pupitre.flow.identify.merging.activities import PERSON_MERGE
from pupitre.flow.identify.models import Hand, Identifier
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, Actor, AnyActor, Subject
from pupitre.rules.mandate.queries import member_name

REASON_CHARACTERS = 1_000


@dataclass(frozen=True)
class JoinPeople(Action):
    """Say that two customers are one. Events and evidence stay as they are."""

    activity: ClassVar[Activity] = PERSON_MERGE
    one: int
    other: int
    reason: str

    def subject(self) -> Subject:
        return person_subject(self.one)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: (
                _("Join customers %(one)s and %(other)s") % {"one": self.one, "other": self.other}
            )
        )

    def material(self) -> object:
        """Whoever approves has seen what either was known by, and who comes along."""
        one, other = (person_of(end) or end for end in (self.one, self.other))
        try:
            who: tuple[int, ...] = hands.together(one, other)
        except hands.NotPossible:
            who = (one, other)
        return [sorted(known.pk for known in identifiers_of(end)) for end in who]

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        check_reason(self.reason)
        one, other = person_to_change(self.one), person_to_change(self.other)
        if one == other:
            raise Invalid(_("They are one customer already."))
        apart = hands.keeping_apart(identifiers_of(one), identifiers_of(other))
        if apart is not None:
            raise Invalid(
                _("%(who)s has separated them. Take that back first.") % {"who": apart.by}
            )

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        with book_alone():
            one, other = person_to_change(self.one), person_to_change(self.other)
            try:
                hand = hands.join(one=one, other=other, reason=self.reason, by=called(by), at=at)
            except hands.NotPossible as error:
                raise Invalid(_("They are one customer already.")) from error
            return person_of(hand.one) or one

    def detail(self) -> dict[str, Any]:
        """The words stay with the hand: a log that is kept for ever holds none of them."""
        return {"one": self.one, "other": self.other}


@dataclass(frozen=True)
class SeparatePeople(Action):
    """Say that some of a customer's identifiers are somebody else's."""

    activity: ClassVar[Activity] = PERSON_MERGE
    person: int
    leaving: tuple[int, ...]
    reason: str

    def subject(self) -> Subject:
        return person_subject(self.person)

    def title(self) -> Bilingual:
        return bilingual(lambda: _("Separate customer %(number)s in two") % {"number": self.person})

    def material(self) -> object:
        return sorted(one.pk for one in identifiers_of(person_of(self.person) or self.person))

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        check_reason(self.reason)
        person = person_to_change(self.person)
        known = {one.pk for one in identifiers_of(person)}
        if not known & set(self.leaving) or not known - set(self.leaving):
            raise Invalid(_("Choose some of the identifiers, and leave some."), field="leaving")
        joined = hands.joining(known & set(self.leaving), known - set(self.leaving))
        if joined is not None:
            raise Invalid(
                _("%(who)s has joined what you separate. Undo that first.") % {"who": joined.by},
                field="leaving",
            )

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        with book_alone():
            person = person_to_change(self.person)
            try:
                hand, _moved = hands.part(
                    person=person,
                    leaving=self.leaving,
                    reason=self.reason,
                    by=called(by),
                    at=at,
                )
            except hands.NotPossible as error:
                why = _("Choose some of the identifiers, and leave some.")
                raise Invalid(why, field="leaving") from error
            return person_of(hand.one) or person

    def detail(self) -> dict[str, Any]:
        return {"person": self.person, "leaving": list(self.leaving)}


@dataclass(frozen=True)
class TakeBackHand(Action):
    """Undo a joining or a separation, as if it had never been."""

    activity: ClassVar[Activity] = PERSON_MERGE
    hand: int

    def subject(self) -> Subject:
        hand = Hand.objects.filter(pk=self.hand).first()
        return person_subject(hand.one if hand else 0)

    def title(self) -> Bilingual:
        hand = Hand.objects.filter(pk=self.hand).first()
        one, other = (hand.one, hand.other) if hand else (0, 0)
        named = {"one": one, "other": other}
        if hand is None or hand.joins:
            return bilingual(
                lambda: _("Undo the joining of customers %(one)s and %(other)s") % named
            )
        return bilingual(
            lambda: _("Undo the separation of customers %(one)s and %(other)s") % named
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        hand_to_undo(self.hand)

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        with book_alone():
            hand = hand_to_undo(self.hand)
            hands.take_back(hand, by=called(by), at=at)
            return person_of(hand.one) or hand.one


def person_subject(number: int) -> Subject:
    title = bilingual(lambda: _("Customer %(number)s") % {"number": number})
    return Subject(f"person:{number}", title, reverse("identify:person", args=[number]))


def person_to_change(number: int) -> int:
    """Who this number leads to now; raises Invalid where to nobody."""
    found = person_of(number)
    if found is None:
        raise Invalid(_("There is no such customer any more."))
    return found


def hand_to_undo(number: int) -> Hand:
    hand = Hand.objects.filter(pk=number, taken_back_at=None).first()
    if hand is None or not Identifier.objects.filter(pk__in=hands.ends_of(hand)).exists():
        raise Invalid(_("This was undone already."))
    return hand


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    if len(reason) > REASON_CHARACTERS:
        raise Invalid(
            _("At most %(count)s characters.") % {"count": REASON_CHARACTERS}, field="reason"
        )


def called(by: AnyActor) -> str:
    """Whoever did it, as the book keeps it beside what was done."""
    return member_name(by.member_id) if isinstance(by, Actor) else by.name
