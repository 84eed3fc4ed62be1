"""Forms of the pages about sources."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from pupitre.core.forms import HouseForm
from pupitre.flow.collect.sources.checks import NAME_CHARACTERS, WHY_CHARACTERS
from pupitre.flow.collect.sources.keys import LABEL_CHARACTERS, MAX_OVERLAP_DAYS
from pupitre.flow.collect.words import CHANNELS
from pupitre.rules.mandate.contracts import SeatView


class SourceForm(HouseForm):
    """A source that exists: what may change about it."""

    name_fr = forms.CharField(label=_("Name in French"), max_length=NAME_CHARACTERS)
    name_en = forms.CharField(
        label=_("Name in English"),
        max_length=NAME_CHARACTERS,
        required=False,
        help_text=_("Left empty, the French name serves for both languages."),
    )
    why = forms.CharField(
        label=_("What marketing wants it for"),
        max_length=WHY_CHARACTERS,
        widget=forms.Textarea,
        help_text=_("A question that these events will answer, or something that customers get."),
    )
    owner = forms.TypedChoiceField(
        label=_("Seat that owns it"),
        coerce=int,
        help_text=_("It is told of what is refused, and answers for what is sent."),
    )
    allowed_origins = forms.CharField(
        label=_("Sites that may send from a browser"),
        required=False,
        widget=forms.Textarea,
        help_text=_(
            "One address a line: https://www.example.com. Left empty, any site may; servers and "
            "applications are not concerned."
        ),
    )

    def __init__(self, *args: Any, seats: tuple[SeatView, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((seat.id, f"{seat.name} · {seat.function}") for seat in seats),
        ]

    def clean_allowed_origins(self) -> tuple[str, ...]:
        lines = str(self.cleaned_data["allowed_origins"]).split()
        return tuple(dict.fromkeys(line.rstrip("/").lower() for line in lines))


class NewSourceForm(SourceForm):
    """A source to be opened."""

    channel = forms.ChoiceField(
        label=_("Channel"), choices=[("", "—"), *((c.value, name) for c, name in CHANNELS.items())]
    )
    key = forms.CharField(
        label=_("Name in the lake"),
        required=False,
        max_length=40,
        help_text=_(
            "Small letters, digits and hyphens; it never changes. Left empty, it is made from the "
            "name."
        ),
    )
    field_order = ("name_fr", "name_en", "key", "why", "channel", "owner", "allowed_origins")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("key"):
            name = cleaned.get("name_en") or cleaned.get("name_fr") or ""
            cleaned["key"] = slugify(name)[:40].strip("-").replace("_", "-")
        return cleaned


class KeyForm(HouseForm):
    """A new write key."""

    label = forms.CharField(
        label=_("Where it will be used"),
        required=False,
        max_length=LABEL_CHARACTERS,
        help_text=_("So that people know later which key is which: “shop in Nantes, till 2”."),
    )


class RotationForm(HouseForm):
    """A new key in the place of another."""

    overlap_days = forms.IntegerField(
        label=_("Days for which both are taken"),
        min_value=0,
        max_value=MAX_OVERLAP_DAYS,
        initial=7,
        help_text=_("Time to replace the old one wherever it is. 0: it ends at once."),
    )


class NothingToFill(HouseForm):
    """A question that is answered by yes alone."""
