"""The sentence that a page about a matrix opens with."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from pupitre.rules.mandate.findings.finding import Finding, errors
from pupitre.rules.mandate.sentences import Count, Sentence, say


@dataclass(frozen=True, slots=True)
class Opening:
    """``lead`` then ``point`` (the part to emphasise) then ``rest``, which brings its own stop."""

    lead: Sentence
    point: Sentence | None
    rest: Sentence

    def __str__(self) -> str:
        point = "" if self.point is None else f" {self.point}"
        return f"{self.lead}{point}{self.rest}"


_STOP = say(".")


def opening_sentence(
    findings: tuple[Finding, ...], number: int, *, in_force: bool = False
) -> Opening:
    """How version ``number`` stands: what keeps it from ruling, or that nothing does.

    A version in force may have become wrong since: people leave their seats.
    """
    blocking = errors(findings)
    n = len(blocking)
    if blocking:
        first = blocking[0]
        rest = _STOP if first.rule is None else say(_("; %(rule)s."), rule=first.rule)
        return Opening(_blocked(n, number, in_force), first.headline, rest)
    state = (
        _("Version %(number)s is in force.")
        if in_force
        else _("Nothing keeps version %(number)s from entering into force.")
    )
    lead = say(state, number=number)
    n = len(findings)
    if not n:
        return Opening(lead, None, say(""))
    point = ngettext_lazy("One point deserves a look", "%(count)s points deserve a look", "n")
    return Opening(lead, say(point, n=n, count=Count(n, capital=True)), _STOP)


def _blocked(n: int, number: int, in_force: bool) -> Sentence:
    pattern: Promise
    if in_force:
        pattern = ngettext_lazy(
            "Version %(number)s is in force with one error:",
            "Version %(number)s is in force with %(count)s errors, the first of them:",
            "n",
        )
        return say(pattern, n=n, count=Count(n), number=number)
    pattern = ngettext_lazy(
        "One error keeps version %(number)s from entering into force:",
        "%(count)s errors keep version %(number)s from entering into force. The first:",
        "n",
    )
    return say(pattern, n=n, count=Count(n, capital=True), number=number)
