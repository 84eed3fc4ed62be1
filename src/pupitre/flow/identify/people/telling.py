"""What an event says, as a sentence. What the reader may not see is not among its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from pupitre.core.templatetags.house import count
from pupitre.flow.identify.people.money import money
from pupitre.lake.contracts import Channel, EventType

Text = str | Promise
Said = Mapping[str, str]  # fields of the event by their names, hidden ones left out

CHANNELS: Mapping[str, Text] = MappingProxyType(
    {
        Channel.WEB: pgettext_lazy("channel", "site"),
        Channel.APP: pgettext_lazy("channel", "application"),
        Channel.STORE: pgettext_lazy("channel", "shop"),
        Channel.SERVICE: pgettext_lazy("channel", "customer service"),
        Channel.EMAIL: pgettext_lazy("channel", "e-mail"),
        Channel.SMS: pgettext_lazy("channel", "SMS"),
        Channel.SOCIAL: pgettext_lazy("channel", "social networks"),
        Channel.PARTNER: pgettext_lazy("channel", "partner"),
        Channel.OTHER: pgettext_lazy("channel", "other"),
    }
)
# The function whose colour marks a channel.
COLOURS: Mapping[str, str] = MappingProxyType(
    {
        Channel.WEB: "digital",
        Channel.APP: "digital",
        Channel.STORE: "commerce",
        Channel.SERVICE: "relations",
        Channel.EMAIL: "marketing",
        Channel.SMS: "marketing",
        Channel.SOCIAL: "communication",
        Channel.PARTNER: "unit",
        Channel.OTHER: "other",
    }
)
TOPICS: Mapping[str, Text] = MappingProxyType(
    {
        "delivery": pgettext_lazy("topic", "a delivery"),
        "defect": pgettext_lazy("topic", "a defect"),
        "return": pgettext_lazy("topic", "a return"),
        "stock": pgettext_lazy("topic", "availability"),
        "account": pgettext_lazy("topic", "their account"),
        "privacy": pgettext_lazy("topic", "their data"),
        "praise": pgettext_lazy("topic", "thanks"),
    }
)


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of events that the timeline can be narrowed to."""

    key: str
    label: Text
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


SORTS: tuple[Sort, ...] = (
    Sort(
        "purchases",
        gettext_lazy("Purchases and returns"),
        names=(
            "Order Completed",
            "Order Updated",
            "Order Cancelled",
            "Order Refunded",
            "Return Requested",
        ),
    ),
    Sort("service", gettext_lazy("Customer service"), names=("Case Opened", "Case Closed")),
    Sort(
        "messages",
        gettext_lazy("Messages"),
        names=(
            *("Email Sent", "Email Delivered", "Email Opened", "Email Link Clicked"),
            *("Email Bounced", "Unsubscribed", "SMS Sent", "SMS Link Clicked", "SMS Stopped"),
        ),
    ),
    Sort(
        "consents",
        gettext_lazy("Consents"),
        names=("Consent Given", "Consent Refused", "Consent Withdrawn"),
    ),
    Sort(
        "baskets",
        gettext_lazy("Looking and choosing"),
        names=(
            *("Products Searched", "Product Viewed", "Product Added", "Product Removed"),
            *("Stock Checked", "Checkout Started"),
        ),
    ),
    Sort("visits", gettext_lazy("Pages and screens"), types=(EventType.PAGE, EventType.SCREEN)),
    Sort(
        "identity",
        gettext_lazy("Saying who they are"),
        types=(EventType.IDENTIFY, EventType.ALIAS, EventType.GROUP),
    ),
)


def told(type_: str, name: str, said: Said) -> str:
    """One sentence. What we have no words for is called by the name that its source gave it."""
    words = _NAMES.get(name) if type_ == EventType.TRACK else None
    if words is not None:
        return words(said)
    return _TYPES[type_](name) if type_ in _TYPES else name or type_


def _plain(text: Text) -> Callable[[Said], str]:
    return lambda _said: str(text)


def _about(bare: Text, text: Text, *fields: str) -> Callable[[Said], str]:
    """``text`` with ``%(what)s`` where the event has one of these fields, ``bare`` else."""

    def tell(said: Said) -> str:
        what = next((said[name] for name in fields if said.get(name)), "")
        return str(text) % {"what": what} if what else str(bare)

    return tell


def _lines(said: Said) -> int:
    return len({name.split(".")[0] for name in said if name.startswith("products ")})


def _order(said: Said) -> str:
    lines, amount = _lines(said), money(said.get("total", ""), said.get("currency", ""))
    parts = [_("Purchase")]
    if lines:
        words = ngettext("%(count)s article", "%(count)s articles", lines)
        parts.append(words % {"count": count(lines)})
    return ", ".join([*parts, amount] if amount else parts)


