"""What can be wrong with a seat across rows, and with the list of rows itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.findings import fixes
from pupitre.rules.mandate.findings.company import Company
from pupitre.rules.mandate.findings.finding import Finding, Place
from pupitre.rules.mandate.findings.rows import RowLetters
from pupitre.rules.mandate.findings.words import FindingCode
from pupitre.rules.mandate.sentences import named

# How much one seat can carry, as a share of the company's rows: a quarter of all approvals makes
# a bottleneck of one agenda, a third of all the work makes a to-do list that nobody finishes.
# Below the floors a share says nothing: a small company has few hands for many activities.
ACCOUNTABLE_SHARE = 0.25
ACCOUNTABLE_FLOOR = 12  # rows
RESPONSIBLE_SHARE = 1 / 3
RESPONSIBLE_FLOOR = 15  # rows


def check_empty_chairs(company: Company, rows: Sequence[RowLetters]) -> Iterator[Finding]:
    """One finding a seat, however many letters it holds: it has one remedy."""
    cells: dict[int, list[Place]] = {}
    occupied = company.occupied
    for letters in rows:
        if not occupied.issuperset(letters.row):
            for seat in letters.row.keys() - occupied:
                cells.setdefault(seat, []).append((*letters.place, seat))
    for seat, held in sorted(cells.items()):
        facts = company.law.seats.get(seat)
        closed = facts is None or (facts.closed_on is not None and facts.closed_on <= company.day)
        places = tuple(held)
        about = dict.fromkeys(activity for _scope, activity, _seat in places)
        yield Finding(
            code=FindingCode.SEAT_CLOSED if closed else FindingCode.SEAT_VACANT,
            scope="",
            activity=None,
            seats=(seat,),
            cells=places,
            fixes=fixes.hand_over(company, seat, places),
            subject=company.seat_name(seat),
            values=(
                ("n", len(places)),
                ("activities", named(about, lambda key: company.activity(key).name)),
            ),
        )


def check_loads(company: Company, rows: Sequence[RowLetters]) -> Iterator[Finding]:
    """Too many A, too many R, over the company's own rows: initiatives come and go."""
    own = [letters for letters in rows if not letters.place[0]]
    total = len(own)
    accountable: Counter[int] = Counter()
    responsible: Counter[int] = Counter()
    for letters in own:
        accountable.update(letters.accountable)
        responsible.update(letters.responsible)
    for code, held, limit in (
        (
            FindingCode.TOO_MANY_ACCOUNTABLE,
            accountable,
            max(ACCOUNTABLE_FLOOR, ACCOUNTABLE_SHARE * total),
        ),
        (
            FindingCode.TOO_MANY_RESPONSIBLE,
            responsible,
            max(RESPONSIBLE_FLOOR, RESPONSIBLE_SHARE * total),
        ),
    ):
        letter = "A" if code is FindingCode.TOO_MANY_ACCOUNTABLE else "R"
        for seat in sorted(seat for seat, n in held.items() if n > limit):
            yield Finding(
                code=code,
                scope="",
                activity=None,
                seats=(seat,),
                cells=tuple((*row.place, seat) for row in own if letter in row.row.get(seat, "")),
                subject=company.seat_name(seat),
                values=(("n", held[seat]), ("total", total)),
            )


def check_silent_seats(company: Company, lettered: frozenset[int]) -> Iterator[Finding]:
    """Occupied seats that the matrix never names: one finding for all of them."""
    silent = tuple(sorted(company.occupied - lettered))
    if silent:
        yield Finding(
            code=FindingCode.SEATS_WITHOUT_LETTER,
            scope="",
            activity=None,
            seats=silent,
            values=(
                ("n", len(silent)),
                ("seats", named(silent, company.seat_name)),
            ),
        )


def check_missing_rows(company: Company) -> Iterator[Finding]:
    """Enforced activities without a row, and the company's own."""
    written = {key for (scope, key), row in company.rows.items() if not scope and row}
    for key in sorted((company.enforced | company.law.activities.keys()) - written):
        enforced = key in company.enforced
        yield Finding(
            code=FindingCode.NO_ROW if enforced else FindingCode.ACTIVITY_WITHOUT_ROW,
            scope="",
            activity=key,
            seats=(),
            fixes=fixes.first_row(company, key),
            subject=_name(company, key),
        )


def _name(company: Company, key: str) -> Bilingual:
    return company.activity(key).name
