"""What lines say together: in any order of arrival, through merges and unmerges, and held back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.flow.identify.consents import ledger, reading
from pupitre.flow.identify.consents.law import ALL
from pupitre.flow.identify.consents.reading import Held, agreed, standing
from pupitre.flow.identify.consents.tests.kit import (
    MINUTE,
    NOW,
    a_person,
    a_purpose,
    alice,
    belong,
    line,
    note,
)
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Restraint, RightsRequest, Said
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.testing import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("heard_shop")]
PLACES = tuple((p, c) for p in ("marketing", "measurement") for c in ("email", "sms"))
Told = tuple[int, str, str, Said, int]  # place of an identifier, purpose, channel, what, when


@st.composite
def told(draw: st.DrawFn) -> Told:
    said = draw(st.sampled_from(list(Said)))
    anything = () if said is Said.GIVEN else (ALL,)
    return (
        draw(st.integers(0, 3)),
        draw(st.sampled_from(("marketing", "measurement", *anything))),
        draw(st.sampled_from(("email", "sms", *anything))),
        said,
        draw(st.integers(0, 3)),
    )


def oracle(lines: Sequence[Told], mine: set[int], purpose: str, channel: str) -> Said | None:
    """Word by word: of what this person said of it, the latest; of two at once, the harder."""
    heard = [
        (at, said)
        for who, p, c, said, at in lines
        if who in mine and p in (purpose, ALL) and c in (channel, ALL)
    ]
    if not heard:
        return None
    latest = max(at for at, _said in heard)
    together = [said for at, said in heard if at == latest]
    for hardest in (Said.WITHDRAWN, Said.REFUSED):
        if hardest in together:
            return hardest
    return Said.GIVEN


@settings(max_examples=60)
@given(
    lines=st.lists(told(), max_size=12),
    order=st.randoms(use_true_random=False),
    groupings=st.lists(st.tuples(*[st.integers(0, 3)] * 4), min_size=1, max_size=3),
)
def test_it_is_the_latest_word_whatever_the_order_and_whoever_was_merged(
    lines: list[Told], order: object, groupings: list[tuple[int, ...]]
) -> None:
    with transaction.atomic():
        pks = [a_person((Kind.EMAIL, f"p{number}@boite.example"))[0] for number in range(4)]
        a_purpose("marketing")
        a_purpose("measurement")
        arriving = [
            line(pks[who], said, NOW + at, purpose=p, channel=c, message_id=str(number))
            for number, (who, p, c, said, at) in enumerate(lines)
        ]
        order.shuffle(arriving)  # type: ignore[attr-defined]
        for one in (*arriving, *arriving[:3]):
            note(one)
        for grouping in groupings:  # merged, and taken apart, and merged otherwise
            groups = {g: {who for who in range(4) if grouping[who] == g} for g in grouping}
            people = {}
            for members in groups.values():
                people[min(pks[who] for who in members)] = members
                belong([pks[who] for who in members], min(pks[who] for who in members))
            for person, members in people.items():
                found = {(s.purpose, s.channel): s.said for s in standing(person, at=NOON)}
                assert found == {place: oracle(lines, members, *place) for place in PLACES}
            for purpose, channel in PLACES:
                wanted = sorted(
                    person
                    for person, members in people.items()
                    if oracle(lines, members, purpose, channel) is Said.GIVEN
                )
                assert agreed(purpose=purpose, channel=channel, at=NOON).tolist() == wanted
        transaction.set_rollback(True)


def agrees(person: int, *, channel: str = "email") -> bool:
    """Asked of one, and of everybody: the same."""
    alone = {(s.purpose, s.channel): s.agreed for s in standing(person, at=NOON)}
    together = person in agreed(purpose="marketing", channel=channel, at=NOON).tolist()
    assert alone.get(("marketing", channel), False) == together
    return together


def test_nothing_said_is_no_consent() -> None:
    (person, *_) = alice()
    a_purpose()
    assert not agrees(person)
    assert [s.said for s in standing(person, at=NOON)] == [None, None]


def test_what_the_book_does_not_ask_may_not_be_used() -> None:
    (person, *_) = alice()
    for channel in ("email", "sms", "post"):
        note(line(person, Said.GIVEN, channel=channel))
    assert not agrees(person)  # no such purpose
    purpose = a_purpose()
    assert agrees(person)
    assert not agrees(person, channel="post")  # not asked there
    assert [(s.channel, s.in_book) for s in standing(person, at=NOON)] == [
        ("email", True), ("sms", True), ("post", False),
    ]  # fmt: skip
    with guard.permitted():
        purpose.retired_at = NOON
        purpose.save()
    assert not agrees(person)


def test_a_yes_to_what_is_not_asked_there_silences_no_refusal() -> None:
    """A source's own purpose, and a channel that ours does not ask."""
    (person, *_) = alice()
    a_purpose()
    note(line(person, Said.REFUSED, channel="phone"))
    note(line(person, Said.GIVEN, NOW + MINUTE, purpose="newsletter", channel="phone"))
    assert reading.refused(person)[0] == ("phone",)
    assert reading.refused(person)[1] == NOON
    note(line(person, Said.GIVEN, purpose="newsletter", channel="post"))
    assert reading.refused(person)[0] == ("phone",)  # a yes alone is no refusal either
    a_purpose("calls", ("phone",))
    note(line(person, Said.GIVEN, NOW + MINUTE, purpose="calls", channel="phone"))
    assert reading.refused(person)[0] == ()


