"""What changes between two versions of a matrix: cell by cell, by row, by seat, in a sentence."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.sentences import Count, Sentence, names, say

Rows = Mapping[tuple[str, str], Mapping[int, str]]
RowKey = tuple[str, str]  # (scope, activity)


class ChangeKind(enum.StrEnum):
    ADDED = "added"  # the seat had no letter in the row
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class CellChange:
    scope: str
    activity: str
    seat_id: int
    before: str  # letters, "" where there were none
    after: str

    @property
    def kind(self) -> ChangeKind:
        if not self.before:
            return ChangeKind.ADDED
        return ChangeKind.CHANGED if self.after else ChangeKind.REMOVED


@dataclass(frozen=True, slots=True)
class Comparison:
    """Changes from one matrix to another, in the order of rows and seats.

    A row appears or disappears as a whole; its cells are among the changes all the same.
    """

    changes: tuple[CellChange, ...]
    appeared: tuple[RowKey, ...]
    disappeared: tuple[RowKey, ...]
    handed_over: tuple[RowKey, ...]  # rows in both versions, whose accountable seats differ

    @property
    def same(self) -> bool:
        return not self.changes

    @property
    def counts(self) -> Mapping[ChangeKind, int]:
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in ChangeKind}

    def by_row(self) -> Mapping[RowKey, tuple[CellChange, ...]]:
        """Only rows in which something changes."""
        groups: dict[RowKey, list[CellChange]] = {}
        for change in self.changes:
            groups.setdefault((change.scope, change.activity), []).append(change)
        return {row: tuple(group) for row, group in groups.items()}

    def by_seat(self) -> Mapping[int, tuple[CellChange, ...]]:
        """Only seats for which something changes, in the order of their ids."""
        groups: dict[int, list[CellChange]] = {}
        for change in self.changes:
            groups.setdefault(change.seat_id, []).append(change)
        return {seat: tuple(groups[seat]) for seat in sorted(groups)}

    def by_place(self) -> Mapping[tuple[str, str, int], CellChange]:
        """By (scope, activity, seat id): for a page that walks over all cells."""
        return {(c.scope, c.activity, c.seat_id): c for c in self.changes}


def compare(old_rows: Rows, new_rows: Rows) -> Comparison:
    """What has to change in ``old_rows`` to give ``new_rows``. Rows without letters are no rows."""
    old = {key: row for key, row in old_rows.items() if row}
    new = {key: row for key, row in new_rows.items() if row}
    changes: list[CellChange] = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key, {}), new.get(key, {})
        if before == after:
            continue
        scope, activity = key
        changes.extend(
            CellChange(scope, activity, seat, before.get(seat, ""), after.get(seat, ""))
            for seat in sorted(before.keys() | after.keys())
            if before.get(seat, "") != after.get(seat, "")
        )
    return Comparison(
        changes=tuple(changes),
        appeared=tuple(sorted(new.keys() - old.keys())),
        disappeared=tuple(sorted(old.keys() - new.keys())),
        handed_over=tuple(
            key
            for key in sorted(old.keys() & new.keys())
            if _accountable(old[key]) != _accountable(new[key])
        ),
    )


def comparison_sentence(
    comparison: Comparison,
    *,
    old: int,
    new: int,
    activities: Mapping[str, Bilingual],
    scopes: Mapping[str, Bilingual] = MappingProxyType({}),
) -> tuple[Sentence, ...]:
    """What changes, as a few plain sentences; the first one alone is enough for a heading.

    ``activities`` names them, by key; ``scopes`` the initiatives.
    """
    if comparison.same:
        same = _("Version %(new)s says the same as version %(old)s.")
        return (say(same, new=new, old=old),)
    n, rows = len(comparison.changes), len(comparison.by_row())
    said = [
        say(
            ngettext_lazy(
                "Version %(new)s changes one cell of version %(old)s.",
                "Version %(new)s changes %(count)s cells of version %(old)s.",
                "n",
            )
            if rows == 1
            else _("Version %(new)s changes %(count)s cells of version %(old)s, in %(rows)s rows."),
            new=new,
            old=old,
            n=n,
            count=Count(n),
            rows=Count(rows),
        )
    ]
    for keys, pattern in (
        (
            comparison.handed_over,
            ngettext_lazy(
                "One activity changes hands: %(activities)s.",
                "%(count)s activities change hands: %(activities)s.",
                "n",
            ),
        ),
        (
            comparison.appeared,
            ngettext_lazy(
                "One row appears: %(activities)s.",
                "%(count)s rows appear: %(activities)s.",
                "n",
            ),
        ),
        (
            comparison.disappeared,
            ngettext_lazy(
                "One row disappears: %(activities)s.",
                "%(count)s rows disappear: %(activities)s.",
                "n",
            ),
        ),
    ):
        if keys:
            count = Count(len(keys), capital=True)
            called = names(_named(keys, activities, scopes))
            said.append(say(pattern, n=len(keys), count=count, activities=called))
    return tuple(said)


def _accountable(row: Mapping[int, str]) -> frozenset[int]:
    return frozenset(seat for seat, letters in row.items() if "A" in letters)


def _named(
    keys: Iterable[RowKey], activities: Mapping[str, Bilingual], scopes: Mapping[str, Bilingual]
) -> Iterable[Bilingual]:
    for scope, key in keys:
        name = activities.get(key) or Bilingual(fr=key, en=key)
        if scope:
            of = scopes.get(scope) or Bilingual(fr=scope, en=scope)
            name = Bilingual(
                fr=f"{name.in_language('fr')} ({of.in_language('fr')})",
                en=f"{name.in_language('en')} ({of.in_language('en')})",
            )
        yield name
