"""The states that the generated tests walk: what may have happened to a seat, or to a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta

from pupitre.rules.mandate.tests.oracle.dice import (
    FAR,
    LONG_AGO,
    NOW,
    TODAY,
    YESTERDAY,
)
from pupitre.rules.mandate.tests.oracle.world import Case, Chair, Rules, Said, Stay, World

SEATS = {
    "m1": "marketing",
    "i1": "it",
    "m2": "marketing",
    "i2": "it",
    "x1": "legal",
    "x2": "digital",
    "x3": "relations",
    "x4": "committee",
}
# Each seat's holder is called like the seat; "mi" is of both departments, "free" of none.
PEOPLE = (*SEATS, "mi", "free")
ROLES = ("A", "R", "R", "C", "C", "R", "I", "")
SCOPE = "loyalty"


def a_company(activities: dict[str, Rules]) -> World:
    """Each seat held by somebody, and rows in which the letters wander from seat to seat."""
    chairs = {
        name: Chair(department, holders=[Stay(name, LONG_AGO)])
        for name, department in SEATS.items()
    }
    names = list(SEATS)
    rows = {}
    for turn, key in enumerate(activities):
        letters = [ROLES[(at - turn) % len(ROLES)] for at in range(len(names))]
        if turn % 3 == 2:
            letters[letters.index("A")] = "AR"
        rows[key] = {name: at for name, at in zip(names, letters, strict=True) if at}
    return World(chairs, set(), dict(activities), {"": rows}, NOW)


# --- what may have happened to a seat -----------------------------------------------------------

Change = Callable[[World, str, str], None]  # the world, the activity, the seat


def _silence(world: World, activity: str, seat: str) -> None:
    assert world.matrix is not None
    world.matrix[""][activity].pop(seat, None)


def _vacate(world: World, _activity: str, seat: str) -> None:
    world.chairs[seat].holders.clear()


def _tenure(first_offset: int, last_offset: int | None) -> Change:
    def change(world: World, _activity: str, seat: str) -> None:
        first = LONG_AGO if first_offset < 0 else TODAY + timedelta(days=first_offset)
        last = None if last_offset is None else TODAY + timedelta(days=last_offset)
        world.chairs[seat].holders[:] = [Stay(seat, first, last)]

    return change


def _deputy(who: str, first_offset: int = -30, last_offset: int = 30) -> Change:
    def change(world: World, _activity: str, seat: str) -> None:
        other = {"marketing": "i1", "it": "m1"}.get(SEATS[seat], "m1")
        deputy = other if who == "other" else who
        stay = Stay(
            deputy, TODAY + timedelta(days=first_offset), TODAY + timedelta(days=last_offset)
        )
        world.chairs[seat].deputies.append(stay)

    return change


def _close(days: int) -> Change:
    def change(world: World, _activity: str, seat: str) -> None:
        world.chairs[seat].closed_on = TODAY + timedelta(days=days)

    return change


def _suspend(world: World, _activity: str, seat: str) -> None:
    world.suspended.add(seat)


def _second_chair(world: World, _activity: str, seat: str) -> None:
    """One person, a seat of their own in several functions."""
    world.chairs[seat].holders.append(Stay("mi", LONG_AGO))


def _rotate(world: World, activity: str, _seat: str) -> None:
    """Another matrix entered into force a moment ago: every letter moved to the next seat."""
    assert world.matrix is not None
    row = world.matrix[""][activity]
    names = list(SEATS)
    world.matrix[""][activity] = {
        names[(names.index(seat) + 1) % len(names)]: letters for seat, letters in row.items()
    }


def _override(world: World, activity: str, seat: str) -> None:
    """The initiative has a row of its own, upside down."""
    assert world.matrix is not None
    row = world.matrix[""][activity]
    given = list(row.values())[::-1]
    world.matrix.setdefault(SCOPE, {})[activity] = dict(zip(row, given, strict=True))


def _ask_nobody(world: World, activity: str, _seat: str) -> None:
    """A and R alone: nobody is consulted, nobody told."""
    assert world.matrix is not None
    row = world.matrix[""][activity]
    world.matrix[""][activity] = {seat: at for seat, at in row.items() if at not in "CI"}


def _no_row(world: World, activity: str, _seat: str) -> None:
    assert world.matrix is not None
    world.matrix[""].pop(activity, None)


def _no_matrix(world: World, _activity: str, _seat: str) -> None:
    world.matrix = None


def both(*changes: Change) -> Change:
    def change(world: World, activity: str, seat: str) -> None:
        for one in changes:
            one(world, activity, seat)

    return change


SEAT_STATES: dict[str, Change] = {
    "as it is": lambda *_: None,
    "without a letter": _silence,
    "vacant": _vacate,
    "vacant, deputised": both(_vacate, _deputy("free")),
    "vacant, deputised by the other department": both(_vacate, _deputy("other")),
    "deputised, holder present": _deputy("free"),
    "deputised by the other department": _deputy("other"),
    "deputy until yesterday": both(_vacate, _deputy("free", -30, -1)),
    "deputy until today": both(_vacate, _deputy("free", -30, 0)),
    "deputy from tomorrow": both(_vacate, _deputy("free", 1, 30)),
    "tenure from tomorrow": _tenure(1, None),
    "tenure from today": _tenure(0, None),
    "tenure until yesterday": _tenure(-1, -1),
    "tenure until today": _tenure(-1, 0),
    "closed today": _close(0),
    "closed tomorrow": _close(1),
    "suspended": _suspend,
    "suspended, deputised": both(_suspend, _deputy("free")),
    "two holders, one of both departments": _second_chair,
}
ROW_STATES: dict[str, Change] = {
    "matrix just changed": _rotate,
    "nobody consulted": _ask_nobody,
    "no row": _no_row,
    "no matrix": _no_matrix,
}


@dataclass(frozen=True)
class Situation:
    state: str
    world: World
    touched: tuple[str, ...]  # the seats that are in this state
    scope: str = ""


def situations(base: World, activity: str) -> Iterator[Situation]:
    """Each state on the even seats, then on the odd ones; then what happens to the whole row."""
    everywhere = tuple(SEATS)
    for state, change in SEAT_STATES.items():
        for parity in (0, 1):
            world = deepcopy(base)
            for seat in everywhere[parity::2]:
                change(world, activity, seat)
            yield Situation(state, world, everywhere[parity::2])
    for state, change in ROW_STATES.items():
        world = deepcopy(base)
        change(world, activity, "")
        yield Situation(state, world, everywhere)
    world = deepcopy(base)
    _override(world, activity, "")
    yield Situation("an initiative's own row", world, everywhere, SCOPE)
    yield Situation("an initiative without a row of its own", world, everywhere, "unknown")


# --- what may have happened to a decision --------------------------------------------------------

Story = Callable[[World, Case, dict[str, str]], None]  # the world, the decision, its row


def _with(row: dict[str, str], letters: str) -> list[str]:
    return [seat for seat, at in row.items() if at == letters]


def _answer(verdicts: tuple[bool, ...]) -> Story:
    def story(_world: World, case: Case, row: dict[str, str]) -> None:
        asked = [seat for seat in _with(row, "C") if seat != case.member]
        case.opinions += [Said(seat, seat, at) for seat, at in zip(asked, verdicts, strict=False)]

    return story


def _late(days_offset: timedelta) -> Story:
    def story(world: World, case: Case, _row: dict[str, str]) -> None:
        days = timedelta(days=world.activities[case.activity].opinion_days)
        case.asked = world.now - days + days_offset

    return story


def _agree(letters: str) -> Story:
    """The first seat with these letters has said yes."""

    def story(_world: World, case: Case, row: dict[str, str]) -> None:
        said = {case.chair, *(given.chair for given in case.agreements)}
        seats = [seat for seat, at in row.items() if letters in at and seat not in said]
        case.agreements += [Said(seat, seat) for seat in seats[:1]]

    return story


def _change_seats(change: Change) -> Story:
    def story(world: World, case: Case, _row: dict[str, str]) -> None:
        for seat in list(SEATS)[::2]:
            change(world, case.activity, seat)

    return story


def _change_row(change: Change) -> Story:
    def story(world: World, case: Case, _row: dict[str, str]) -> None:
        change(world, case.activity, "")

    return story


def _settle(_world: World, case: Case, _row: dict[str, str]) -> None:
    case.settled = True


def _rewritten(_world: World, case: Case, _row: dict[str, str]) -> None:
    """Somebody else has changed what was asked; nobody has said a word since."""
    case.stands = False
    case.agreements.clear()


def _leave(world: World, case: Case, _row: dict[str, str]) -> None:
    """Whoever asked has left; somebody else sits there."""
    world.chairs[case.chair].holders[:] = [
        Stay(case.member, LONG_AGO, YESTERDAY),
        Stay("free", TODAY),
    ]


def _asked_by_deputy(world: World, case: Case, _row: dict[str, str]) -> None:
    """Asked by somebody of the other department, in the name of the seat."""
    case.member = {"marketing": "i2", "it": "m2"}.get(SEATS[case.chair], "m2")
    world.chairs[case.chair].deputies.append(Stay(case.member, LONG_AGO, FAR))


def tell(*stories: Story) -> Story:
    def story(world: World, case: Case, row: dict[str, str]) -> None:
        for one in stories:
            one(world, case, row)

    return story


EVERYBODY = _answer((True,) * 9)
STORIES: dict[str, Story] = {
    "consultation pending": lambda *_: None,
    "one opinion of several": _answer((True,)),
    "all opinions, all in favour": EVERYBODY,
    "all opinions, all against": _answer((False,) * 9),
    "an instant before the deadline": _late(timedelta(microseconds=1)),
    "at the deadline": _late(timedelta(0)),
    "A has said yes": tell(EVERYBODY, _agree("A")),
    "an R has said yes": tell(EVERYBODY, _agree("R")),
    "A and an R have said yes": tell(EVERYBODY, _agree("A"), _agree("R")),
    "another hand changed it": tell(EVERYBODY, _rewritten),
    "another hand changed it, and A says yes": tell(EVERYBODY, _rewritten, _agree("A")),
    "another hand changed it, and an R says yes": tell(EVERYBODY, _rewritten, _agree("R")),
    "the matrix changed after they spoke": tell(EVERYBODY, _agree("A"), _change_row(_rotate)),
    "half the seats fell silent": tell(EVERYBODY, _agree("R"), _change_seats(_silence)),
    "half the seats are vacant": _change_seats(_vacate),
    "half the seats are deputised by the other department": tell(
        EVERYBODY, _change_seats(both(_vacate, _deputy("other")))
    ),
    "half the seats are shared": tell(EVERYBODY, _change_seats(_second_chair)),
    "half the members are suspended": tell(EVERYBODY, _change_seats(_suspend)),
    "whoever asked has left": tell(EVERYBODY, _leave),
    "asked by the other department's deputy": tell(EVERYBODY, _asked_by_deputy),
    "the row is gone": tell(EVERYBODY, _change_row(_no_row)),
    "no matrix any more": tell(EVERYBODY, _change_row(_no_matrix)),
    "settled": tell(EVERYBODY, _settle),
}


def decisions(base: World, activity: str) -> Iterator[tuple[str, World, Case]]:
    """Each story; whoever asked holds A in one, R in the next, by turns."""
    assert base.matrix is not None
    row = base.matrix[""][activity]
    accountable = next(seat for seat, letters in row.items() if "A" in letters)
    responsible = next(s for s in _with(row, "R") if SEATS[s] in ("marketing", "it"))
    for turn, (name, story) in enumerate(STORIES.items()):
        world = deepcopy(base)
        seat = (accountable, responsible)[(turn + len(activity)) % 2]
        case = Case(activity, seat, seat, world.now - timedelta(hours=2))
        story(world, case, row)
        yield f"{name}, asked by {row[seat]}", world, case
    for seat in (accountable, responsible):
        world = deepcopy(base)
        _override(world, activity, "")
        case = Case(activity, seat, seat, world.now - timedelta(hours=2), scope=SCOPE)
        assert world.matrix is not None
        EVERYBODY(world, case, world.matrix[SCOPE][activity])
        yield "of an initiative", world, case
