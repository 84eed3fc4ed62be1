"""The forms of the organisation. They read and shape; the actions decide what is sound."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pupitre.core.forms import HouseForm, SpreadsheetField
from pupitre.core.templatetags.house import day as day_name
from pupitre.rules.mandate.contracts import FunctionKind
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.organisation import choices
from pupitre.rules.mandate.organisation.rules import (
    MAX_DELEGATION_DAYS,
    MAX_PLACES,
    NAME_CHARACTERS,
)
from pupitre.rules.mandate.organisation.seat_page import SeatPage

_IN_FRENCH = _("Name in French")
_IN_ENGLISH = _("Name in English")
_ONE_IS_ENOUGH = _("One of the two names is enough.")


def _number(value: str) -> int:
    return int(value)


def _number_or_none(value: str) -> int | None:
    return int(value) if value else None


def choice(**kwargs: Any) -> forms.TypedChoiceField:
    """A list of things known by their number; what it offers is filled in by the form."""
    kwargs.setdefault("coerce", _number if kwargs.get("required", True) else _number_or_none)
    return forms.TypedChoiceField(empty_value=None, **kwargs)


class NamesForm(HouseForm):
    name_fr = forms.CharField(
        label=_IN_FRENCH, max_length=NAME_CHARACTERS, required=False, help_text=_ONE_IS_ENOUGH
    )
    name_en = forms.CharField(label=_IN_ENGLISH, max_length=NAME_CHARACTERS, required=False)


class FunctionForm(NamesForm):
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, kind.label) for kind in FunctionKind],
        help_text=_("Gives it its colour; marketing and IT decide together on what is joint."),
    )
    parent = choice(label=_("Part of"), required=False)

    def __init__(self, *args: Any, function_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = [  # type: ignore[attr-defined]
            ("", gettext("the company as a whole")),
            *choices.functions(but=function_id),
        ]


class SeatForm(NamesForm):
    function = choice(label=_("Function"))
    superior = choice(
        label=_("Reports to"), required=False, help_text=_("The solid line of the chart.")
    )
    dotted = forms.TypedMultipleChoiceField(
        label=_("Dotted lines to"),
        required=False,
        coerce=int,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Optional. With a keyboard, hold Ctrl or ⌘ to choose several."),
    )
    places = forms.IntegerField(
        label=_("Places"),
        min_value=1,
        max_value=MAX_PLACES,
        initial=1,
        help_text=_("How many people may hold it at the same time."),
    )
    heads = forms.BooleanField(label=_("It heads its function"), required=False)

    def __init__(
        self, *args: Any, law: Law, day: date, seat_id: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        seats = choices.seats(law=law, day=day, but=seat_id)
        self.fields["function"].choices = [("", gettext("Choose a function")), *choices.functions()]  # type: ignore[attr-defined]
        self.fields["superior"].choices = [("", gettext("nobody")), *seats]  # type: ignore[attr-defined]
        self.fields["dotted"].choices = seats  # type: ignore[attr-defined]


class CloseForm(HouseForm):
    closes = forms.DateField(label=_("Closed from"), help_text=_("The first day without it."))


class AppointForm(HouseForm):
    member = choice(label=_("Who"))
    starts = forms.DateField(label=_("From"), help_text=_("The first day."))
    ends = forms.DateField(
        label=_("To"),
        required=False,
        help_text=_("The last day, included. Leave it empty where no end is planned."),
    )
    succeeds = choice(label=_("In place of"), required=False)

    def __init__(self, *args: Any, page: SeatPage, law: Law, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = choices.members(law=law, day=day)
        self.fields["member"].choices = [("", gettext("Choose somebody")), *people]  # type: ignore[attr-defined]
        leaving = [
            (stay.id, gettext("%(name)s, who leaves the day before") % {"name": stay.person.name})
            for stay in page.holding
        ]
        if not leaving:
            del self.fields["succeeds"]
            return
        self.fields["succeeds"].choices = [("", gettext("nobody: there is room")), *leaving]  # type: ignore[attr-defined]
        if page.free == 0:
            self.fields["succeeds"].initial = leaving[0][0]


class EndForm(HouseForm):
    last_day = forms.DateField(label=_("Last day"), help_text=_("Included."))


class DeputyForm(HouseForm):
    deputy = choice(label=_("Deputy"))
    starts = forms.DateField(label=_("From"))
    ends = forms.DateField(
        label=_("To"),
        help_text=_("Included. At most %(days)s days.") % {"days": MAX_DELEGATION_DAYS},
    )

    def __init__(self, *args: Any, page: SeatPage, law: Law, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        holders = [stay.person.id for stay in page.holding]
        people = choices.members(law=law, day=day, but=holders)
        self.fields["deputy"].choices = [("", gettext("Choose somebody")), *people]  # type: ignore[attr-defined]


OTHER = "other"
DATES = "dates"


class DelegateForm(HouseForm):
    """I am away: who speaks for me, until when. Made for a thumb: three choices, one button."""

    seat = choice(label=_("For which seat?"), widget=forms.RadioSelect)
    deputy = forms.ChoiceField(label=_("Who speaks for you?"), widget=forms.RadioSelect)
    other = choice(label=_("Somebody else"), required=False)
    until = forms.ChoiceField(label=_("Until when?"), widget=forms.RadioSelect)
    starts = forms.DateField(label=_("From"), required=False)
    ends = forms.DateField(label=_("To"), required=False)

    def __init__(
        self,
        *args: Any,
        seats: list[choices.Choice],
        likely: list[choices.Choice],
        everybody: list[choices.Choice],
        day: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.day = day
        self.fields["seat"].choices = seats  # type: ignore[attr-defined]
        self.fields["seat"].initial = seats[0][0]
        if len(seats) == 1:
            self.fields["seat"].widget = forms.HiddenInput()
        self.fields["deputy"].choices = [*likely, (OTHER, gettext("Somebody else"))]  # type: ignore[attr-defined]
        self.fields["deputy"].initial = likely[0][0] if likely else OTHER
        self.fields["other"].choices = [("", gettext("Choose somebody")), *everybody]  # type: ignore[attr-defined]
        self.ends_on = self._periods(day)
        self.fields["until"].choices = [  # type: ignore[attr-defined]
            *((key, day_name(ends)) for key, ends in self.ends_on.items()),
            (DATES, gettext("Other days")),
        ]
        self.fields["until"].initial = next(iter(self.ends_on))
        self.fields["starts"].initial = day

    @staticmethod
    def _periods(day: date) -> dict[str, date]:
        """The ends that people mean most: this Friday, the next one, the one after two weeks."""
        friday = day + timedelta(days=(4 - day.weekday()) % 7)
        return {
            "week": friday,
            "next": friday + timedelta(days=7),
            "third": friday + timedelta(days=14),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("deputy") == OTHER:
            if cleaned.get("other") is None:
                self.add_error("other", _("Choose somebody."))
            cleaned["deputy"] = cleaned.get("other")
        elif cleaned.get("deputy"):
            cleaned["deputy"] = int(cleaned["deputy"])
        if cleaned.get("until") == DATES:
            for name in ("starts", "ends"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Choose a day."))
        elif cleaned.get("until"):
            cleaned["starts"], cleaned["ends"] = self.day, self.ends_on[cleaned["until"]]
        return cleaned


class InviteForm(HouseForm):
    name = forms.CharField(label=_("Name"), max_length=NAME_CHARACTERS)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    language = forms.ChoiceField(label=_("Language of the invitation"), choices=settings.LANGUAGES)
    seat = choice(label=_("Seat"), required=False)
    starts = forms.DateField(
        label=_("From"), required=False, help_text=_("The first day on the seat; today if empty.")
    )

    def __init__(self, *args: Any, law: Law, day: date, may_appoint: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_appoint:
            del self.fields["seat"], self.fields["starts"]
            return
        seats = choices.seats(law=law, day=day)
        self.fields["seat"].choices = [("", gettext("none yet")), *seats]  # type: ignore[attr-defined]


class MemberForm(HouseForm):
    name = forms.CharField(label=_("Name"), max_length=NAME_CHARACTERS)
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("When it changes, every session ends and the former address is told."),
    )


class ImportForm(HouseForm):
    file = SpreadsheetField(
        label=_("File"), help_text=_("CSV or XLSX, at most 5 MB. Nothing is written yet.")
    )
    close_missing = forms.BooleanField(
        label=_("Close the seats that are not in the file"), required=False
    )
    invite = forms.BooleanField(
        label=_("Invite those who are new by e-mail"), required=False, initial=True
    )
