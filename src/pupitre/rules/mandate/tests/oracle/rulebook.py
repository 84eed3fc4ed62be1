"""The oracle: decision 0010 said again, in other words, sentence by sentence.

It was written from the page alone, before reading the code that it judges, and it is slow and
literal on purpose: it asks the whole company at every question and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pupitre.rules.mandate.tests.oracle.world import Case, Said, Stay, World

PERFORMED = "performed"
WAITS = "waits"
RECORDED = "recorded"
VERBS = ("opine", "approve", "refuse", "carry_out", "confirm", "withdraw")
TWO = ("marketing", "it")


# --- the words ---------------------------------------------------------------------------------


def there(world: World, stay: Stay) -> bool:
    """Both ends included; a suspended member is nowhere."""
    begun = stay.first <= world.today
    over = stay.last is not None and stay.last < world.today
    return begun and not over and stay.member not in world.suspended


def holds(world: World, member: str, chair: str) -> bool:
    place = world.chairs[chair]
    closed = place.closed_on is not None and place.closed_on <= world.today
    return not closed and any(s.member == member and there(world, s) for s in place.holders)


def deputises(world: World, member: str, chair: str) -> bool:
    place = world.chairs[chair]
    closed = place.closed_on is not None and place.closed_on <= world.today
    return not closed and any(s.member == member and there(world, s) for s in place.deputies)


def speaks(world: World, member: str, chair: str | None) -> bool:
    if chair is None or chair not in world.chairs:
        return False
    return holds(world, member, chair) or deputises(world, member, chair)


def people(world: World) -> set[str]:
    return {s.member for c in world.chairs.values() for s in (*c.holders, *c.deputies)}


def heard_without(world: World, chair: str, member: str) -> bool:
    """Whether anybody other than this member may speak from the chair today."""
    return any(speaks(world, other, chair) for other in people(world) - {member})


def the_row(world: World, activity: str, scope: str) -> dict[str, str] | None:
    """An initiative's row replaces the company's whole row."""
    if world.matrix is None:
        return None
    for level in (scope, ""):
        if activity in world.matrix.get(level, {}):
            return world.matrix[level][activity]
    return None


# --- when somebody acts ------------------------------------------------------------------------


def when_asked(
    world: World,
    activity: str,
    member: str,
    chair: str | None,
    *,
    scope: str = "",
    prepares: bool = False,
) -> str:
    """``performed``, ``waits``, or the reason of the refusal."""
    if world.matrix is None:
        return "no_matrix"
    row = the_row(world, activity, scope)
    if row is None:
        return "no_row"
    if not speaks(world, member, chair):
        return "not_in_seat"
    letters = row.get(chair or "", "")
    if "A" not in letters and "R" not in letters:
        return {"C": "only_consulted", "I": "only_informed", "": "no_letter"}[letters]
    if prepares:
        return PERFORMED
    if "A" not in letters:
        return WAITS
    rules = world.activities[activity]
    if rules.joint or rules.four_eyes or anybody_to_consult(world, row, member):
        return WAITS
    return PERFORMED


def anybody_to_consult(world: World, row: dict[str, str], member: str) -> bool:
    return any(at == "C" and heard_without(world, c, member) for c, at in row.items())


# --- what a decision still needs ---------------------------------------------------------------


def opinions_in(world: World, case: Case, row: dict[str, str]) -> bool:
    """Everybody consulted has answered, or the time is over; the instant itself is over."""
    if world.now >= case.over_at(world.activities[case.activity]):
        return True
    answered = {said.chair for said in case.opinions}
    return all(
        chair in answered or not heard_without(world, chair, case.member)
        for chair, letters in row.items()
        if letters == "C"
    )


def yeses(case: Case, row: dict[str, str]) -> Iterator[Said]:
    """The request is one, while it stands. Another counts while its chair has A or R."""
    if case.stands:
        yield Said(case.member, case.chair)
    for said in case.agreements:
        if set(row.get(said.chair, "")) & {"A", "R"}:
            yield said


def in_favour(world: World, case: Case, row: dict[str, str], department: str) -> set[str]:
    """Who spoke in favour for a department: the request, the yeses that count, good opinions.

    "A voice counts for the department of its seat, if that seat has A, R or C in the row": the
    letter of today, whichever it was when the voice was given.
    """
    voices = [*yeses(case, row), *(said for said in case.opinions if said.favourable)]
    voices = [said for said in voices if set(row.get(said.chair, "")) & {"A", "R", "C"}]
    return {
        said.member
        for said in voices
        if world.chairs[said.chair].department == department
        and not sent_by_the_other(world, said, department)
    }


def sent_by_the_other(world: World, said: Said, department: str) -> bool:
    """A deputy who holds a chair of their own in the other of the two departments."""
    other = TWO[1 - TWO.index(department)]
    at_home = any(
        holds(world, said.member, name)
        for name, chair in world.chairs.items()
        if chair.department == other
    )
    return at_home and not holds(world, said.member, said.chair)


def missing(world: World, case: Case, row: dict[str, str]) -> set[str]:
    rules = world.activities[case.activity]
    lacks = set()
    if not opinions_in(world, case, row):
        lacks.add("opinions")
    said = list(yeses(case, row))
    if not any("A" in row.get(s.chair, "") for s in said):
        lacks.add("accountable")
    if rules.four_eyes and len({s.member for s in said}) < 2:
        lacks.add("a second person")
    if rules.joint:
        spoken = {d: in_favour(world, case, row, d) for d in TWO}
        lacks |= {f"a voice of {d}" for d in TWO if not spoken[d]}
        if all(spoken.values()) and len(spoken["marketing"] | spoken["it"]) < 2:
            lacks.add("a second person")
    return lacks


# --- who may say what --------------------------------------------------------------------------


def when_said(world: World, case: Case, verb: str, member: str, chair: str | None) -> str:
    """``recorded``, ``performed`` (an approval or carrying out that completes), or a reason."""
    if case.settled:
        return "settled"
    if verb == "withdraw":
        return RECORDED if member == case.member else "not_yours"
    if not speaks(world, member, chair):
        return "not_in_seat"
    if world.matrix is None:
        return "no_matrix"
    row = the_row(world, case.activity, case.scope)
    if row is None:
        return "no_row"
    chair = chair or ""
    if verb == "confirm":
        return _confirm(world, case, row, member, chair)
    answer = {"opine": _opine, "carry_out": _carry_out, "approve": _decide, "refuse": _decide}
    said_no = answer[verb](world, case, row, member, chair)
    if said_no is not None:
        return said_no
    if verb == "carry_out":
        return PERFORMED
    if verb == "approve":
        return _approve(world, case, row, member, chair)
    return RECORDED


def _confirm(world: World, case: Case, row: dict[str, str], member: str, chair: str) -> str:
    """From the seat that asked, and once it has changed: it counts as asking did."""
    if (member, chair) != (case.member, case.chair):
        return "not_yours"
    if case.stands:
        return "not_needed"
    return RECORDED if missing(world, replace(case, stands=True), row) else PERFORMED


def _opine(_world: World, case: Case, row: dict[str, str], member: str, chair: str) -> str | None:
    letters = row.get(chair, "")
    if letters != "C":
        return "only_informed" if letters == "I" else "no_letter"
    return "own_request" if member == case.member else None


def _carry_out(
    world: World, case: Case, row: dict[str, str], _member: str, chair: str
) -> str | None:
    letters = row.get(chair, "")
    if "A" not in letters:
        return "not_accountable" if letters else "no_letter"
    lacks = missing(world, case, row)
    if "opinions" in lacks:
        return "consultation_open"
    return "not_ready" if lacks else None


def _decide(world: World, case: Case, row: dict[str, str], member: str, chair: str) -> str | None:
    letters = row.get(chair, "")
    if not set(letters) & {"A", "R"}:
        return {"C": "only_consulted", "I": "only_informed", "": "no_letter"}[letters]
    if member == case.member:
        return "own_request"
    rules = world.activities[case.activity]
    of_the_two = world.chairs[chair].department in TWO
    if "A" not in letters and not rules.four_eyes and not (rules.joint and of_the_two):
        return "not_accountable"
    return None if opinions_in(world, case, row) else "consultation_open"


def seat_said_its_yes(
    world: World, case: Case, row: dict[str, str], member: str, chair: str
) -> bool:
    """Somebody's yes from this chair counts: this person's, or one that speaks for it fully."""
    joint = world.activities[case.activity].joint
    department = world.chairs[chair].department
    for said in yeses(case, row):
        if said.chair != chair:
            continue
        only_lent = joint and department in TWO and sent_by_the_other(world, said, department)
        if said.member == member or not only_lent:
            return True
    return False


def _approve(world: World, case: Case, row: dict[str, str], member: str, chair: str) -> str:
    """Neither this person nor this chair has said yes, and it brings the decision further."""
    if seat_said_its_yes(world, case, row, member, chair):
        return "not_needed"
    before = missing(world, case, row)
    others = [said for said in case.agreements if said.chair != chair]
    yes = replace(case, agreements=[*others, Said(member, chair)])
    after = missing(world, yes, row)
    does_it = not after and "A" in row.get(chair, "")
    if not before - after and not does_it:
        return "not_needed"
    return RECORDED if after else PERFORMED
