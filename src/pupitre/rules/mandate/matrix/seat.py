"""One seat's letters, sorted by what they ask of whoever sits there. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pupitre.rules.mandate.matrix.table import Line, Source, held_line, plain


@dataclass(frozen=True, slots=True)
class SeatLetters:
    """The rows in which the seat holds a letter. A row with A and R is in both."""

    accountable: tuple[Line, ...]
    responsible: tuple[Line, ...]
    consulted: tuple[Line, ...]
    informed: tuple[Line, ...]

    @property
    def none(self) -> bool:
        return not (self.accountable or self.responsible or self.consulted or self.informed)


def letters_of(source: Source, seat_id: int) -> SeatLetters:
    places = [place for place, row in source.rows.items() if seat_id in row]
    lines = sorted(
        ((source.rows[place][seat_id], held_line(source, place)) for place in places),
        key=lambda pair: (plain(str(pair[1].activity.name)), pair[1].scope),
    )

    def holding(letter: str) -> tuple[Line, ...]:
        return tuple(line for letters, line in lines if letter in letters)

    return SeatLetters(holding("A"), holding("R"), holding("C"), holding("I"))
