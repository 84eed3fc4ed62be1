"""The audit's verbs and the software's own names, in the reader's language."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import AuditLine

_VERBS: dict[str, str | Promise] = {
    "performed": pgettext_lazy("audit", "did"),
    "requested": pgettext_lazy("audit", "asked for"),
    "approved": pgettext_lazy("audit", "approved"),
    "confirmed": pgettext_lazy("audit", "confirmed their request"),
    "refused": pgettext_lazy("audit", "refused"),
    "withdrew": pgettext_lazy("audit", "withdrew"),
    "gave an opinion": pgettext_lazy("audit", "gave an opinion"),
    "changed": pgettext_lazy("audit", "changed, so that approvals are void"),
    "was refused": pgettext_lazy("audit", "was refused by the matrix"),
    "found impossible": pgettext_lazy("audit", "approved what was no longer possible"),
    "noted": pgettext_lazy("audit", "at the door"),
}


def verb_label(verb: str) -> str | Promise:
    return _VERBS.get(verb, verb)


_SYSTEM: dict[str, str | Promise] = {
    "system:setup": _("Pupitre, setting up"),
    "system:operator": _("The operator, at the console"),
    "system:worker": _("Pupitre, by the clock"),
    "system:door": _("Somebody at the door"),
    "system:customer": _("A customer, on their own page"),
}


def actor_label(name: str) -> str | Promise:
    """A member's name as it was, or what the software calls itself."""
    return _SYSTEM.get(name, name)


def seat_label(line: AuditLine, law: Law) -> str:
    """The seat that a line names: as it was, and in the reader's language if it still is so."""
    seat = law.seats.get(line.seat_id or 0)
    unchanged = seat is not None and seat.name.fr.startswith(line.seat_name)
    return str(seat.name) if seat is not None and unchanged else line.seat_name
