"""Remedies that can be worked out: a few cells each, and never a new error in exchange."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from pupitre.rules.mandate.contracts import JOINT_KINDS, Activity, FunctionKind
from pupitre.rules.mandate.findings.company import NEIGHBOURS, OWNERS, Company
from pupitre.rules.mandate.findings.finding import Edit, Fix, Place
from pupitre.rules.mandate.sentences import Name, names, say

FIXES_SHOWN = 3  # more buttons than that is no longer one click
OPINIONS_KEPT = 3  # seats that keep their C where everybody was consulted
_STRENGTH = {"": 0, "I": 1, "C": 2, "R": 3, "A": 4, "AR": 5}
_MERGED = {
    (one, other): "AR" if {one, other} == {"A", "R"} else max(one, other, key=_STRENGTH.__getitem__)
    for one in _STRENGTH
    for other in _STRENGTH
}


def merge(one: str, other: str) -> str:
    """What a seat holds when two seats' letters come together in it."""
    return _MERGED[one, other]


def keep_one(company: Company, place: tuple[str, str], accountable: list[int]) -> tuple[Fix, ...]:
    """For several A: keep one, and go on asking the others."""
    row = company.rows[place]
    fixes = []
    for kept in accountable:
        if kept not in company.occupied:
            continue
        edits = tuple(
            (*place, seat, "R" if row[seat] == "AR" else "C")
            for seat in accountable
            if seat != kept
        )
        label = say(_("Keep only %(seat)s"), seat=Name(company.seat_name(kept)))
        fixes.append(Fix(label, edits))
    return tuple(fixes[:FIXES_SHOWN])


def let_approve(
    company: Company, place: tuple[str, str], responsible: list[int], activity: Activity
) -> tuple[Fix, ...]:
    """For no A: those who act could approve; else the natural owner of the domain."""
    row = company.rows[place]
    acting = [seat for seat in responsible if seat in company.occupied]
    acting.sort(key=lambda seat: (not company.law.seats[seat].heads, seat))
    fixes = [
        Fix(
            say(_("Let %(seat)s approve"), seat=Name(company.seat_name(seat))),
            ((*place, seat, merge(row.get(seat, ""), "A")),),
        )
        for seat in (acting or company.heads(OWNERS[activity.domain]))
    ]
    return tuple(fixes[:FIXES_SHOWN])


def let_act(company: Company, place: tuple[str, str], accountable: list[int]) -> tuple[Fix, ...]:
    """For no R: the seat that approves can do it too."""
    return tuple(
        Fix(
            say(_("Let %(seat)s act too"), seat=Name(company.seat_name(seat))),
            ((*place, seat, "AR"),),
        )
        for seat in accountable[:1]
        if len(accountable) == 1 and seat in company.occupied
    )


def give_voice(company: Company, place: tuple[str, str], kind: FunctionKind) -> tuple[Fix, ...]:
    """For a joint activity without one of its functions: ask its head, or let it act."""
    fixes = []
    for seat in company.heads((kind,)):
        name = Name(company.seat_name(seat))
        fixes.append(Fix(say(_("Ask %(seat)s"), seat=name), ((*place, seat, "C"),)))
        fixes.append(Fix(say(_("Let %(seat)s act"), seat=name), ((*place, seat, "R"),)))
    return tuple(fixes)


def first_row(company: Company, key: str) -> tuple[Fix, ...]:
    """For an activity without a row: a short one that holds, to be improved later."""
    activity = company.activity(key)
    joint = company.heads(JOINT_KINDS)
    owners = company.heads(OWNERS[activity.domain]) or joint
    if not owners or (activity.joint and len(joint) < len(JOINT_KINDS)):
        return ()
    owner = owners[0]
    letters = {owner: "AR"}
    if activity.joint:
        letters |= {seat: "R" for seat in joint if seat != owner}
    for neighbour in company.heads((*NEIGHBOURS[activity.domain], *JOINT_KINDS)):
        if neighbour not in letters:
            letters[neighbour] = "I"
            break
    label = say(_("Begin with %(seat)s"), seat=Name(company.seat_name(owner)))
    return (Fix(label, tuple(("", key, seat, given) for seat, given in letters.items())),)


