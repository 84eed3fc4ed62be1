"""What rights, states, ways, checks and steps are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from pupitre.core.templatetags.house import count
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models.rights import Check, Refusing, RequestState, Restraint, Right, Way

Words = str | Promise

RIGHTS: Mapping[str, Words] = MappingProxyType(
    {
        Right.ACCESS: pgettext_lazy("right", "Access"),
        Right.PORTABILITY: pgettext_lazy("right", "Portability"),
        Right.RECTIFICATION: pgettext_lazy("right", "Rectification"),
        Right.OBJECTION: pgettext_lazy("right", "Objection"),
        Right.RESTRICTION: pgettext_lazy("right", "Restriction"),
        Right.ERASURE: pgettext_lazy("right", "Erasure"),
    }
)
ASKED: Mapping[str, Words] = MappingProxyType(
    {
        Right.ACCESS: _("to see what we hold on them"),
        Right.PORTABILITY: _("to take their data elsewhere"),
        Right.RECTIFICATION: _("to have something corrected"),
        Right.OBJECTION: _("to be left out of prospecting"),
        Right.RESTRICTION: _("to have their data kept, and not used"),
        Right.ERASURE: _("to be erased"),
    }
)
STATES: Mapping[str, Words] = MappingProxyType(
    {
        RequestState.RECEIVED: _("Identity to be checked"),
        RequestState.CHECKED: _("To be answered"),
        RequestState.UNDER_WAY: _("Being carried out"),
        RequestState.DONE: pgettext_lazy("request", "Answered"),
        RequestState.REFUSED: pgettext_lazy("request", "Refused"),
        RequestState.WITHDRAWN: pgettext_lazy("request", "Withdrawn"),
        RequestState.ERASED: _("Closed: the customer is erased"),
    }
)
WAYS: Mapping[str, Words] = MappingProxyType(
    {
        Way.EMAIL: _("by e-mail"),
        Way.LETTER: _("by letter"),
        Way.TELEPHONE: _("by telephone"),
        Way.SHOP: _("in a shop"),
        Way.PREFERENCES: _("on their own page"),
        Way.OTHER: _("in another way"),
    }
)
CHECKS: Mapping[str, Words] = MappingProxyType(
    {
        Check.SIGNED_LINK: _("They opened a link that we sent to an address we had"),
        Check.CALLED_BACK: _("We wrote or called back where we already knew them"),
        Check.KNOWN_FACTS: _("They told facts that only they and we know"),
        Check.IN_PERSON: _("They came, and showed a paper that we did not keep"),
        Check.REPRESENTED: _("Somebody showed a mandate to ask for them"),
    }
)
RESTRAINTS: Mapping[str, Words] = MappingProxyType(
    {
        Restraint.Kind.RESTRICTED: _("Your data are kept, and not used"),
        Restraint.Kind.OBJECTS: _("You are left out of prospecting"),
    }
)
# By which a seat may know who asks; the link is the customer's own page's to say.
CHECKS_BY_HAND: Mapping[str, Words] = MappingProxyType(
    {check: words for check, words in CHECKS.items() if check != Check.SIGNED_LINK}
)
REFUSING: Mapping[str, Words] = MappingProxyType(
    {
        Refusing.NOT_IDENTIFIED: _("We could not know who asks"),
        Refusing.UNFOUNDED: _("It is manifestly unfounded, or excessive"),
        Refusing.NOBODY: _("We hold nothing on them"),
        Refusing.LAW_KEEPS: _("A law or a claim makes us keep it"),
        Refusing.OTHERS: _("It would harm the rights of others"),
    }
)
STEPS: Mapping[str, Words] = MappingProxyType(
    {
        "entered": _("The request was entered"),
        "linked": _("The request was entered on their page, by a link that a seat had made"),
        "found": _("It was tied to a customer"),
        "checked": _("Who asks was checked"),
        "extended": _("Two more months were taken"),
        "decided": _("The answer was decided"),
        "refused": _("It was refused"),
        "withdrawn": _("Whoever asked withdrew it"),
        "erased": _("It was closed: the customer is erased at their own request"),
        "made": _("The copy was made"),
        "taken": _("The copy was handed over"),
        "deleted": _("The copy was deleted"),
        "parted": _(
            "The copy was deleted: it also held the data of somebody who was separated from this "
            "customer since"
        ),
        "done": _("It was carried out"),
        "lifted": _("It was lifted"),
    }
)
KINDS: Mapping[str, Words] = MappingProxyType(
    {
        Kind.USER_ID: _("Account"),
        Kind.CUSTOMER_NUMBER: _("Customer number"),
        Kind.LOYALTY_CARD: _("Loyalty card"),
        Kind.EMAIL: _("E-mail address"),
        Kind.PHONE: _("Telephone"),
        Kind.SOCIAL: _("Account on a network"),
        Kind.ORDER: _("Order"),
        Kind.DEVICE: _("Device"),
        Kind.ANONYMOUS_ID: _("Browser"),
    }
)
# Who did a step that no member did.
MACHINES: Mapping[str, Words] = MappingProxyType(
    {"system:rights": "Pupitre", "system:customer": _("the customer, on their own page")}
)
# How many of what, by the words that stores use for it.
_COUNTED: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "rows": lambda n: ngettext("%(many)s row", "%(many)s rows", n),
        "events": lambda n: ngettext("%(many)s event", "%(many)s events", n),
        "files": lambda n: ngettext("%(many)s file", "%(many)s files", n),
        "rewritten_files": lambda n: ngettext(
            "%(many)s file written anew", "%(many)s files written anew", n
        ),
        "expired_snapshots": lambda n: ngettext(
            "%(many)s earlier state deleted", "%(many)s earlier states deleted", n
        ),
        "deleted_files": lambda n: ngettext("%(many)s file deleted", "%(many)s files deleted", n),
        "rewritten_tables": lambda n: ngettext(
            "%(many)s table written anew", "%(many)s tables written anew", n
        ),
        "looked_through": lambda n: ngettext(
            "%(many)s file looked through", "%(many)s files looked through", n
        ),
        "words": lambda n: ngettext("%(many)s word", "%(many)s words", n),
        "quarantine": lambda n: ngettext("%(many)s refused event", "%(many)s refused events", n),
        "latest": lambda n: ngettext("%(many)s latest event", "%(many)s latest events", n),
    }
)


def counted(what: str, n: int) -> str:
    """ "3 rows", "1 file": what a store says that it removed, or did to prove it."""
    said = _COUNTED.get(what)
    return said(n) % {"many": count(n)} if said else f"{count(n)} {what}"
