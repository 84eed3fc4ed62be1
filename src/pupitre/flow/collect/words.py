"""What pages call channels, refusals and treatments, and what to do about each refusal."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pupitre.flow.collect.contracts import PlanMode, Refusal
from pupitre.lake.contracts import Channel, EventType

Words = str | Promise

CHANNELS: Mapping[Channel, Words] = MappingProxyType(
    {
        Channel.WEB: pgettext_lazy("channel", "Web"),
        Channel.APP: pgettext_lazy("channel", "Application"),
        Channel.STORE: pgettext_lazy("channel", "Shop"),
        Channel.SERVICE: pgettext_lazy("channel", "Customer service"),
        Channel.EMAIL: pgettext_lazy("channel", "E-mail"),
        Channel.SMS: pgettext_lazy("channel", "SMS"),
        Channel.SOCIAL: pgettext_lazy("channel", "Social networks"),
        Channel.PARTNER: pgettext_lazy("channel", "Partner"),
        Channel.OTHER: pgettext_lazy("channel", "Other"),
    }
)

TYPES: Mapping[EventType, Words] = MappingProxyType(
    {
        EventType.IDENTIFY: pgettext_lazy("event", "Sign-in or profile"),
        EventType.TRACK: pgettext_lazy("event", "Action"),
        EventType.PAGE: pgettext_lazy("event", "Page seen"),
        EventType.SCREEN: pgettext_lazy("event", "Screen seen"),
        EventType.GROUP: pgettext_lazy("event", "Membership of a group"),
        EventType.ALIAS: pgettext_lazy("event", "Joining of two identifiers"),
    }
)

# Of a property in a plan: JSON's types, as somebody who does not write JSON calls them.
PROPERTY_TYPES: Mapping[str, Words] = MappingProxyType(
    {
        "string": pgettext_lazy("type of a property", "text"),
        "number": pgettext_lazy("type of a property", "number"),
        "boolean": pgettext_lazy("type of a property", "yes or no"),
        "object": pgettext_lazy("type of a property", "object"),
        "array": pgettext_lazy("type of a property", "list"),
        "any": pgettext_lazy("type of a property", "anything"),
    }
)

# Why, and what whoever sends should do: a closed list, one line each.
REFUSALS: Mapping[str, tuple[Words, Words]] = MappingProxyType(
    {
        Refusal.TOO_LARGE: (
            _("Too large"),
            _("An event may weigh 32 KB: send fewer or shorter properties."),
        ),
        Refusal.NOT_AN_OBJECT: (_("Not an event"), _("Each event must be a JSON object.")),
        Refusal.UNREADABLE: (
            _("Unreadable"),
            _("It is no JSON: look at how the sender writes its messages."),
        ),
        Refusal.UNKNOWN_TYPE: (
            _("Unknown type"),
            _("A type is one of: identify, track, page, screen, group, alias."),
        ),
        Refusal.NO_IDENTIFIER: (
            _("Without an identifier"),
            _("Send a userId or an anonymousId: an event must be somebody’s."),
        ),
        Refusal.NO_EVENT: (_("An action without a name"), _("Send “event” with every track.")),
        Refusal.NO_PREVIOUS_ID: (
            _("An alias of nothing"),
            _("Send previousId and userId with every alias."),
        ),
        Refusal.NO_GROUP_ID: (_("A group without its identifier"), _("Send groupId.")),
        Refusal.WRONG_TYPE: (
            _("A field of the wrong type"),
            _("The detail names the field: identifiers are text, properties are an object."),
        ),
        Refusal.MESSAGE_ID_TOO_LONG: (
            _("Message number too long"),
            _("At most 100 characters in messageId."),
        ),
        Refusal.IDENTIFIER_TOO_LONG: (
            _("Identifier too long"),
            _("Look at what is sent as userId: it should be a number or a code."),
        ),
        Refusal.NAME_TOO_LONG: (
            _("Name too long"),
            _("A name says what happened; details go into properties."),
        ),
        Refusal.BAD_TIME: (
            _("Impossible date"),
            _("Send dates as 2026-11-22T10:42:00Z."),
        ),
        Refusal.TOO_OLD: (
            _("Too old"),
            _("Import old events from a file: see Imports."),
        ),
        Refusal.IN_THE_FUTURE: (
            _("From the future"),
            _("The sender’s clock is wrong, or its time zone."),
        ),
        Refusal.TOO_DEEP: (
            _("Nested too deep"),
            _("Flatten the properties: no engine reads them that deep."),
        ),
        Refusal.NOT_PLANNED: (
            _("Not in the tracking plan"),
            _("Agree to it in the plan, then replay; or have the sender stop sending it."),
        ),
        Refusal.BAD_ROW: (
            _("A row that could not be read"),
            _("The detail names the line of the file and the column."),
        ),
    }
)

MODES: Mapping[PlanMode, tuple[Words, Words]] = MappingProxyType(
    {
        PlanMode.OFF: (
            pgettext_lazy("plan", "No plan"),
            _("Everything is let in, and learnt from."),
        ),
        PlanMode.WARN: (
            pgettext_lazy("plan", "Plan that warns"),
            _("What is not in the plan is let in, and counted."),
        ),
        PlanMode.ENFORCE: (
            pgettext_lazy("plan", "Plan that refuses"),
            _("What is not in the plan is refused, and waits in quarantine."),
        ),
    }
)


def channel_words(channel: str) -> Words:
    return CHANNELS[Channel(channel)] if channel in set(Channel) else channel


def refusal_words(reason: str) -> tuple[Words, Words]:
    """What it is called, and what to do. A reason of a later version keeps its own name."""
    return REFUSALS.get(reason, (reason, ""))
