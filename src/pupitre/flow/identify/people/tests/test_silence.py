"""What somebody asked not to receive, however they said so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.consents.law import ALL
from pupitre.flow.identify.consents.tests.kit import MINUTE, NOW, a_purpose, alice, line, note
from pupitre.flow.identify.models import Pause, Restraint, RightsRequest, Said
from pupitre.flow.identify.people.fact_words import sentence
from pupitre.flow.identify.people.silence import silence
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.testing import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("heard_shop")]


def told(person: int) -> list[str]:
    with translation.override("en"):
        return [sentence(fact, now=NOON).text for fact in silence(person, at=NOON)]


def test_a_refusal_is_told_until_they_agree_again() -> None:
    a_purpose()
    (one, *_) = alice()
    assert told(one) == []
    note(line(one, Said.WITHDRAWN), line(one, Said.REFUSED, channel="phone"))
    assert told(one) == ["Offer no messages: they want none by e-mail, telephone."]
    note(line(one, Said.GIVEN, NOW + MINUTE), line(one, Said.GIVEN, NOW + MINUTE, channel="phone"))
    assert told(one) == []


def test_what_names_no_purpose_is_about_all_that_sells() -> None:
    (one, *_) = alice()
    note(line(one, Said.WITHDRAWN, purpose=ALL))
    assert told(one) == ["Offer no messages: they want none by e-mail."]
    a_purpose("measurement", ("web",), prospecting=False)
    a_purpose("news")
    assert told(one) == ["Offer no messages: they want none by e-mail."]
    note(line(one, Said.GIVEN, NOW + MINUTE, purpose="news"))
    assert told(one) == []


def test_refusing_to_be_measured_is_no_refusal_of_messages() -> None:
    a_purpose("measurement", ("web",), prospecting=False)
    (one, *_) = alice()
    note(line(one, Said.REFUSED, purpose="measurement", channel="web"))
    assert told(one) == []


def test_a_pause_is_told_until_it_ends() -> None:
    (one, *_) = alice()
    with guard.permitted():
        until = since_1970(NOON + timedelta(days=30))
        Pause.objects.create(identifier_id=one, at_us=NOW, until_us=until)
    (text,) = told(one)
    assert "hear nothing until" in text
    assert silence(one, at=NOON + timedelta(days=31)) == ()


@pytest.mark.parametrize(
    ("kind", "words"),
    [(Restraint.Kind.OBJECTS, "object to prospecting"), (Restraint.Kind.RESTRICTED, "only kept")],
)
def test_a_right_that_stands_is_told(kind: str, words: str) -> None:
    (one, *_) = alice()
    with guard.permitted():
        asked = RightsRequest.objects.create(
            right="objection",
            way="letter",
            received_on=NOON.date(),
            due_on=NOON.date(),
            entered_at=NOON,
        )
        stands = Restraint.objects.create(kind=kind, identifier_id=one, request=asked, since=NOON)
    (text,) = told(one)
    assert words in text
    with guard.permitted():
        Restraint.objects.filter(pk=stands.pk).update(until=NOON)
    assert told(one) == []
