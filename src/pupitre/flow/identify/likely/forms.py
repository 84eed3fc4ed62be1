"""The form of an answer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from pupitre.core.forms import HouseForm
from pupitre.flow.identify.likely.actions import REASON_CHARACTERS

ONE, TWO = "one", "two"


class AnswerForm(HouseForm):
    """Are they one person? ``answer`` comes from the button that was pressed."""

    answer = forms.ChoiceField(choices=[(ONE, ONE), (TWO, TWO)], widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("What decided it, if it was not on this page"),
        help_text=_("It stays beside the answer, for stewards: name no customer here."),
        required=False,
        max_length=REASON_CHARACTERS,
    )