def _refund(said: Said) -> str:
    amount = money(said.get("total", ""), said.get("currency", ""))
    return _("Paid back, %(amount)s") % {"amount": amount} if amount else _("Paid back")


def _case(said: Said) -> str:
    topic = topic_words(said.get("topic", ""))
    return (
        _("Asks the service about %(topic)s") % {"topic": topic} if topic else _("Asks the service")
    )


def topic_words(topic: str) -> str:
    return str(TOPICS.get(topic, topic))


def _consent(text: Text) -> Callable[[Said], str]:
    def tell(said: Said) -> str:
        purpose, channel = said.get("purpose", ""), said.get("channel", "")
        what = " · ".join(str(word) for word in (purpose, CHANNELS.get(channel, channel)) if word)
        return str(text) % {"what": what or _("purpose unknown")}

    return tell


_NAMES: Mapping[str, Callable[[Said], str]] = MappingProxyType(
    {
        "Order Completed": _order,
        "Order Updated": _plain(gettext_lazy("Order changed")),
        "Order Cancelled": _plain(gettext_lazy("Order cancelled")),
        "Order Refunded": _refund,
        "Return Requested": _plain(gettext_lazy("Asks to return an article")),
        "Checkout Started": _plain(gettext_lazy("Begins to pay")),
        "Products Searched": _about(
            gettext_lazy("Searches"), gettext_lazy("Searches “%(what)s”"), "query"
        ),
        "Product Viewed": _about(
            gettext_lazy("Looks at a product"),
            gettext_lazy("Looks at “%(what)s”"),
            "name",
            "product_id",
        ),
        "Product Added": _about(
            gettext_lazy("Puts a product in the basket"),
            gettext_lazy("Puts “%(what)s” in the basket"),
            "name",
            "product_id",
        ),
        "Product Removed": _plain(gettext_lazy("Takes a product out of the basket")),
        "Stock Checked": _about(
            gettext_lazy("Checks whether a product is there"),
            gettext_lazy("Checks whether “%(what)s” is there"),
            "name",
            "product_id",
        ),
        "Case Opened": _case,
        "Case Closed": _plain(gettext_lazy("The service has answered")),
        "Email Sent": _about(
            gettext_lazy("We write an e-mail"), gettext_lazy("We write “%(what)s”"), "subject"
        ),
        "Email Delivered": _plain(gettext_lazy("Our e-mail has arrived")),
        "Email Bounced": _about(
            gettext_lazy("Our e-mail came back"),
            gettext_lazy("“%(what)s” came back: the address takes no messages"),
            "subject",
        ),
        "Email Opened": _about(
            gettext_lazy("Opens an e-mail"), gettext_lazy("Opens “%(what)s”"), "subject"
        ),
        "Email Link Clicked": _about(
            gettext_lazy("Follows a link of an e-mail"),
            gettext_lazy("Follows a link of “%(what)s”"),
            "subject",
        ),
        "Unsubscribed": _plain(gettext_lazy("Asks for no more e-mails")),
        "SMS Sent": _about(
            gettext_lazy("We write an SMS"), gettext_lazy("We write “%(what)s”"), "subject"
        ),
        "SMS Link Clicked": _about(
            gettext_lazy("Follows a link of an SMS"),
            gettext_lazy("Follows a link of “%(what)s”"),
            "subject",
        ),
        "SMS Stopped": _plain(gettext_lazy("Asks for no more SMS")),
        "Brand Mentioned": _about(
            gettext_lazy("Speaks of us"), gettext_lazy("Speaks of us on %(what)s"), "network"
        ),
        "Signed Up": _plain(gettext_lazy("Opens an account")),
        "Signed In": _plain(gettext_lazy("Signs in")),
        "Consent Given": _consent(gettext_lazy("Agrees: %(what)s")),
        "Consent Refused": _consent(gettext_lazy("Refuses: %(what)s")),
        "Consent Withdrawn": _consent(gettext_lazy("Agrees no more: %(what)s")),
    }
)


def _page(name: str) -> str:
    return _("Opens the page “%(name)s”") % {"name": name} if name else _("Opens a page")


def _screen(name: str) -> str:
    return _("Opens the screen “%(name)s”") % {"name": name} if name else _("Opens a screen")


_TYPES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        EventType.PAGE: _page,
        EventType.SCREEN: _screen,
        EventType.IDENTIFY: lambda _name: _("Says who they are"),
        EventType.ALIAS: lambda _name: _("The same person under another identifier"),
        EventType.GROUP: lambda _name: _("Joins a group or a programme"),
    }
)
