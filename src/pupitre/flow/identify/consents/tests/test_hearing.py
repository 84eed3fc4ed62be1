"""What events say of consents: what is unclear takes away, and never gives."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.flow.collect.simulation import block, truth, words
from pupitre.flow.collect.simulation.contracts import BLOCK_PEOPLE, Scenario
from pupitre.flow.identify.consents import following
from pupitre.flow.identify.consents.demo import HEARD
from pupitre.flow.identify.consents.hearing import EVENTS, from_events
from pupitre.flow.identify.consents.law import ALL, CHANNELS
from pupitre.flow.identify.consents.ledger import Line
from pupitre.flow.identify.consents.reading import standing
from pupitre.flow.identify.consents.tests.kit import (
    MINUTE,
    NOW,
    a_purpose,
    alice,
    all_named,
    an_event,
    belong,
    events,
    line,
    note,
)
from pupitre.flow.identify.following.rounds import Heard
from pupitre.flow.identify.models import Consent, Said
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.testing import NOON


def heard(*rows: dict[str, Any]) -> list[tuple[str, str, Said]]:
    table = events(*rows)
    return [(one.purpose, one.channel, one.said) for one in from_events(table, all_named(table))]


MARKETING = {"purpose": "marketing", "channel": "email"}
G, R, W = Said.GIVEN, Said.REFUSED, Said.WITHDRAWN


@pytest.mark.parametrize(
    ("name", "properties", "said"),
    [
        ("Consent Given", MARKETING, [("marketing", "email", G)]),
        ("consent given ", MARKETING, [("marketing", "email", G)]),
        ("Consent Refused", MARKETING, [("marketing", "email", R)]),
        ("Consent Withdrawn", MARKETING, [("marketing", "email", W)]),
        (
            "Consent Given",
            {"purposes": ["marketing", "profile"], "channels": ["email", "sms"]},
            [(p, c, G) for p in ("marketing", "profile") for c in ("email", "sms")],
        ),
        ("Consent Given", {"purpose": " Sales ", "channel": "SMS"}, [("sales", "sms", G)]),
        # Unclear, and given: not heard.
        ("Consent Given", {"purpose": "marketing"}, []),
        ("Consent Given", {"channel": "email"}, []),
        ("Consent Given", {"purpose": "*", "channel": "email"}, []),
        ("Consent Given", {"purpose": True, "channel": "email"}, []),
        ("Consent Given", "[]", []),
        ("Consent Given", "nothing that is JSON", []),
        ("Consent Given", {"purposes": ["a", "b"] * 40, "channels": ["email"]},
         [("a", "email", G), ("b", "email", G)]),
        ("Consent Given", {"purposes": [f"p{n}" for n in range(51)], "channel": "email"}, []),
        # Unclear, and taken away: of everything.
        ("Consent Withdrawn", {"purpose": "marketing"}, [("marketing", ALL, W)]),
        ("Consent Refused", {"channel": "sms"}, [(ALL, "sms", R)]),
        ("Consent Withdrawn", {}, [(ALL, ALL, W)]),
        ("Consent Withdrawn", "broken", [(ALL, ALL, W)]),
        ("Consent Withdrawn", {"purposes": ["marketing", "L’été"], "channel": "email"},
         [("marketing", "email", W), (ALL, "email", W)]),
        ("Consent Withdrawn", {"purposes": [f"p{n}" for n in range(51)]}, [(ALL, ALL, W)]),
        # A channel that is none of ours: of every channel, and never at a place that nothing reads.
        ("Consent Withdrawn", {"purpose": "marketing", "channel": "Newsletter"},
         [("marketing", ALL, W)]),
        ("Consent Withdrawn", {"purpose": "marketing", "channels": ["sms", "pigeon"]},
         [("marketing", "sms", W), ("marketing", ALL, W)]),
        ("Consent Refused", {"purpose": "marketing", "channel": 7}, [("marketing", ALL, R)]),
        ("Email Unsubscribed", {"channel": "Newsletter"}, [(ALL, "email", W), (ALL, ALL, W)]),
        ("Email Unsubscribed", {"channel": "sms"}, [(ALL, "sms", W), (ALL, "email", W)]),
        ("Consent Given", {"purpose": "marketing", "channel": "newsletter"}, []),
        # As sources spell them.
        ("Consent Withdrawn", {"purpose": "marketing", "channel": "E-mail"},
         [("marketing", "email", W)]),
        ("Consent Given", {"purpose": "marketing", "channels": ["Courriel", "texto"]},
         [("marketing", "email", G), ("marketing", "sms", G)]),
        ("Unsubscribed", {"channel": "e-mail"}, [(ALL, "email", W)]),
        # An e-mail in French, a letter in English.
        ("Consent Withdrawn", {"purpose": "marketing", "channel": "mail"},
         [("marketing", "email", W), ("marketing", "post", W)]),
        ("Consent Given", {"purpose": "marketing", "channel": "mail"}, []),
        # By their tools.
        ("Unsubscribed", {}, [(ALL, "email", W)]),
        ("Unsubscribed", MARKETING, [("marketing", "email", W)]),
        ("Email Unsubscribed", {"list": "7"}, [(ALL, "email", W)]),
        ("Email Marked as Spam", {}, [(ALL, "email", W)]),
        ("SMS Stopped", {"purpose": "marketing", "channel": "sms"}, [("marketing", "sms", W)]),
        ("SMS Stopped", {}, [(ALL, "sms", W)]),
        # Of other things.
        ("Order Completed", MARKETING, []),
        (None, MARKETING, []),
    ],
)  # fmt: skip
def test_what_an_event_says(
    name: str | None, properties: Any, said: list[tuple[str, str, Said]]
) -> None:
    assert heard(an_event(name, properties)) == said


@pytest.mark.django_db
@pytest.mark.usefixtures("heard_shop")
@pytest.mark.parametrize("channel", ["e-mail", "Newsletter", "mail", "text", None, ["x"], {}])
def test_who_unsubscribes_agrees_no_longer_however_the_channel_is_spelt(channel: Any) -> None:
    mine = alice()
    a_purpose()
    note(line(mine[0], Said.GIVEN, NOW - MINUTE))
    table = events(an_event("Email Unsubscribed", {"purpose": "marketing", "channel": channel}))
    with guard.permitted():
        following.listen(Heard(table, all_named(table, mine[0]), (), frozenset(), NOON))
    assert standing(mine[0], at=NOON)[0].said is Said.WITHDRAWN


def test_only_what_was_done_counts_and_only_of_somebody() -> None:
    assert heard(an_event("Consent Given", MARKETING, type="page")) == []
    table = events(an_event("Consent Given", MARKETING), an_event("Consent Given", MARKETING))
    found = from_events(table, all_named(table) * [-1, 1])
    assert [one.identifier for one in found] == [7]


def one(properties: Any, **more: Any) -> Line:
    table = events(an_event("Consent Given", {**MARKETING, **properties}, **more))
    (found,) = from_events(table, all_named(table))
    return found


def test_the_proof_comes_along() -> None:
    proof = one(
        {"wording": "J’accepte\u0000.", "version": 3, "language": "fr", "shop": "Nantes"}
    ).proof
    assert (proof.wording, proof.version, proof.language) == ("J’accepte.", "3", "fr")
    assert (proof.place, proof.source, proof.message_id) == ("Nantes", "web-shop", "m1")
    page = {"page": {"url": "https://www.ardoise.example/compte?email=alice@boite.example#x"}}
    place = one({}, context=json.dumps(page)).proof.place
    assert place == "https://www.ardoise.example/compte"  # what follows may name somebody


def test_a_clock_that_runs_ahead_outlives_nothing() -> None:
    future = (NOON + timedelta(days=900)).replace(tzinfo=None)
    assert one({}, corrected_at=future).at_us == NOW
    assert one({}).at_us == NOW - 1_000_000


def when(name: str, days: float, **more: Any) -> int:
    """From when it counts, said that many days before it was received at noon."""
    at = (NOON - timedelta(days=days)).replace(tzinfo=None)
    table = events(an_event(name, MARKETING, **{"corrected_at": at, **more}))
    (found,) = from_events(table, all_named(table))
    return found.at_us


DAY = 24 * 60 * MINUTE


def test_a_withdrawal_loses_nothing_by_a_clock_that_runs_behind() -> None:
    for name in ("Consent Withdrawn", "Consent Refused", "Email Unsubscribed"):
        assert when(name, 2) == NOW, name
    assert when("Consent Given", 2) == NOW - 2 * DAY


def test_history_keeps_its_own_time() -> None:
    assert when("Consent Withdrawn", 2, extra='{"import":7}') == NOW - 2 * DAY
    assert when("Consent Withdrawn", 32) == NOW - 32 * DAY  # posted, and not marked as such
    future = (NOON + timedelta(days=9)).replace(tzinfo=None)
    assert when("Consent Withdrawn", 0, corrected_at=future, extra='{"import":7}') == NOW


@given(
    name=st.sampled_from(sorted(EVENTS)),
    properties=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(("purpose", "purposes", "channel", "channels", "x")), inner
            )
        ),
        max_leaves=6,
    ),
)
def test_no_event_is_too_strange_and_none_gives_what_it_does_not_name(
    name: str, properties: object
) -> None:
    text = json.dumps(properties)
    for purpose, channel, said in heard(an_event(name, text)):
        assert said is not Said.GIVEN or purpose in text.lower()
        assert channel == ALL or channel in CHANNELS
        assert said is Said.GIVEN or EVENTS[name][0] is said
        assert ALL not in (purpose, channel) or said is not Said.GIVEN


# --- the simulated company ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def company() -> tuple[pa.Table, Any]:
    scenario = Scenario(people=BLOCK_PEOPLE, months=6, seed=5)
    made = block.make(scenario, 0)
    return made.table, truth.of_block(scenario, made)["consents"]


def test_the_simulated_company_is_heard_and_says_what_is_true(
    company: tuple[pa.Table, Any],
) -> None:
    table, true = company
    lines = from_events(table, all_named(table))
    end = pc.max(table["corrected_at"]).as_py()
    given = sum(true["given"].to_pylist())
    again = sum(at is not None and at < end for at in true["given_again_at"].to_pylist())
    withdrawn = sum(at is not None and at < end for at in true["withdrawn_at"].to_pylist())
    by_tool = sum(name in ("Unsubscribed", "SMS Stopped") for name in table["name"].to_pylist())
    counts = {said: sum(one.said is said for one in lines) for said in Said}
    assert counts[Said.GIVEN] == given + again > 1_000
    assert counts[Said.WITHDRAWN] == withdrawn + by_tool > withdrawn > 50
    assert {(one.purpose, one.channel) for one in lines} == {p[:2] for p in words.PURPOSES}
    speaking = {one.proof.source for one in lines if one.said is Said.GIVEN}
    assert speaking == {action.source_key for _days, action, _advice in HEARD if action.heard}


@pytest.mark.django_db
@pytest.mark.usefixtures("heard_shop")
def test_the_follower_of_the_lake_notes_them() -> None:
    mine = alice()
    a_purpose()
    table = events(
        an_event("Consent Given", MARKETING, message_id="m1"),
        an_event("Consent Withdrawn", MARKETING, message_id="m2",
                 corrected_at=NOON.replace(tzinfo=None)),
    )  # fmt: skip
    with guard.permitted():
        for part in (table.slice(1, 1), table.slice(0, 1), table):  # late, and told twice
            following.listen(Heard(part, all_named(part, mine[0]), (), frozenset(), NOON))
    assert Consent.objects.count() == 1 + len(mine)
    assert standing(mine[0], at=NOON)[0].said is Said.WITHDRAWN
    belong(mine[1:], mine[1])
    assert standing(mine[1], at=NOON)[0].said is Said.WITHDRAWN
