"""What an action that waits would change, for those who are asked to approve it."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.models import Seat
from pupitre.rules.mandate.organisation.comparing import Difference
from pupitre.rules.mandate.organisation.records import the_function, the_seat
from pupitre.rules.mandate.organisation.seats import ChangeSeat, CreateSeat, SeatDetails


def differences_of(action: Action | None) -> tuple[Difference, ...]:
    """Property by property, old and new; empty where the title says it all."""
    try:
        if isinstance(action, ChangeSeat):
            return _between(_now(the_seat(action.seat_id)), _wanted(action.details))
        if isinstance(action, CreateSeat):
            return _between({}, _wanted(action.details))
    except Invalid:
        return ()  # it points to what is no more: the decision will say so
    return ()


def _between(old: dict[str, str], new: dict[str, str]) -> tuple[Difference, ...]:
    return tuple(
        Difference(label, old.get(label, ""), value)
        for label, value in new.items()
        if old.get(label, "") != value
    )


def _now(seat: Seat) -> dict[str, str]:
    lines = list(seat.lines_up.select_related("superior").order_by("superior__key"))
    return {
        _("Name in French"): seat.name_fr,
        _("Name in English"): seat.name_en,
        _("Function"): str(seat.function.name),
        _("Heads the function"): _yes(seat.heads),
        _("Places"): str(seat.places),
        _("Reports to"): ", ".join(str(x.superior.name) for x in lines if not x.dotted),
        _("Dotted line to"): ", ".join(str(x.superior.name) for x in lines if x.dotted),
    }


def _wanted(details: SeatDetails) -> dict[str, str]:
    superior = the_seat(details.superior_id) if details.superior_id is not None else None
    dotted = Seat.objects.filter(pk__in=details.dotted_ids).order_by("key")
    return {
        _("Name in French"): details.name.fr,
        _("Name in English"): details.name.en,
        _("Function"): str(the_function(details.function_id).name),
        _("Heads the function"): _yes(details.heads),
        _("Places"): str(details.places),
        _("Reports to"): str(superior.name) if superior else "",
        _("Dotted line to"): ", ".join(str(seat.name) for seat in dotted),
    }


def _yes(value: bool) -> str:
    return pgettext("property", "yes") if value else pgettext("property", "no")
