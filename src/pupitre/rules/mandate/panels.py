"""What the mandate shows on pages of other rooms."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from pupitre.rules.mandate.models import Member
from pupitre.rules.mandate.web import presence_of


def account_panel(request: HttpRequest) -> tuple[str, dict[str, Any]] | None:
    """One's seats and the daily digest, on the account page."""
    presence = presence_of(request)
    if presence is None:
        return None
    wants = Member.objects.filter(pk=presence.member_id, wants_digest=True).exists()
    return "mandate/_account_panel.html", {"presence": presence, "wants_digest": wants}
