"""What the actions of this room point to, read from the database, or why it cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pupitre.core.bilingual import Bilingual
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.contracts import Span, Subject
from pupitre.rules.mandate.models import (
    Delegation,
    Function,
    Member,
    Notice,
    ReportingLine,
    Seat,
    Tenure,
)
from pupitre.rules.mandate.organisation.rules import NAME_CHARACTERS

NO_SUCH_FUNCTION = _("This function does not exist.")
NO_SUCH_SEAT = _("This seat does not exist.")
NO_SUCH_MEMBER = _("This person is not a member.")
NO_SUCH_TENURE = _("Nobody holds this seat under these dates any more.")
NO_SUCH_DELEGATION = _("This delegation does not exist any more.")


def the_function(function_id: int, *, field: str | None = None) -> Function:
    function = Function.objects.filter(pk=function_id).first()
    if function is None:
        raise Invalid(NO_SUCH_FUNCTION, field=field)
    return function


def the_seat(seat_id: int, *, field: str | None = None) -> Seat:
    seat = Seat.objects.select_related("function").filter(pk=seat_id).first()
    if seat is None:
        raise Invalid(NO_SUCH_SEAT, field=field)
    return seat


def the_open_seat(seat_id: int, *, on: date, field: str | None = None) -> Seat:
    seat = the_seat(seat_id, field=field)
    if seat.closed_on is not None and seat.closed_on <= on:
        raise Invalid(_("This seat is closed. Reopen it, or choose another one."), field=field)
    return seat


def the_member(member_id: int, *, field: str | None = None) -> Member:
    member = Member.objects.select_related("user").filter(pk=member_id).first()
    if member is None:
        raise Invalid(NO_SUCH_MEMBER, field=field)
    return member


def the_active_member(member_id: int, *, field: str | None = None) -> Member:
    member = the_member(member_id, field=field)
    if member.suspended:
        raise Invalid(_("This person is suspended: reinstate them first."), field=field)
    return member


def the_tenure(tenure_id: int) -> Tenure:
    tenure = Tenure.objects.select_related("member", "seat").filter(pk=tenure_id).first()
    if tenure is None:
        raise Invalid(NO_SUCH_TENURE)
    return tenure


def the_delegation(delegation_id: int) -> Delegation:
    found = Delegation.objects.select_related("deputy", "seat", "given_by")
    delegation = found.filter(pk=delegation_id).first()
    if delegation is None:
        raise Invalid(NO_SUCH_DELEGATION)
    return delegation


def tenures_from(seat: Seat, day: date) -> list[Tenure]:
    """The tenures of a seat that last on that day or begin later."""
    lasting = Q(ends__isnull=True) | Q(ends__gte=day)
    return list(seat.tenures.filter(lasting).select_related("member").order_by("starts"))


def span_of(record: Tenure | Delegation) -> Span:
    return Span(record.starts, record.ends)


def solid_lines() -> dict[int, int]:
    """Each seat's superior by a solid line."""
    return dict(ReportingLine.objects.filter(dotted=False).values_list("seat_id", "superior_id"))


def draw_lines(seat: Seat, *, superior_id: int | None, dotted_ids: Iterable[int]) -> None:
    """Make these the seat's only lines up."""
    seat.lines_up.all().delete()
    if superior_id is not None:
        ReportingLine.objects.create(seat=seat, superior_id=superior_id)
    for other in dotted_ids:
        ReportingLine.objects.create(seat=seat, superior_id=other, dotted=True)


# Said the same way everywhere


def one_name(french: str, english: str) -> tuple[str, str]:
    """Both names, trimmed; one that is given alone serves for both languages."""
    fr, en = " ".join(french.split()), " ".join(english.split())
    return (fr, en) if fr else (en, "")


def check_names(french: str, english: str) -> None:
    if not one_name(french, english)[0]:
        raise Invalid(_("Give it a name."), field="name_fr")
    for field, name in (("name_fr", french), ("name_en", english)):
        check_length(name, field=field)


def check_length(name: str, *, field: str) -> None:
    if len(name) > NAME_CHARACTERS:
        raise Invalid(_("This name is too long."), field=field)


def check_days(starts: date, ends: date | None, *, field: str = "ends") -> None:
    if ends is not None and ends < starts:
        raise Invalid(_("The last day comes before the first one."), field=field)


def function_subject(function_key: str, name: Bilingual) -> Subject:
    url = f"{reverse('mandate:organisation')}#function-{function_key}"
    return Subject(f"function:{function_key}", name, url)


def seat_subject(seat: Seat) -> Subject:
    return Subject(f"seat:{seat.key}", seat.name, reverse("mandate:seat", args=[seat.key]))


def member_subject(member: Member) -> Subject:
    url = reverse("mandate:member", args=[member.pk])
    return Subject(f"member:{member.pk}", Bilingual(member.name, member.name), url)


def tell_member(member: Member, text: Bilingual, *, url: str, at: datetime) -> None:
    """Leave a note on somebody's desk about what concerns them."""
    Notice.objects.create(
        member=member,
        kind=Notice.Kind.PERSONAL,
        text_fr=text.fr[:400],
        text_en=text.en[:400],
        url=url,
        at=at,
    )
