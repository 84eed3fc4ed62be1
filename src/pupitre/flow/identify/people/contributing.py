"""What the pages of customers bring to the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import NavEntry, navigation
from pupitre.flow.identify.people import access

_ACTIONS_ARE_DECLARED_BY = (access,)


def contribute() -> None:
    navigation.add(
        "identify.people",
        NavEntry("customers", 5, _("Customers"), "identify:people", on_phone=True),
    )
