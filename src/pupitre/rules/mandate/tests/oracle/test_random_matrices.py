"""Tens of thousands of random questions: the code's answers against the oracle's."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from pupitre.rules.mandate.ruling import Verb, Verdict, rule
from pupitre.rules.mandate.tests.oracle.dice import (
    ACTIVITIES,
    CHAIRS,
    MEMBERS,
    a_case,
    a_world,
    seeded,
)
from pupitre.rules.mandate.tests.oracle.rulebook import (
    PERFORMED,
    RECORDED,
    VERBS,
    WAITS,
    when_asked,
    when_said,
)
from pupitre.rules.mandate.tests.oracle.translation import Translation, translate
from pupitre.rules.mandate.tests.oracle.world import Case, Said, World

WORLDS = 1_200
CASES_A_WORLD = 6
SPOKEN = {Verdict.PERFORM: PERFORMED, Verdict.DECIDE: WAITS}


def test_who_acts_is_ruled_as_the_oracle_says() -> None:
    seen: Counter[str] = Counter()
    for seed in range(WORLDS):
        dice = seeded(f"asked {seed}")
        world = a_world(dice)
        known = translate(world, MEMBERS)
        for activity in ACTIVITIES:
            for member, chair in askers(dice, world):
                scope = dice.choice(("", "loyalty"))
                prepares = dice.random() < 0.2
                expected = when_asked(
                    world, activity, member, chair, scope=scope, prepares=prepares
                )
                answer = rule(
                    known.law,
                    activity=known.law.activities[activity],
                    scope=scope,
                    actor=known.actor(member, chair),
                    day=world.today,
                    prepares=prepares,
                )
                said = SPOKEN.get(answer, answer)  # type: ignore[call-overload]
                assert said == expected, (seed, activity, member, chair, scope, prepares)
                seen[expected] += 1
    sys.stdout.write(f"\nacting: {seen.total()} random cases compared\n")
    assert set(seen) == {
        PERFORMED,
        WAITS,
        "no_matrix",
        "no_row",
        "not_in_seat",
        "no_letter",
        "only_consulted",
        "only_informed",
    }


def askers(dice: Random, world: World) -> list[tuple[str, str | None]]:
    """Everybody from each chair that was ever theirs, and a few from chairs that never were."""
    sitting = {
        (stay.member, name)
        for name, chair in world.chairs.items()
        for stay in (*chair.holders, *chair.deputies)
    }
    strangers = {(dice.choice(MEMBERS), dice.choice((*CHAIRS, None))) for _ in range(4)}
    return sorted(sitting | strangers, key=str)


def _answer(known: Translation, world: World, case: Case, verb: str, said: Said) -> str:
    actor = known.actor(said.member, said.chair)
    reason = known.standing(world, case).refuses(Verb(verb), actor)
    if reason is not None:
        return reason.value
    if verb in ("approve", "confirm"):
        with_it = replace(case, agreements=[*case.agreements, said])
        if verb == "confirm":
            with_it = replace(case, stands=True)
        return RECORDED if known.standing(world, with_it).needs else PERFORMED
    return PERFORMED if verb == "carry_out" else RECORDED


@pytest.mark.parametrize("part", range(4))
def test_who_speaks_is_heard_as_the_oracle_says(part: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(part * WORLDS // 4, (part + 1) * WORLDS // 4):
        dice = seeded(f"said {seed}")
        world = a_world(dice)
        known = translate(world, MEMBERS)
        for number in range(CASES_A_WORLD):
            case = a_case(dice, world)
            for member, chair in askers(dice, world):
                for verb in VERBS:
                    expected = when_said(world, case, verb, member, chair)
                    answer = _answer(known, world, case, verb, Said(member, chair or ""))
                    assert answer == expected, (seed, number, verb, member, chair, case)
                    seen[f"{verb} {expected}"] += 1
    sys.stdout.write(f"\nspeaking: {seen.total()} random cases compared\n")
    assert min(seen[f"{verb} {RECORDED}"] for verb in ("opine", "approve", "refuse")) > 0
    assert min(seen[f"{verb} {PERFORMED}"] for verb in ("approve", "carry_out", "confirm")) > 0
