"""Members: invited, renamed, suspended, reinstated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.accounts import services as accounts
from pupitre.core.accounts.models import User
from pupitre.core.accounts.queries import is_waiting
from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import MEMBER_ADMIT
from pupitre.rules.mandate.contracts import Activity, Actor, AnyActor, Subject
from pupitre.rules.mandate.models import Member
from pupitre.rules.mandate.organisation import lockout
from pupitre.rules.mandate.organisation.records import check_length, member_subject, the_member
from pupitre.rules.mandate.standing import current_law

NAMES_SHOWN = 3  # in the title of an invitation of many
PEOPLE_AT_MOST = 500  # invited by one act


def tidy_address(email: str) -> str:
    return email.strip().lower()


def inviter(by: AnyActor) -> str:
    """The name under which somebody is invited; the software itself gives none."""
    return the_member(by.member_id).name if isinstance(by, Actor) else ""


def admit(*, name: str, email: str, language: str, by: AnyActor, invite: bool = True) -> Member:
    """Create the account and the member, and send the invitation once all of it has held."""
    user = accounts.create_account(email=email, language=language)
    member = Member.objects.create(user=user, name=" ".join(name.split()))
    if invite:
        accounts.send_invitation(user=user, inviter_name=inviter(by), company=settings.COMPANY)
    return member


def _check_name(name: str) -> None:
    if not name.strip():
        raise Invalid(_("Give this person’s name."), field="name")
    check_length(name, field="name")


def _check_address(email: str, *, but: int | None = None) -> None:
    address = tidy_address(email)
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid(_("This is not an e-mail address."), field="email") from error
    other = User.objects.filter(email=address).first()
    if other is None or other.pk == but:
        return
    member = Member.objects.filter(user=other).first()
    if member is None:
        raise Invalid(_("Another account has this address."), field="email")
    if member.suspended:
        raise Invalid(
            _("%(name)s has this address, and is suspended: reinstate them instead.")
            % {"name": member.name},
            field="email",
        )
    raise Invalid(
        _("%(name)s is a member with this address.") % {"name": member.name}, field="email"
    )


@dataclass(frozen=True)
class InviteMember(Action):
    """Invite somebody by e-mail. They have a voice once somebody gives them a seat."""

    activity: ClassVar[Activity] = MEMBER_ADMIT
    name: str
    email: str
    language: str = "fr"

    def subject(self) -> Subject:
        member = Member.objects.filter(user__email=tidy_address(self.email)).first()
        if member is not None:
            return member_subject(member)
        return Subject(
            f"invitation:{tidy_address(self.email)}"[:120], Bilingual(self.name, self.name)
        )

    def title(self) -> Bilingual:
        return bilingual(
            lambda: (
                _("Invite %(name)s, %(email)s")
                % {"name": self.name, "email": tidy_address(self.email)}
            )
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        _check_name(self.name)
        _check_address(self.email)
        if self.language not in dict(settings.LANGUAGES):
            raise Invalid(_("Choose French or English."), field="language")

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        return admit(name=self.name, email=self.email, language=self.language, by=by).pk


@dataclass(frozen=True)
class Invited:
    """Somebody to invite with others."""

    name: str
    email: str


@dataclass(frozen=True)
class InviteMembers(Action):
    """Invite several people at once, as a file names them: one decision, not forty."""

    activity: ClassVar[Activity] = MEMBER_ADMIT
    people: tuple[Invited, ...]
    language: str = "fr"
    invite: bool = True  # by e-mail, now; else from their page, later

    def subject(self) -> Subject:
        name = bilingual(lambda: _("Invitations"))
        return Subject("invitations", name, reverse("mandate:import_pending"))

    def title(self) -> Bilingual:
        shown = ", ".join(person.name for person in self.people[:NAMES_SHOWN])
        left = len(self.people) - NAMES_SHOWN

        def said() -> str:
            if left <= 0:
                return _("Invite %(names)s") % {"names": shown}
            return ngettext(
                "Invite %(names)s and %(n)s other", "Invite %(names)s and %(n)s others", left
            ) % {"names": shown, "n": left}

        return bilingual(said)

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if not 1 <= len(self.people) <= PEOPLE_AT_MOST:
            raise Invalid(_("From 1 to %(most)s people at a time.") % {"most": PEOPLE_AT_MOST})
        if self.language not in dict(settings.LANGUAGES):
            raise Invalid(_("Choose French or English."), field="language")
        if len({tidy_address(person.email) for person in self.people}) < len(self.people):
            raise Invalid(_("The same address is there twice."))
        for person in self.people:
            _check_name(person.name)
            _check_address(person.email)

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        for person in self.people:
            admit(
                name=person.name,
                email=person.email,
                language=self.language,
                by=by,
                invite=self.invite,
            )
        return len(self.people)


@dataclass(frozen=True)
class ResendInvitation(Action):
    """Send the invitation again; the link of the former one keeps working until it expires."""

    activity: ClassVar[Activity] = MEMBER_ADMIT
    member_id: int

    def subject(self) -> Subject:
        return member_subject(the_member(self.member_id))

    def title(self) -> Bilingual:
        name = the_member(self.member_id).name
        return bilingual(lambda: _("Send the invitation of %(name)s again") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if not is_waiting(the_member(self.member_id).user):
            raise Invalid(_("This person has opened their account, or it is closed."))

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        accounts.send_invitation(
            user=the_member(self.member_id).user,
            inviter_name=inviter(by),
            company=settings.COMPANY,
        )


@dataclass(frozen=True)
class ChangeMember(Action):
    """Correct somebody’s name or e-mail address. The former address is told."""

    activity: ClassVar[Activity] = MEMBER_ADMIT
    member_id: int
    name: str
    email: str

    def subject(self) -> Subject:
        return member_subject(the_member(self.member_id))

    def title(self) -> Bilingual:
        return bilingual(
            lambda: (
                _("Correct a member’s details: %(name)s, %(email)s")
                % {"name": self.name, "email": tidy_address(self.email)}
            )
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        member = the_member(self.member_id)
        _check_name(self.name)
        _check_address(self.email, but=member.user_id)

    def material(self) -> object:
        member = the_member(self.member_id)
        return [member.name, member.user.email]

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        member = the_member(self.member_id)
        name = " ".join(self.name.split())
        if name != member.name:
            member.name = name
            member.save(update_fields=["name"])
        if tidy_address(self.email) != member.user.email:
            accounts.change_address(user=member.user, email=self.email)
        return member.pk


@dataclass(frozen=True)
class SuspendMember(Action):
    """Shut somebody out at once. Their seats, letters and history stay."""

    activity: ClassVar[Activity] = MEMBER_ADMIT
    member_id: int

    def subject(self) -> Subject:
        return member_subject(the_member(self.member_id))

    def title(self) -> Bilingual:
        name = the_member(self.member_id).name
        return bilingual(lambda: _("Suspend %(name)s") % {"name": name})

    def check(self, *, at: datetime) -> None:
        if the_member(self.member_id).suspended:
            raise Invalid(_("This person is suspended already."))
        law = current_law()
        after = lockout.with_suspended(law, self.member_id)
        lockout.keep_amendable(law, after, day=day_of(at))

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        if isinstance(by, Actor) and by.member_id == self.member_id:
            raise Invalid(_("Nobody suspends themselves: ask somebody else."))
        member = the_member(self.member_id)
        member.suspended = True
        member.save(update_fields=["suspended"])
        accounts.close_account(user=member.user)
        return member.pk


@dataclass(frozen=True)
class ReinstateMember(Action):
    """Let somebody in again, with the seats that are still theirs."""

    activity: ClassVar[Activity] = MEMBER_ADMIT
    member_id: int

    def subject(self) -> Subject:
        return member_subject(the_member(self.member_id))

    def title(self) -> Bilingual:
        name = the_member(self.member_id).name
        return bilingual(lambda: _("Reinstate %(name)s") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if not the_member(self.member_id).suspended:
            raise Invalid(_("This person is not suspended."))

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        member = the_member(self.member_id)
        member.suspended = False
        member.save(update_fields=["suspended"])
        accounts.reopen_account(user=member.user)
        return member.pk


@dataclass(frozen=True)
class ForgetSecondFactors(Action):
    """For somebody who lost their phone and their codes: the password alone opens again."""

    activity: ClassVar[Activity] = MEMBER_ADMIT
    member_id: int

    def subject(self) -> Subject:
        return member_subject(the_member(self.member_id))

    def title(self) -> Bilingual:
        name = the_member(self.member_id).name
        return bilingual(
            lambda: _("Remove the second sign-in factors of %(name)s") % {"name": name}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        the_member(self.member_id)

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        return accounts.forget_second_factors(user=the_member(self.member_id).user)
