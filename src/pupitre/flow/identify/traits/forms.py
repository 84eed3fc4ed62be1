"""Forms of the pages about traits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pupitre.core.forms import HouseForm
from pupitre.flow.identify.models import TraitChoice
from pupitre.flow.identify.models.traits import TEXT_CHARACTERS


class RuleForm(HouseForm):
    """By which rule one of several values is shown."""

    choice = forms.ChoiceField(
        label=_("Where sources say different things, show"),
        widget=forms.RadioSelect,
        choices=[
            (TraitChoice.LATEST.value, _("what was said last")),
            (TraitChoice.FREQUENT.value, _("what most sources and identifiers say")),
            (TraitChoice.SOURCE.value, _("what the most trusted source says")),
        ],
    )
    sources = forms.CharField(
        label=_("Sources, the most trusted first"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line. Those that are not here come after all of these."),
    )

    def __init__(self, *args: Any, known: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = frozenset(known)

    def clean_sources(self) -> tuple[str, ...]:
        lines = tuple(dict.fromkeys(str(self.cleaned_data["sources"]).split()))
        for name in lines:
            if name not in self.known:
                raise forms.ValidationError(
                    _("There is no source “%(name)s”."), params={"name": name}
                )
        return lines


class CorrectionForm(HouseForm):
    """What a customer says is right."""

    trait = forms.ChoiceField(label=_("What is wrong"))
    value = forms.CharField(
        label=_("What is right"),
        required=False,
        max_length=TEXT_CHARACTERS,
        help_text=_("Left empty, what is wrong is shown no more."),
    )

    def __init__(self, *args: Any, traits: Sequence[tuple[str, object]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trait"].choices = [("", "—"), *traits]  # type: ignore[attr-defined]
