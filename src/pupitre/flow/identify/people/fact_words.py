"""The facts that help now, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from pupitre.core.templatetags.house import age, day
from pupitre.flow.identify.consents.reading import Held
from pupitre.flow.identify.people.helping import Fact, Help
from pupitre.flow.identify.people.money import money
from pupitre.flow.identify.people.telling import CHANNELS, Text, topic_words

_MORE_CHANNELS: Mapping[str, Text] = {
    "phone": pgettext_lazy("channel", "telephone"),
    "post": pgettext_lazy("channel", "post"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    about: Help
    text: str
    pressing: bool


def sentence(fact: Fact, *, now: datetime) -> Sentence:
    return Sentence(fact.about, _WORDS[fact.about](fact, now), fact.about in _PRESSING)


def _case(fact: Fact, now: datetime) -> str:
    since = age(fact.at, now)
    topic = topic_words(fact.details.get("topic", ""))
    if topic:
        return _("Waits for an answer of the service about %(topic)s: asked %(since)s.") % {
            "topic": topic,
            "since": since,
        }
    return _("Waits for an answer of the service: asked %(since)s.") % {"since": since}


def _return(fact: Fact, now: datetime) -> str:
    return _("Waits to be paid back for a return: asked %(since)s.") % {"since": age(fact.at, now)}


def _silence(fact: Fact, _now: datetime) -> str:
    held = fact.details.get("held")
    if held == Held.RESTRICTED:
        return _("Use nothing of what is known here: they asked that their data be only kept.")
    if held == Held.OBJECTS:
        return _("Offer nothing: they object to prospecting.")
    if held == Held.PAUSED:
        until = datetime.fromisoformat(fact.details["until"])
        return _("Offer no messages: they want to hear nothing until %(day)s.") % {
            "day": day(until)
        }
    channels = ", ".join(
        str(_MORE_CHANNELS.get(channel) or CHANNELS.get(channel, channel))
        for channel in fact.channels
    )
    return _("Offer no messages: they want none by %(channels)s.") % {"channels": channels}


def _refunded(fact: Fact, now: datetime) -> str:
    amount = money(fact.details.get("total", ""), fact.details.get("currency", ""))
    since = age(fact.at, now)
    if amount:
        return _("%(amount)s were paid back %(since)s.") % {"amount": amount, "since": since}
    return _("A return was paid back %(since)s.") % {"since": since}


def _purchase(fact: Fact, now: datetime) -> str:
    given = {
        "amount": money(fact.details.get("total", ""), fact.details.get("currency", "")),
        "since": age(fact.at, now),
        "where": str(CHANNELS.get(fact.channel, fact.channel)),
    }
    place = next(
        (fact.details[k] for k in ("store", "shop", "store_name") if fact.details.get(k)), ""
    )
    if place:
        given["where"] = f"{given['where']}, {place}"
    if given["amount"]:
        return _("Last purchase %(since)s: %(amount)s (%(where)s).") % given
    return _("Last purchase %(since)s (%(where)s).") % given


def _bounced(fact: Fact, now: datetime) -> str:
    return _("Their e-mail address takes no messages any more: the last came back %(since)s.") % {
        "since": age(fact.at, now)
    }


_PRESSING = frozenset({Help.CASE, Help.RETURN, Help.SILENCE, Help.BOUNCED})
_WORDS = {
    Help.CASE: _case,
    Help.RETURN: _return,
    Help.SILENCE: _silence,
    Help.REFUNDED: _refunded,
    Help.PURCHASE: _purchase,
    Help.BOUNCED: _bounced,
}
