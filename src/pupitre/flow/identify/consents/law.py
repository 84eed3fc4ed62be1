"""What lines say together. No input, no output.

The latest line is heard; of two at one instant, the one that takes more away. A line about every
purpose or every channel ("*") is a line about each. Nothing said is no consent.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from pupitre.flow.identify.models import Said

ALL = "*"
# A rank in one number: a later line is larger, and of two at once the more restrictive.
RANKS = 4

CHANNELS: Mapping[str, str | Promise] = {
    "email": pgettext_lazy("consent", "by e-mail"),
    "sms": pgettext_lazy("consent", "by text message"),
    "phone": pgettext_lazy("consent", "by telephone"),
    "post": pgettext_lazy("consent", "by post"),
    "app": pgettext_lazy("consent", "in the application"),
    "web": pgettext_lazy("consent", "on our site"),
    "store": pgettext_lazy("consent", "in our shops"),
    "social": pgettext_lazy("consent", "on social networks"),
    "partner": pgettext_lazy("consent", "through our partners"),
}
# How sources write channels, without spaces, hyphens and underscores.
SPELLINGS: Mapping[str, str] = {
    **dict.fromkeys(("email", "emails", "courriel", "courriels", "emailing"), "email"),
    **dict.fromkeys(("sms", "text", "texts", "texto", "textos", "textmessage"), "sms"),
    **dict.fromkeys(("phone", "telephone", "téléphone", "call", "appel"), "phone"),
    **dict.fromkeys(("post", "postal", "courrier", "letter"), "post"),
}
# An e-mail in French, a letter in English: what is unclear takes both away, and gives neither.
UNCLEAR: Mapping[str, tuple[str, ...]] = {"mail": ("email", "post"), "mails": ("email", "post")}


def channels_of(word: str, *, gives: bool) -> tuple[str, ...]:
    """The channels that a source's word stands for; nothing where it stands for none of ours."""
    flat = word.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    if flat in UNCLEAR:
        return () if gives else UNCLEAR[flat]
    known = SPELLINGS.get(flat, flat)
    return (known,) if known in CHANNELS else ()


def rank(at_us: int, said: Said) -> int:
    return at_us * RANKS + said


def at_of(ranked: int) -> int:
    return ranked // RANKS


def said_of(ranked: int) -> Said:
    return Said(ranked % RANKS)


def heard(ranks: Mapping[tuple[str, str], int], purpose: str, channel: str) -> int | None:
    """The rank of the line that is heard for a purpose on a channel; None where nothing was said.

    ``ranks``: the highest rank of each (purpose, channel) of the ledger, "*" among them.
    """
    found = [
        ranks[place]
        for place in ((purpose, channel), (ALL, channel), (purpose, ALL), (ALL, ALL))
        if place in ranks
    ]
    return max(found, default=None)


def way(channel: str) -> str:
    """A channel in words: "by e-mail". One that we have no word for is called by its own."""
    return str(CHANNELS.get(channel, channel))
