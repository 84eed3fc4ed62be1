"""People who use Pupitre: each in a browser of their own, reading in their own way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import Error, expect

from tests.fixtures import DESKTOP, PHONE
from tests.journeys import quality
from tests.journeys.addresses import Looked, own_words
from tests.journeys.examined import Examined
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Response


@dataclass(frozen=True)
class Reading:
    """How somebody reads: language, size, theme, and whether scripts run."""

    language: str = "fr"
    size: tuple[int, int] = DESKTOP
    theme: str = "light"
    javascript: bool = True

    def __str__(self) -> str:
        where = "phone" if self.narrow else "desk"
        return f"{self.language}-{where}-{self.theme}" + ("" if self.javascript else "-noscript")

    @property
    def narrow(self) -> bool:
        return self.size[0] < 600


AT_A_DESK = Reading()
ON_A_PHONE = Reading("en", PHONE, "dark")
AT_NIGHT = Reading("en", DESKTOP, "dark")
IN_THE_SHOP = Reading("fr", PHONE, "light")
PLAIN = Reading("en", DESKTOP, "light", javascript=False)
PLAIN_PHONE = Reading("fr", PHONE, "dark", javascript=False)


class Person:
    """Somebody at a browser. Their verbs say what people do, not how a page is built."""

    def __init__(
        self, page: Page, served: Served, reading: Reading, journey: str, examined: Examined
    ) -> None:
        self.page = page
        self.served = served
        self.reading = reading
        self.look = Looked(served.data_dir)
        self._journey = journey
        self._examined = examined

    def __getitem__(self, selector: str) -> Locator:
        """What stands in the page itself, not in what surrounds it."""
        return self.page.locator("main").locator(selector)

    # --- moving about ----------------------------------------------------------------------------

    def opens(self, path: str) -> Response:
        response = self.page.goto(self.served.url + path)
        assert response is not None
        return response

    def takes_the_seat_of(self, name: str) -> Person:
        """The demonstration's one click."""
        self.opens("/demo/")
        self["li"].filter(has_text=name).get_by_role("button").click()
        self.is_at("/")
        return self

    def is_at(self, path: str | re.Pattern[str]) -> None:
        where = path if isinstance(path, re.Pattern) else self.served.url + path
        try:
            self.page.wait_for_url(where)
        except Error as error:
            raise AssertionError(f"at {self.page.url}: {self.text[:2000]}") from error

    def leaves(self) -> None:
        self.opens("/account/")
        self['form[action$="/sign-out/"] button'].click()
        self.is_at("/demo/")  # where the demonstration lets one choose again

    # --- reading ---------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        return " ".join(self.page.locator("main").inner_text().split())

    @property
    def told(self) -> Locator:
        """What Pupitre says of what was just done."""
        return self.page.locator("#flash")

    def reads(self, *words: str) -> None:
        for said in words:
            expect(self.page.locator("main")).to_contain_text(said)

    def finds_it_sound(self, picture: str) -> None:
        """The page as it stands has no fault; it is kept for a person to look at."""
        quality.picture(self.page, f"{self._journey}-{picture}-{self.reading}")
        if self.reading.javascript:
            language = self.reading.language
            own = own_words(self.look)
            found = quality.faults(
                self.page, language=language, own_words=own, examined=self._examined
            )
            assert not found, f"{self.page.url}:\n" + "\n".join(found)

    # --- doing -----------------------------------------------------------------------------------

    def fills(self, **fields: str) -> None:
        for name, value in fields.items():
            self[f'[name="{name}"]'].fill(value)

    def presses(self, selector: str = "form .btn.main") -> None:
        self[selector].click()

    def says(self, verb: str, decision: int, *, because: str = "", verdict: str = "") -> None:
        """Speak of a decision on its page: approve, refuse, opine, carry_out or withdraw."""
        self.opens(f"/decisions/{decision}/")
        if verb in ("refuse", "withdraw"):
            self[f"#{verb} > summary"].click()
        form = self["form"].filter(has=self.page.locator(f'[name="verb"][value="{verb}"]'))
        if verdict:
            form.locator(f'[name="verdict"][value="{verdict}"]').check()
        if because:
            form.locator('[name="comment"]').fill(because)
        form.locator("button").click()


People = Callable[..., Person]
