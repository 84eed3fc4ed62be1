"""Forms of the pages about requests by right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pupitre.core.forms import HouseForm
from pupitre.flow.identify.models.rights import (
    ASKER_CHARACTERS,
    REASON_CHARACTERS,
    WORDS_CHARACTERS,
    Way,
)
from pupitre.flow.identify.rights.words import ASKED, CHECKS_BY_HAND, KINDS, REFUSING, RIGHTS, WAYS

_BLANK = ("", "—")
# By which words a request comes in; a customer's own page has its own way.
_BY_HAND = {way: name for way, name in WAYS.items() if way != Way.PREFERENCES}


class WhoForm(HouseForm):
    """Who it is about: one thing by which we may know them."""

    kind = forms.ChoiceField(label=_("Known by"), required=False, choices=[*KINDS.items()])
    value = forms.CharField(
        label=_("Which one"),
        required=False,
        max_length=255,
        help_text=_("As they wrote it: an e-mail address, a telephone, a card, a customer number."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].initial = "email"
        self.fields["value"].widget.attrs["autocomplete"] = "off"


class NewRequestForm(WhoForm):
    """A request as it came."""

    right = forms.ChoiceField(
        label=_("What they ask"),
        choices=[_BLANK, *((key, RIGHTS[key]) for key in ASKED)],
    )
    way = forms.ChoiceField(label=_("How it came"), choices=[_BLANK, *_BY_HAND.items()])
    received_on = forms.DateField(
        label=_("Received on"),
        help_text=_("The day on which it reached the company, wherever: the clock runs from it."),
    )
    asker = forms.CharField(
        label=_("Who asks, in their words"),
        required=False,
        max_length=ASKER_CHARACTERS,
        help_text=_("Needed where nobody is found by what is above."),
    )
    words = forms.CharField(
        label=_("What they wrote or said"),
        required=False,
        max_length=WORDS_CHARACTERS,
        widget=forms.Textarea,
        help_text=_("It stays with this request alone, and goes when they are erased."),
    )
    field_order = ("right", "kind", "value", "asker", "way", "received_on", "words")


class CheckForm(HouseForm):
    how = forms.ChoiceField(
        label=_("How we know who asks"),
        choices=[*CHECKS_BY_HAND.items()],
        widget=forms.RadioSelect,
        help_text=_("Copies of identity papers are not asked for, and never kept."),
    )


class ExtendForm(HouseForm):
    reason = forms.CharField(
        label=_("Why two more months"),
        max_length=REASON_CHARACTERS,
        widget=forms.Textarea,
        help_text=_("The law knows two reasons: it is complex, or they sent many."),
    )
    told = forms.BooleanField(label=_("They were told, with this reason"), required=False)


class RefuseForm(HouseForm):
    why = forms.ChoiceField(label=_("Why"), choices=[*REFUSING.items()], widget=forms.RadioSelect)


class AnswerForm(HouseForm):
    answer = forms.CharField(
        label=_("What they are told"),
        required=False,
        max_length=WORDS_CHARACTERS,
        widget=forms.Textarea,
        help_text=_("It stays with this request alone, and goes when they are erased."),
    )


class NothingToFill(HouseForm):
    """A question that is answered by yes alone."""
