"""Forms of the pages about matrices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pupitre.core.forms import HouseForm, SpreadsheetField
from pupitre.rules.mandate.contracts import Activity, Domain
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.matrix.defining import NAME_CHARACTERS
from pupitre.rules.mandate.starting_points import REQUIRED_ROLES, Role


class NamesForm(HouseForm):
    """A name in both languages; where only one is given it serves for both."""

    name_fr = forms.CharField(label=_("Name in French"), max_length=NAME_CHARACTERS, strip=True)
    name_en = forms.CharField(
        label=_("Name in English"),
        max_length=NAME_CHARACTERS,
        required=False,
        help_text=_("Left empty, the French name serves for both languages."),
    )


class ActivityForm(NamesForm):
    """A company activity."""

    domain = forms.ChoiceField(label=_("Domain"), choices=[(d.value, d.label) for d in Domain])
    joint = forms.BooleanField(
        label=_("Joint: marketing and IT must both hold a letter in it"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name_fr"].help_text = _("A verb first: “Answer a crisis”.")


class ScopeForm(NamesForm):
    """An initiative that may have rows of its own."""


class ScopeRowForm(HouseForm):
    """A row of its own for an initiative, which begins as a copy of the company's."""

    scope = forms.ChoiceField(label=_("Initiative"))
    activity = forms.ChoiceField(label=_("Activity"))

    def __init__(
        self,
        *args: Any,
        scopes: list[tuple[str, str]],
        activities: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = scopes  # type: ignore[attr-defined]
        self.fields["activity"].choices = activities  # type: ignore[attr-defined]


class RolesForm(HouseForm):
    """Which seat of the company plays each part of a starting point."""

    def __init__(self, *args: Any, law: Law, occupied: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = [
            (str(seat), f"{law.seats[seat].name} · {law.seats[seat].function}") for seat in occupied
        ]
        for role in Role:
            required = role in REQUIRED_ROLES
            nobody = "—" if required else gettext("nobody")
            self.fields[role.value] = forms.ChoiceField(
                label=str(role.label), required=required, choices=[("", nobody), *seats]
            )

    def roles(self) -> tuple[tuple[str, int], ...]:
        """(role, seat id) for every part that was given."""
        return tuple(
            (role.value, int(self.cleaned_data[role.value]))
            for role in Role
            if self.cleaned_data.get(role.value)
        )


class ImportForm(HouseForm):
    """A matrix as a file."""

    sheet = SpreadsheetField(label=_("File"))


def activity_choices(activities: list[Activity]) -> list[tuple[str, str]]:
    return sorted(((a.key, str(a.name)) for a in activities), key=lambda pair: pair[1].casefold())
