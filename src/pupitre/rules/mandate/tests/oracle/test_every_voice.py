"""Every seat, every enforced activity, every story of a decision: who is heard, and what for."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from pupitre.rules.mandate import deciding
from pupitre.rules.mandate.contracts import Refused
from pupitre.rules.mandate.models import AuditLine, Decision, Function, Voice
from pupitre.rules.mandate.tests.oracle.dice import NOW
from pupitre.rules.mandate.tests.oracle.rulebook import (
    PERFORMED,
    RECORDED,
    VERBS,
    when_said,
)
from pupitre.rules.mandate.tests.oracle.stage import Stage, just_changed, rolled_back
from pupitre.rules.mandate.tests.oracle.states import SEATS, decisions
from pupitre.rules.mandate.tests.oracle.trials import DEED
from pupitre.rules.mandate.tests.oracle.world import Case, World

pytestmark = [pytest.mark.slow]

SETTLED_BY = {"refuse": "refused", "withdraw": "withdrawn"}
VOICE_OF = {"opine": "opinion", "approve": "agreement", "refuse": "refusal"}


def speakers(world: World, case: Case) -> Iterator[tuple[str, str, str]]:
    """(verb, member, seat): everybody everywhere; only few try to withdraw what isn't theirs."""
    sitting = [
        (stay.member, seat)
        for seat in SEATS
        for stay in (*world.chairs[seat].holders, *world.chairs[seat].deputies)
    ]
    for verb in VERBS:
        for number, (member, seat) in enumerate((*sitting, ("free", "m1"))):
            if verb != "withdraw" or member == case.member or number % 4 == 0:
                yield verb, member, seat


@dataclass(frozen=True)
class Before:
    voices: int
    line: int


def _before() -> Before:
    return Before(Voice.objects.count(), AuditLine.objects.count())


def _came_of_it(decision: Decision, before: Before, verb: str) -> str:
    """What the database says, whatever was answered."""
    decision.refresh_from_db()
    line = AuditLine.objects.filter(seq__gt=before.line).order_by("-seq").first()
    done = Function.objects.filter(key=DEED).exists()
    assert done == (decision.state == "performed")
    if line is None:
        return "nothing"
    if line.verb == "was refused":
        assert Voice.objects.count() == before.voices
        return line.detail.split('"reason":"')[1].split('"')[0]
    if done:
        return PERFORMED
    assert decision.state == SETTLED_BY.get(verb, "open")
    assert verb != "confirm" or decision.asked_round == decision.round
    return RECORDED


def _say_services(stage: Stage, decision: Decision, verb: str, member: str, seat: str) -> str:
    with rolled_back():
        before = _before()
        more = {"verdict": "for"} if verb == "opine" else {}
        try:
            getattr(deciding, verb)(
                decision_id=decision.pk,
                comment="Because.",
                by=stage.actor(member, seat),
                at=NOW,
                **more,
            )
            answer = _came_of_it(decision, before, verb)
            assert answer in (RECORDED, PERFORMED)
        except Refused as refused:
            answer = refused.reason.value
        assert _came_of_it(decision, before, verb) == answer
        if verb in VOICE_OF and answer in (RECORDED, PERFORMED):
            kept = Voice.objects.get(seat_id=stage.seats[seat], kind=VOICE_OF[verb])
            assert kept.member_id == stage.members[member]
        return answer


def test_speaking_over_services(key: str, world: World, stage: Stage) -> None:
    seen: Counter[str] = Counter()
    for story, after, case in decisions(world, key):
        with just_changed(stage, world, after):
            decision = stage.put(case, opinion_days=world.activities[key].opinion_days)
            for verb, member, seat in speakers(after, case):
                expected = when_said(after, case, verb, member, seat)
                answer = _say_services(stage, decision, verb, member, seat)
                assert answer == expected, (story, verb, member, seat, case)
                seen[f"{verb}: {expected}"] += 1
    sys.stdout.write(f"\n{key}: {seen.total()} voices compared, services: {dict(seen)}\n")
    assert {f"approve: {PERFORMED}", f"carry_out: {PERFORMED}", "refuse: recorded"} <= set(seen)


@pytest.mark.once  # services are asked on both databases
def test_speaking_over_http(
    enforced_key: str, world: World, stage: Stage, browser: Callable[[str], Client]
) -> None:
    seen: Counter[str] = Counter()
    for turn, (story, after, case) in enumerate(decisions(world, enforced_key)):
        with just_changed(stage, world, after):
            decision = stage.put(case, opinion_days=world.activities[enforced_key].opinion_days)
            for number, (verb, member, seat) in enumerate(speakers(after, case)):
                expected = when_said(after, case, verb, member, seat)
                known = seen[f"{verb}: {expected}"]
                if known and (number + turn) % 6 and expected != PERFORMED:
                    continue  # services have asked them all
                if member in after.suspended:
                    expected = "no page"  # their account opens no page at all
                answer = _say_pages(stage, browser(member), decision, verb, member, seat)
                assert answer == expected, (story, verb, member, seat, case)
                seen[f"{verb}: {expected}"] += 1
    sys.stdout.write(f"\n{enforced_key}: {seen.total()} voices compared, HTTP: {dict(seen)}\n")
    assert {f"approve: {PERFORMED}", "opine: recorded", "refuse: recorded"} <= set(seen)


def _say_pages(
    stage: Stage, client: Client, decision: Decision, verb: str, member: str, seat: str
) -> str:
    with rolled_back():
        before = _before()
        response = client.post(
            reverse("mandate:speak", args=[decision.pk]),
            {"verb": verb, "seat": stage.seats[seat], "comment": "Because.", "verdict": "for"},
        )
        happened = _came_of_it(decision, before, verb)
        if happened == "nothing":
            assert response.status_code == 403
            return "no page"
        refused = happened not in (PERFORMED, RECORDED)
        assert response.status_code == (403 if refused else 302)
        return happened