def test_lines_of_nobody_are_nobodys() -> None:
    mine = alice()
    a_purpose()
    note(line(mine[0], Said.GIVEN))
    belong(mine, None)  # set aside: too many others beside it
    assert agreed(purpose="marketing", channel="email", at=NOON).tolist() == []


def test_a_pause_holds_everything_back_until_it_ends_or_is_taken_back() -> None:
    mine = alice()
    a_purpose()
    note(line(mine[0], Said.GIVEN))

    def pause(identifier: int, *, days: int, minutes_ago: int) -> None:
        at = NOON - timedelta(minutes=minutes_ago)
        with guard.permitted():
            ledger.pause(identifier=identifier, until=at + timedelta(days=days), at=at)

    pause(mine[1], days=92, minutes_ago=30)
    assert not agrees(mine[0])
    assert {s.held for s in standing(mine[0], at=NOON)} == {Held.PAUSED}
    pause(mine[2], days=0, minutes_ago=20)  # taken back, through another identifier
    assert agrees(mine[0])
    pause(mine[0], days=31, minutes_ago=10)
    assert not agrees(mine[0])
    until = reading.paused_until(mine[0], at=NOON)
    assert until == NOON - timedelta(minutes=10) + timedelta(days=31)
    assert reading.paused_until(mine[0], at=until) is None
    # Taken apart: nobody knows which of the two paused, so both do, until each says otherwise.
    belong(mine[1:], mine[1])
    note(line(mine[1], Said.GIVEN))
    assert not agrees(mine[0])
    assert not agrees(mine[1])
    pause(mine[2], days=0, minutes_ago=5)
    assert not agrees(mine[0])
    assert agrees(mine[1])


@pytest.mark.parametrize(
    ("kind", "sells", "stays"),
    [
        (Restraint.Kind.RESTRICTED, False, False),
        (Restraint.Kind.OBJECTS, False, True),
        (Restraint.Kind.OBJECTS, True, False),
    ],
)
def test_restriction_holds_everything_and_an_objection_what_sells(
    kind: Restraint.Kind, sells: bool, stays: bool
) -> None:
    (person, *_) = alice()
    a_purpose(prospecting=sells)
    note(line(person, Said.GIVEN))
    with guard.permitted():
        request = RightsRequest.objects.create(
            right="objection", way="email", received_on=NOON, entered_at=NOON, due_on=NOON
        )
        held = Restraint.objects.create(
            kind=kind, identifier_id=person, request=request, since=NOON
        )
    assert agrees(person) is stays
    with guard.permitted():
        held.until = NOON
        held.save()
    assert agrees(person)


def test_a_withdrawal_without_a_purpose_takes_all_and_a_later_consent_gives_one_back() -> None:
    (person, *_) = alice()
    a_purpose()
    note(line(person, Said.GIVEN), line(person, Said.GIVEN, channel="sms"))
    note(line(person, Said.WITHDRAWN, NOW + MINUTE, purpose=ALL, channel=ALL))
    assert not agrees(person)
    note(line(person, Said.GIVEN, NOW + 2 * MINUTE))
    assert agrees(person)
    assert not agrees(person, channel="sms")


def test_everybody_is_asked_in_one_statement() -> None:
    a_purpose()
    for number in range(5):
        (person,) = a_person((Kind.EMAIL, f"p{number}@boite.example"))
        note(line(person, Said.GIVEN))
    with CaptureQueriesContext(connection) as asked:
        assert len(agreed(purpose="marketing", channel="email", at=NOON)) == 5
    about = [one["sql"] for one in asked.captured_queries if '"identify_consent"' in one["sql"]]
    assert len(about) == 1
    assert len(asked.captured_queries) == 4  # and the book of purposes, its wordings, the sources
