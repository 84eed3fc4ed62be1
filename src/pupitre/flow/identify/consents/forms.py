"""Forms of the pages about consents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pupitre.core.forms import HouseForm
from pupitre.flow.identify.book.reading import Identified
from pupitre.flow.identify.consents.law import CHANNELS, way
from pupitre.flow.identify.consents.masking import masked
from pupitre.flow.identify.consents.purposes import PurposeRow
from pupitre.flow.identify.models import Said
from pupitre.flow.identify.models.consents import (
    ABOUT_CHARACTERS,
    KEY_CHARACTERS,
    NAME_CHARACTERS,
    PLACE_CHARACTERS,
    REASON_CHARACTERS,
    WORDING_CHARACTERS,
)

_ENGLISH = _("Left empty, the French serves for both languages.")


class PurposeForm(HouseForm):
    """A purpose that exists: what may change about it."""

    name_fr = forms.CharField(label=_("Name in French"), max_length=NAME_CHARACTERS)
    name_en = forms.CharField(
        label=_("Name in English"),
        max_length=NAME_CHARACTERS,
        required=False,
        help_text=_ENGLISH,
    )
    about_fr = forms.CharField(
        label=_("What it is for, in French"),
        max_length=ABOUT_CHARACTERS,
        widget=forms.Textarea,
        help_text=_("Customers read it: what we do with it, and what they get."),
    )
    about_en = forms.CharField(
        label=_("What it is for, in English"),
        max_length=ABOUT_CHARACTERS,
        widget=forms.Textarea,
        required=False,
        help_text=_ENGLISH,
    )
    channels = forms.MultipleChoiceField(
        label=_("On which channels we ask"),
        choices=tuple(CHANNELS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    wording_fr = forms.CharField(
        label=_("The sentence that they agree to, in French"),
        max_length=WORDING_CHARACTERS,
        widget=forms.Textarea,
        help_text=_("Another sentence is another version: what was agreed to stays as it was."),
    )
    wording_en = forms.CharField(
        label=_("The sentence that they agree to, in English"),
        max_length=WORDING_CHARACTERS,
        widget=forms.Textarea,
        required=False,
        help_text=_ENGLISH,
    )
    earlier_count = forms.BooleanField(
        label=_("Earlier consents still count"),
        required=False,
        help_text=_(
            "Where the sentence changes. Tick it only if it says the same in other words: left "
            "unticked, whoever agreed to the earlier sentence is asked again."
        ),
    )
    prospecting = forms.BooleanField(
        label=_("It serves to sell"),
        required=False,
        help_text=_("Who objects to prospecting gets none of it, whatever they agreed to."),
    )
    retired = forms.BooleanField(
        label=_("We ask no longer"),
        required=False,
        help_text=_("From then on nobody’s consent to it may be used. What was said stays."),
    )


class NewPurposeForm(PurposeForm):
    key = forms.CharField(
        label=_("Key"),
        max_length=KEY_CHARACTERS,
        help_text=_("As sources write it in their events, such as “marketing”. It stays for ever."),
    )
    retired = None  # type: ignore[assignment]
    earlier_count = None  # type: ignore[assignment]
    field_order = ("key",)


class SourceForm(HouseForm):
    """Whether a source's word makes consents."""

    heard = forms.TypedChoiceField(
        label=_("The consents that it says are given"),
        coerce=lambda value: value == "yes",
        choices=(
            ("yes", _("They count")),
            ("no", _("They do not count")),
        ),
        widget=forms.RadioSelect,
        help_text=_("What it said before follows at once, and nothing of it is rewritten."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=REASON_CHARACTERS,
        widget=forms.Textarea,
        help_text=_("Who holds its key, and how it knows that the customer themselves agreed."),
    )


class RecordForm(HouseForm):
    """What a customer said to a seat."""

    about = forms.ChoiceField(label=_("About"))
    said = forms.TypedChoiceField(
        label=_("What they said"),
        coerce=int,
        choices=(
            (Said.GIVEN.value, _("They agree")),
            (Said.REFUSED.value, _("They refuse")),
            (Said.WITHDRAWN.value, _("They agree no longer")),
        ),
        widget=forms.RadioSelect,
    )
    said_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    place = forms.CharField(
        label=_("How and where"),
        max_length=PLACE_CHARACTERS,
        help_text=_("Such as: on the telephone, they called us; at the counter in Nantes."),
    )
    language = forms.ChoiceField(
        label=_("The sentence was read to them in"),
        choices=(("fr", "Français"), ("en", "English")),
    )

    def __init__(self, *args: Any, purposes: tuple[PurposeRow, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *(
                (f"{row.key} {channel} {row.version}", f"{row.name}, {way(channel)}")
                for row in purposes
                for channel in row.channels
            ),
        ]


class LinkForm(HouseForm):
    """To which address of theirs a link will be sent."""

    identifier = forms.TypedChoiceField(label=_("You will send it to"), coerce=int)

    def __init__(self, *args: Any, addresses: tuple[Identified, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["identifier"].choices = [  # type: ignore[attr-defined]
            (one.pk, masked(one.kind, one.value)) for one in addresses
        ]
