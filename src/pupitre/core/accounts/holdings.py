"""What the accounts bring to the house: what they keep and where, a daily job, commands."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from pupitre.core.accounts import console, services
from pupitre.core.contributions import ScheduledJob, Store, cli_groups, scheduled_jobs, stores

_MEMBERS = _("Holds the company’s own members, and no customer.")
stores.add(
    "accounts",
    Store(
        name="accounts",
        engine="database",
        holds=_("Accounts of members: address, password hash, language."),
        tables=(
            "accounts_user",
            "account_emailaddress",
            "account_emailconfirmation",
        ),
        why_not=_MEMBERS,
    ),
)
stores.add(
    "accounts.credentials",
    Store(
        name="accounts.credentials",
        engine="database",
        holds=_("Members’ second factors (sealed) and company identities."),
        tables=(
            "mfa_authenticator",
            "socialaccount_socialaccount",
            "socialaccount_socialapp",
            "socialaccount_socialtoken",
        ),
        why_not=_MEMBERS,
    ),
)
stores.add(
    "accounts.sessions",
    Store(
        name="accounts.sessions",
        engine="database",
        holds=_("Where members are signed in: device, network address, last seen."),
        tables=("django_session", "usersessions_usersession"),
        why_not=_MEMBERS,
    ),
)
stores.add(
    "accounts.limits",
    Store(
        name="accounts.limits",
        engine="database",
        holds=_("Counts of tries at signing in, by network address, for minutes."),
        tables=("cache",),
        why_not=_("Network addresses of those who sign in, for minutes."),
    ),
)


def _forget_ended_sessions(at: datetime) -> None:
    services.forget_ended_sessions(at=at)


scheduled_jobs.add(
    "accounts.sessions",
    ScheduledJob("accounts.sessions", "40 3 * * *", _forget_ended_sessions),
)
cli_groups.add("account", console.account_commands)
