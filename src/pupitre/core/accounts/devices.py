"""A browser's own description of itself, said in three words."""

from __future__ import annotations

from dataclasses import dataclass

# Order matters: every browser claims to be several of those below it.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """Empty where the browser did not say. Proper names: the same in every language."""

    browser: str
    system: str

    def __str__(self) -> str:
        return " · ".join(filter(None, (self.browser, self.system)))


def device(user_agent: str) -> Device:
    """Read a User-Agent header. What it says is a claim, good for recognising one's own."""
    return Device(
        browser=next((name for mark, name in _BROWSERS if mark in user_agent), ""),
        system=next((name for mark, name in _SYSTEMS if mark in user_agent), ""),
    )
