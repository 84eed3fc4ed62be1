"""A row in words: what happens when somebody acts. Pure; said in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from pupitre.rules.mandate.contracts import Activity
from pupitre.rules.mandate.matrix.table import Line, Mark
from pupitre.rules.mandate.sentences import Count, Names, Sentence, names, say


def story(line: Line) -> tuple[Sentence, ...]:
    """Sentences to read one after the other. They follow ``ruling.rule``, letter by letter."""
    decide, do = _with(line, "A"), _with(line, "R")
    asked, told = _with(line, "C"), _with(line, "I")
    if not line.held:
        return (say(_("Nobody holds a letter here.")),)
    said = (
        _enforced(line.activity, decide, do, asked)
        if line.activity.enforced
        else _own(decide, do, asked)
    )
    if told:
        said = (
            *said,
            say(
                ngettext_lazy(
                    "%(seats)s is told afterwards.", "%(seats)s are told afterwards.", "n"
                ),
                n=len(told),
                seats=_names(told),
            ),
        )
    empty = [mark for mark in line.held if mark.vacant]
    if empty:
        said = (
            *said,
            say(
                ngettext_lazy(
                    "Nobody can speak for %(seats)s today: the seat is vacant.",
                    "Nobody can speak for %(seats)s today: these seats are vacant.",
                    "n",
                ),
                n=len(empty),
                seats=_names(empty),
            ),
        )
    if not line.activity.enforced:
        said = (*said, say(_("Pupitre shows this row; people keep to it by themselves.")))
    return said


def _enforced(
    activity: Activity, decide: list[Mark], do: list[Mark], asked: list[Mark]
) -> tuple[Sentence, ...]:
    said: list[Sentence] = []
    others = [mark for mark in do if "A" not in mark.letters]
    waits = activity.four_eyes or activity.joint or bool(asked)
    if decide:
        said.append(
            say(
                ngettext_lazy(
                    "%(seats)s decides, once the others have been heard.",
                    "%(seats)s decide, once the others have been heard.",
                    "n",
                )
                if waits
                else ngettext_lazy(
                    "%(seats)s decides, and it is done at once.",
                    "%(seats)s decide, and it is done at once.",
                    "n",
                ),
                n=len(decide),
                seats=_names(decide),
            )
        )
    if others:
        said.append(
            say(
                ngettext_lazy(
                    "%(seats)s may ask for it: a decision is opened, and waits.",
                    "%(seats)s may ask for it: a decision is opened, and waits.",
                    "n",
                ),
                n=len(others),
                seats=_names(others),
            )
        )
    if asked:
        said.append(
            say(
                ngettext_lazy(
                    "%(seats)s is asked first and has %(days)s days to answer.",
                    "%(seats)s are asked first and have %(days)s days to answer.",
                    "n",
                ),
                n=len(asked),
                seats=_names(asked),
                days=Count(activity.opinion_days),
            )
        )
    if activity.joint:
        said.append(say(_("Marketing and IT must both say yes, by two different people.")))
    elif activity.four_eyes:
        said.append(say(_("Two different people must say yes.")))
    said.append(say(_("Nobody approves what they asked for themselves.")))
    return tuple(said)


def _own(decide: list[Mark], do: list[Mark], asked: list[Mark]) -> tuple[Sentence, ...]:
    said: list[Sentence] = []
    if decide:
        said.append(
            say(
                ngettext_lazy(
                    "%(seats)s decides, and answers for it.",
                    "%(seats)s decide, and answer for it.",
                    "n",
                ),
                n=len(decide),
                seats=_names(decide),
            )
        )
    if do:
        said.append(
            say(
                ngettext_lazy("%(seats)s does it.", "%(seats)s do it.", "n"),
                n=len(do),
                seats=_names(do),
            )
        )
    if asked:
        said.append(
            say(
                ngettext_lazy("%(seats)s is asked before.", "%(seats)s are asked before.", "n"),
                n=len(asked),
                seats=_names(asked),
            )
        )
    return tuple(said)


def _with(line: Line, letter: str) -> list[Mark]:
    return [mark for mark in line.held if letter in mark.letters]


def _names(marks: Iterable[Mark]) -> Names:
    return names(mark.seat.name for mark in marks)
