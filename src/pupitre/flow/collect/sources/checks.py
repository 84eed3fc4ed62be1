"""What a source may be called, who may own it, from where browsers may send to it."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.flow.collect.models import BookVersion, Source
from pupitre.lake.contracts import Channel
from pupitre.rules.mandate import queries as mandate

NAME_CHARACTERS = 80
WHY_CHARACTERS = 1_000
MAX_ORIGINS = 50
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEY_CHARACTERS = 40
_RESERVED = frozenset({"new"})  # a page has this address
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")


def check_key(key: str) -> None:
    if len(key) > _KEY_CHARACTERS or not _KEY.fullmatch(key) or key in _RESERVED:
        raise Invalid(
            _("Small letters, digits and hyphens, at most %(count)s: “web-shop”.")
            % {"count": _KEY_CHARACTERS},
            field="key",
        )
    if Source.objects.filter(key=key).exists():
        raise Invalid(_("There is a source of this name in the lake already."), field="key")


def check_words(*, name_fr: str, name_en: str, why: str) -> None:
    if not name_fr.strip():
        raise Invalid(_("Give it a name."), field="name_fr")
    if not why.strip():
        raise Invalid(_("Say what marketing wants it for: IT decides on that."), field="why")
    for field, text, most in (
        ("name_fr", name_fr, NAME_CHARACTERS),
        ("name_en", name_en, NAME_CHARACTERS),
        ("why", why, WHY_CHARACTERS),
    ):
        if len(text) > most:
            raise Invalid(_("Keep it under %(count)s characters.") % {"count": most}, field=field)
        if any(ord(character) < 32 and character not in "\n\r\t" for character in text):
            raise Invalid(_("This text holds characters that nobody can read."), field=field)


def check_channel(channel: str) -> None:
    if channel not in set(Channel):
        raise Invalid(_("Choose one of the channels."), field="channel")


def check_owner(seat_id: int, *, at: datetime) -> None:
    if mandate.open_seat(seat_id=seat_id, day=day_of(at)) is None:
        raise Invalid(_("This seat does not exist any more: choose another."), field="owner")


def check_origins(origins: tuple[str, ...]) -> None:
    if len(origins) > MAX_ORIGINS:
        raise Invalid(
            _("At most %(count)s addresses.") % {"count": MAX_ORIGINS}, field="allowed_origins"
        )
    for origin in origins:
        if not _is_origin(origin):
            raise Invalid(
                _("“%(origin)s” is no address of a site: write it as https://www.example.com")
                % {"origin": origin[:80]},
                field="allowed_origins",
            )


def _is_origin(text: str) -> bool:
    """As browsers send it (RFC 6454): scheme, host, port where it is unusual, and nothing else."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc.split(":")[0]):
        return False
    plain = f"{parts.scheme}://{host}{'' if port is None else f':{port}'}"
    return text == plain


def source_to_change(key: str) -> Source:
    source = Source.objects.filter(key=key).first()
    if source is None:
        raise Invalid(_("There is no such source."))
    return source


def open_source(key: str) -> Source:
    source = source_to_change(key)
    if source.closed_at is not None:
        raise Invalid(_("This source is closed: reopen it first."))
    return source


def turn_the_page() -> None:
    """The collector reads its book again within a moment. Called by every act that changes it."""
    version, _created = BookVersion.objects.select_for_update().get_or_create(pk=1)
    version.number += 1
    version.save(update_fields=["number"])
