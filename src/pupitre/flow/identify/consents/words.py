"""Words about consents, for customers and for the company."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Said

# Kinds that mean something to the customer; devices and browsers of theirs are not listed.
KINDS: Mapping[Kind, str | Promise] = {
    Kind.USER_ID: _("Account"),
    Kind.CUSTOMER_NUMBER: _("Customer number"),
    Kind.LOYALTY_CARD: _("Loyalty card"),
    Kind.EMAIL: _("E-mail address"),
    Kind.PHONE: _("Telephone number"),
    Kind.SOCIAL: _("Account on a network"),
}
SAID: Mapping[Said, str | Promise] = {
    Said.GIVEN: pgettext_lazy("consent", "agreed"),
    Said.REFUSED: pgettext_lazy("consent", "refused"),
    Said.WITHDRAWN: pgettext_lazy("consent", "withdrawn"),
}
