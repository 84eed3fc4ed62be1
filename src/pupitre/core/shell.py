"""What surrounds every page: the rail's three wings, filled by what the rooms contribute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import NavEntry, navigation

WINGS = (
    ("decide", _("What we decide")),
    ("customers", _("What customers live")),
    ("rules", _("What we respect")),
)
MOST_ON_PHONE = 4  # and "More" beside them


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the navigation, as this reader sees it now."""

    label: str
    url: str
    count: int
    current: str  # "page", "true" for a page below it, or empty: the values of aria-current
    on_phone: bool


@dataclass(frozen=True, slots=True)
class Wing:
    name: str
    label: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Shell:
    wings: tuple[Wing, ...]
    phone: tuple[Place, ...]
    elsewhere: bool  # the present page is none of the phone's entries: "More" is current


def build(request: HttpRequest, entries: Iterable[NavEntry] | None = None) -> Shell:
    """The navigation for one request. What would refuse whoever reads is left out, and so are
    wings without entries."""
    known = tuple(
        entry
        for entry in (navigation if entries is None else entries)
        if entry.opens is None or entry.opens(request)
    )
    urls = {entry: reverse(entry.url_name) for entry in known}
    here = _nearest(request.path, urls.values())
    wings = []
    for name, label in WINGS:
        places = tuple(
            Place(
                label=str(entry.label),
                url=urls[entry],
                count=entry.count(request) if entry.count else 0,
                current=_current(request.path, urls[entry], here),
                on_phone=entry.on_phone,
            )
            for entry in sorted(known, key=lambda entry: (entry.order, urls[entry]))
            if entry.wing == name
        )
        if places:
            wings.append(Wing(name=name, label=str(label), places=places))
    phone = tuple(place for wing in wings for place in wing.places if place.on_phone)
    phone = phone[:MOST_ON_PHONE]
    return Shell(
        wings=tuple(wings), phone=phone, elsewhere=not any(place.current for place in phone)
    )


def _nearest(path: str, urls: Iterable[str]) -> str:
    """The entry that a page belongs to: the longest address that its own begins with."""
    above = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(above, key=len, default="")


def _current(path: str, url: str, here: str) -> str:
    if url != here:
        return ""
    return "page" if path == url else "true"
