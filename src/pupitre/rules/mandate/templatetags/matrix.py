"""What templates about matrices ask for: a row in words."""

from __future__ import annotations

from django import template

from pupitre.rules.mandate.matrix.story import story as story_of
from pupitre.rules.mandate.matrix.table import Line
from pupitre.rules.mandate.sentences import Sentence

register = template.Library()


@register.filter
def story(line: Line) -> tuple[Sentence, ...]:
    """What happens when somebody acts, sentence by sentence."""
    return story_of(line)
