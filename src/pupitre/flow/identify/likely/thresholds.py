"""Where the lines are drawn, from all that stewards have answered; and how sure that makes us."""

from __future__ import annotations

from pupitre.flow.identify.matching import answers
from pupitre.flow.identify.matching.answers import Answer, Precision
from pupitre.flow.identify.matching.contracts import Thresholds
from pupitre.flow.identify.models import MatchAnswer, Proposal


def told() -> tuple[Answer, ...]:
    """Every answer, in the order of the pairs: the same answers draw the same lines."""
    rows = Proposal.objects.filter(
        answer__in=(MatchAnswer.ACCEPTED.value, MatchAnswer.REFUSED.value)
    ).order_by("pk")
    return tuple(
        Answer(weight, probability, answer == MatchAnswer.ACCEPTED)
        for weight, probability, answer in rows.values_list("weight", "probability", "answer")
    )


def current() -> Thresholds:
    return answers.relearnt(told(), Thresholds())


def precision() -> Precision:
    """Of what was proposed: how much of it was one person."""
    return answers.precision(told())
