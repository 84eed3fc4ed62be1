"""What can be wrong in one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pupitre.rules.mandate.contracts import JOINT_KINDS, Activity, FunctionKind
from pupitre.rules.mandate.findings import fixes
from pupitre.rules.mandate.findings.company import NEIGHBOURS, Company
from pupitre.rules.mandate.findings.finding import Finding, Fix
from pupitre.rules.mandate.findings.words import FindingCode
from pupitre.rules.mandate.sentences import Count, Name, Value, names

# A row is over-consulted when all who hold letters must be asked (and three or more are), or
# more than three fifths of them: past that share, asking is a plebiscite and not advice.
EVERYBODY_SHARE = 0.6
EVERYBODY_AT_LEAST = 5  # seats; in a smaller circle three fifths is only two or three people
ALL_OTHERS_AT_LEAST = 3
_TOLD_VARIANTS = {"relations", "marketing", "it", "hr", "data"}


@dataclass(frozen=True, slots=True)
class RowLetters:
    """One row sorted by letter. A seat that is both A and R is in both lists."""

    place: tuple[str, str]
    row: Mapping[int, str]
    accountable: list[int]
    responsible: list[int]
    consulted: list[int]
    informed: list[int]


def sort_row(place: tuple[str, str], row: Mapping[int, str]) -> RowLetters:
    sorted_row = RowLetters(place, row, [], [], [], [])
    accountable, responsible = sorted_row.accountable, sorted_row.responsible
    consulted, informed = sorted_row.consulted, sorted_row.informed
    for seat, letters in row.items():
        if letters == "C":
            consulted.append(seat)
        elif letters == "I":
            informed.append(seat)
        elif letters == "R":
            responsible.append(seat)
        elif letters == "A":
            accountable.append(seat)
        elif letters == "AR":
            accountable.append(seat)
            responsible.append(seat)
    return sorted_row


def check_row(company: Company, letters: RowLetters, *, voices: int) -> Iterator[Finding]:
    """``voices``: how many seats hold a letter anywhere in the matrix."""
    scope, key = letters.place
    activity = company.activity(key)
    yield from _check_accountable(company, letters, activity)
    yield from _check_responsible(company, letters, activity)
    if activity.joint:
        yield from _check_joint(company, letters, activity)
    if key not in company.law.activities:
        fix = fixes.remove_row(letters.place, letters.row)
        yield _found(company, FindingCode.ACTIVITY_UNKNOWN, letters, activity, fixes=fix)
        return  # an orphan row need not be polished
    yield from _check_decidable(company, letters, activity)
    yield from _check_line(company, letters, activity)
    yield from _check_circle(company, letters, activity, voices=voices)
    if scope and company.rows.get(("", key)) == letters.row:
        yield _found(
            company,
            FindingCode.SCOPE_CHANGES_NOTHING,
            letters,
            activity,
            fixes=fixes.remove_row(letters.place, letters.row),
            scope=Name(company.scope_name(scope) or activity.name),
        )


def _found(
    company: Company,
    code: FindingCode,
    letters: RowLetters,
    activity: Activity,
    *,
    seats: tuple[int, ...] = (),
    fixes: tuple[Fix, ...] = (),
    variant: str = "",
    **values: Value,
) -> Finding:
    scope, key = letters.place
    return Finding(
        code=code,
        scope=scope,
        activity=key,
        seats=seats,
        cells=tuple((scope, key, seat) for seat in seats if seat in letters.row),
        fixes=fixes,
        variant=variant,
        subject=activity.name,
        scope_name=company.scope_name(scope),
        values=tuple(values.items()),
    )


def _check_accountable(
    company: Company, letters: RowLetters, activity: Activity
) -> Iterator[Finding]:
    accountable = letters.accountable
    if not accountable:
        yield _found(
            company,
            FindingCode.NO_ACCOUNTABLE,
            letters,
            activity,
            fixes=fixes.let_approve(company, letters.place, letters.responsible, activity),
        )
    elif len(accountable) > 1:
        yield _found(
            company,
            FindingCode.SEVERAL_ACCOUNTABLE,
            letters,
            activity,
            seats=tuple(accountable),
            fixes=fixes.keep_one(company, letters.place, accountable),
            seats_named=names(company.seat_name(seat) for seat in accountable),
            count=Count(len(accountable)),
        )


def _check_responsible(
    company: Company, letters: RowLetters, activity: Activity
) -> Iterator[Finding]:
    if not letters.responsible:
        yield _found(
            company,
            FindingCode.NO_RESPONSIBLE,
            letters,
            activity,
            seats=tuple(letters.accountable),
            fixes=fixes.let_act(company, letters.place, letters.accountable),
        )


def _check_joint(company: Company, letters: RowLetters, activity: Activity) -> Iterator[Finding]:
    for kind in JOINT_KINDS:
        held = sorted(company.joint[kind] & letters.row.keys())
        if any(letters.row[seat] != "I" for seat in held):
            continue
        told = "told" if held else "absent"
        yield _found(
            company,
            FindingCode.JOINT_ONE_SIDED,
            letters,
            activity,
            seats=tuple(held),
            fixes=fixes.give_voice(company, letters.place, kind),
            variant=f"{kind}.{told}",
        )


def _check_decidable(
    company: Company, letters: RowLetters, activity: Activity
) -> Iterator[Finding]:
    """Whether the people who are there could ever give the two voices that are asked for."""
    variant = None
    if activity.joint:
        variant = _joint_deadlock(company, letters)
    if variant is None and activity.four_eyes and letters.accountable and letters.responsible:
        # A seat says yes once, whoever speaks from it: two seats are needed, and two people.
        seats = company.occupied & {*letters.accountable, *letters.responsible}
        if len(seats) == 1 or len(_voices_of(company, list(seats))) == 1:
            variant = "four_eyes"
    if variant is not None:
        yield _found(
            company,
            FindingCode.CANNOT_BE_DECIDED,
            letters,
            activity,
            seats=tuple(seat for seat, given in letters.row.items() if given != "I"),
            variant=variant,
        )


def _joint_deadlock(company: Company, letters: RowLetters) -> str | None:
    """None where two different people can speak for the two, or where an error says so already."""
    spoken: list[set[int]] = []
    for kind in JOINT_KINDS:
        there = company.joint[kind] & company.occupied & letters.row.keys()
        seats = [seat for seat in there if letters.row[seat] != "I"]
        if not seats:
            return None
        voices = _voices_of(company, seats, of_department=True)
        if not voices:
            return str(kind)
        spoken.append(voices)
    return "one_person" if len(spoken[0] | spoken[1]) < 2 else None


def _voices_of(company: Company, seats: list[int], *, of_department: bool = False) -> set[int]:
    """People who can speak from these seats. Stops at two: no question here needs more."""
    people: set[int] = set()
    for seat in seats:
        if seat in company.occupied:
            people |= {m for m, counts in company.voices(seat) if counts or not of_department}
        if len(people) > 1:
            break
    return people


def _check_line(company: Company, letters: RowLetters, activity: Activity) -> Iterator[Finding]:
    if len(letters.accountable) != 1:
        return
    lower = letters.accountable[0]
    above = company.above(lower)
    if not above:
        return
    acting = frozenset(letters.responsible)
    upper = next((seat for seat in above if seat in acting), None)
    if upper is not None:
        yield _found(
            company,
            FindingCode.REPORTS_TO_RESPONSIBLE,
            letters,
            activity,
            seats=(lower, upper),
            fixes=fixes.swap(company, letters.place, lower, upper),
            accountable=Name(company.seat_name(lower)),
            responsible=Name(company.seat_name(upper)),
        )


def _check_circle(
    company: Company, letters: RowLetters, activity: Activity, *, voices: int
) -> Iterator[Finding]:
    """Who is asked and told: nobody, or everybody."""
    asked = len(letters.consulted)
    if not asked and not letters.informed:
        kinds = (*NEIGHBOURS[activity.domain], *JOINT_KINDS)
        left = [s for s in company.heads(kinds) if s not in letters.row]
        kind: FunctionKind | None = company.law.seats[left[0]].kind if left else None
        yield _found(
            company,
            FindingCode.NOBODY_TOLD,
            letters,
            activity,
            fixes=fixes.tell(company, letters.place, left[0]) if left else (),
            variant=str(kind) if kind in _TOLD_VARIANTS else "",
        )
        return
    others = voices - len(set(letters.accountable) | set(letters.responsible))
    all_others = asked >= others and asked >= ALL_OTHERS_AT_LEAST
    if all_others or (asked >= EVERYBODY_AT_LEAST and asked > EVERYBODY_SHARE * voices):
        yield _found(
            company,
            FindingCode.EVERYBODY_CONSULTED,
            letters,
            activity,
            seats=tuple(letters.consulted),
            fixes=fixes.ask_fewer(company, letters.place, letters.consulted),
            count=Count(asked, capital=True),
            total=voices,
        )
