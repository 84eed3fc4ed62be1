"""Random companies, matrices and decisions, small enough for every rule to meet every other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from pupitre.rules.mandate.tests.oracle.world import Case, Chair, Rules, Said, Stay, World

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
TODAY = NOW.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LONG_AGO, FAR = date(2026, 1, 1), date(2027, 1, 1)
SPANS = (
    (LONG_AGO, None),
    (LONG_AGO, None),
    (LONG_AGO, None),
    (LONG_AGO, YESTERDAY),
    (LONG_AGO, TODAY),
    (TODAY, None),
    (TODAY, TODAY),
    (TOMORROW, None),
)
LETTERS = ("A", "R", "R", "AR", "C", "C", "I", "")
MEMBERS = tuple("abcdef")
CHAIRS = ("m1", "m2", "i1", "i2", "x1", "x2")  # of marketing, of IT, of others
DEPARTMENTS = {"m": "marketing", "i": "it", "x": "legal"}
ACTIVITIES = ("plain", "joint", "four", "both")


def seeded(word: str) -> Random:
    """The same dice for the same word, on every machine."""
    return Random(word)  # noqa: S311  (nothing secret comes of it)


def a_world(dice: Random) -> World:
    chairs = {name: _chair(dice, name) for name in CHAIRS}
    activities = {
        "plain": Rules(),
        "joint": Rules(joint=True, opinion_days=1),
        "four": Rules(four_eyes=True, opinion_days=5),
        "both": Rules(joint=True, four_eyes=True),
    }
    suspended = {member for member in MEMBERS if dice.random() < 0.08}
    matrix = None if dice.random() < 0.03 else {"": {}, "loyalty": {}}
    for scope, rows in (matrix or {}).items():
        for activity in ACTIVITIES:
            if dice.random() < (0.6 if scope else 0.06):
                continue
            rows[activity] = {c: at for c in CHAIRS if (at := dice.choice(LETTERS))}
            if not rows[activity]:  # a row without a cell is no row
                del rows[activity]
    return World(chairs, suspended, activities, matrix, NOW)


def _chair(dice: Random, name: str) -> Chair:
    chair = Chair(DEPARTMENTS[name[0]])
    for stays, odds in ((chair.holders, (0.15, 0.75)), (chair.deputies, (0.7, 0.93))):
        draw = dice.random()
        count = 0 if draw < odds[0] else 1 if draw < odds[1] else 2
        for member in dice.sample(MEMBERS, count):
            first, last = dice.choice(SPANS)
            if stays is chair.deputies and last is None:
                last = FAR
            stays.append(Stay(member, first, last))
    closed = dice.random()
    if closed < 0.1:
        chair.closed_on = dice.choice((YESTERDAY, TODAY, TOMORROW))
    return chair


def a_case(dice: Random, world: World) -> Case:
    """A decision as it may stand today, whatever was the law when it was asked and spoken of."""
    rules = dice.choice(ACTIVITIES)
    days = world.activities[rules].opinion_days
    ago = dice.choice(
        (
            timedelta(0),
            timedelta(hours=1),
            timedelta(days=days) - timedelta(microseconds=1),
            timedelta(days=days),
            timedelta(days=days, seconds=1),
        )
    )
    case = Case(
        activity=rules,
        member=dice.choice(MEMBERS),
        chair=dice.choice(CHAIRS),
        asked=NOW - ago,
        scope=dice.choice(("", "", "loyalty", "unknown")),
    )
    case.stands = dice.random() < 0.8
    case.agreements = _voices(dice, case, (0.45, 0.8))
    case.opinions = _voices(dice, case, (0.35, 0.7))
    return case


def _voices(dice: Random, case: Case, odds: tuple[float, float]) -> list[Said]:
    """One voice a chair at most, and none of the requester."""
    draw = dice.random()
    count = 0 if draw < odds[0] else 1 if draw < odds[1] else 2
    others = [m for m in MEMBERS if m != case.member]
    return [
        Said(dice.choice(others), chair, dice.random() < 0.7)
        for chair in dice.sample(CHAIRS, count)
    ]