def hand_over(company: Company, seat_id: int, cells: tuple[Place, ...]) -> tuple[Fix, ...]:
    """For letters on an empty chair: give them to whoever is nearest, or take idle ones away."""
    fixes = []
    heir = _heir(company, seat_id, cells)
    if heir is not None:
        edits: list[Edit] = []
        for scope, activity, seat in cells:
            row = company.rows[scope, activity]
            edits.append((scope, activity, seat, ""))
            edits.append((scope, activity, heir, _MERGED[row.get(heir, ""), row[seat]]))
        label = say(_("Give them to %(seat)s"), seat=Name(company.seat_name(heir)))
        fixes.append(Fix(label, tuple(edits)))
    if all(_idle(company, cell) for cell in cells):
        emptied = tuple((*cell, "") for cell in cells)
        fixes.append(Fix(say(_("Take its letters away")), emptied))
    return tuple(fixes)


def _heir(company: Company, seat_id: int, cells: tuple[Place, ...]) -> int | None:
    """Nearest occupied superior, a colleague of the same function first where it must speak."""
    seat = company.law.seats.get(seat_id)
    if seat is None:
        return None
    above = [other for other in company.above(seat_id) if other in company.occupied]
    own = [other for other in above if company.law.seats[other].kind is seat.kind]
    if own:
        return own[0]
    colleagues = company.by_kind.get(seat.kind, ())
    if colleagues:
        return colleagues[0]
    joint = any(company.activity(activity).joint for _scope, activity, _seat in cells)
    return above[0] if above and not (joint and seat.kind in JOINT_KINDS) else None


def _idle(company: Company, cell: Place) -> bool:
    """Whether nothing rests on this cell: the row stays as right as it was without it."""
    scope, activity, seat = cell
    row = company.rows[scope, activity]
    if len(row) == 1:
        return False  # the row itself would go
    return row[seat] == "I" or (row[seat] == "C" and not company.activity(activity).joint)


def tell(company: Company, place: tuple[str, str], seat: int) -> tuple[Fix, ...]:
    label = say(_("Inform %(seat)s"), seat=Name(company.seat_name(seat)))
    return (Fix(label, ((*place, seat, "I"),)),)


def swap(company: Company, place: tuple[str, str], lower: int, upper: int) -> tuple[Fix, ...]:
    """For an A that reports to an R: the superior approves, the other acts."""
    label = say(_("Let %(seat)s approve"), seat=Name(company.seat_name(upper)))
    return (Fix(label, ((*place, lower, "R"), (*place, upper, "A"))),)


def ask_fewer(company: Company, place: tuple[str, str], consulted: list[int]) -> tuple[Fix, ...]:
    """For everybody consulted: keep those whose word weighs most, tell the others."""
    weight = (*JOINT_KINDS, FunctionKind.DATA, FunctionKind.LEGAL, FunctionKind.RELATIONS)
    seats = company.law.seats

    def rank(seat: int) -> tuple[int, bool, int]:
        kind = seats[seat].kind
        order = weight.index(kind) if kind in weight else len(weight)
        return (order, not seats[seat].heads, seat)

    known = sorted((seat for seat in consulted if seat in company.occupied), key=rank)
    kept = _one_of_each(company, known)[:OPINIONS_KEPT]
    edits = tuple((*place, seat, "I") for seat in known if seat not in kept)
    if not kept or not edits:
        return ()
    label = say(
        _("Ask only %(seats)s; tell the others"), seats=names(company.seat_name(s) for s in kept)
    )
    return (Fix(label, edits),)


def _one_of_each(company: Company, ranked: Iterable[int]) -> list[int]:
    """The first seat of each function, in order: a second voice of one adds least."""
    first: dict[FunctionKind, int] = {}
    for seat in ranked:
        first.setdefault(company.law.seats[seat].kind, seat)
    return list(first.values())


def remove_row(place: tuple[str, str], row: Mapping[int, str]) -> tuple[Fix, ...]:
    return (Fix(say(_("Remove the row")), tuple((*place, seat, "") for seat in row)),)
