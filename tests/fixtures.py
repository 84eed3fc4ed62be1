"""Fixtures for every test: a running demonstration, a real Chromium, screenshots that are kept."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.conf import settings

from tests.serving import Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "screenshots"
DATABASE = "pupitre.sqlite3"
# What a journey may change beside the database. Events that it sends stay: whoever counts them
# counts those of a source of its own.
PUT_BACK = ("audit.witness", "mail/*")
SEEN = (
    ("SELECT max(epoch) FROM mandate_ledger", "UPDATE mandate_ledger SET epoch = ?"),
    ("SELECT max(number) FROM collect_bookversion", "UPDATE collect_bookversion SET number = ?"),
)
PHONE = (360, 740)
DESKTOP = (1280, 860)
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# A machine with other work to do is slow now and then: that is no failure of what is tested.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A journey is a browser test, and an architecture test needs no second database."""
    for item in items:
        folder = item.path.parent.name
        if folder == "journeys":
            item.add_marker(pytest.mark.browser)
        if folder == "architecture":
            item.add_marker(pytest.mark.once)


def pytest_unconfigure() -> None:
    if settings.configured:
        shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


# --- a running Pupitre ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the whole run: all test processes have the same."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def demonstration(shared_folder: Path) -> Path:
    """A data folder with the demonstration company in it, built once; copy it, don't use it.

    Once for the whole run: test processes share it, and the first to come builds it.
    """
    folder = shared_folder / "demonstration" / "var"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder.parent / "built").exists():
            with serving(folder, "--demo", "--no-worker"):
                pass
            (folder.parent / "built").touch()
    return folder


@pytest.fixture(scope="session")
def served(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demonstration, served for the whole session. For tests that leave it as it was."""
    folder = tmp_path_factory.mktemp("served") / "var"
    shutil.copytree(demonstration, folder)
    with serving(folder, "--demo", "--no-worker") as running:
        yield running


@pytest.fixture(scope="session")
def _served_to_change(
    demonstration: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("changed") / "var"
    shutil.copytree(demonstration, folder)
    with serving(folder, "--demo", "--no-worker") as running:
        yield running


@pytest.fixture
def served_afresh(demonstration: Path, _served_to_change: Served) -> Iterator[Served]:
    """The demonstration as it was built: change what you like, it is put back afterwards."""
    yield _served_to_change
    put_back(demonstration / "demo", _served_to_change.data_dir / "demo")


def put_back(kept: Path, running: Path) -> None:
    """Give a running Pupitre the content that was kept, under an epoch that it has not seen.

    Starting another one costs seconds, this a few hundredths of one.
    """
    for place in PUT_BACK:
        for path in [path for path in running.glob(place) if path.is_file()]:
            path.unlink()
        for path in kept.glob(place):
            shutil.copy2(path, running / path.relative_to(kept))
    with (
        closing(sqlite3.connect(kept / DATABASE)) as was,
        closing(sqlite3.connect(running / DATABASE, timeout=20)) as now,
    ):
        # Processes keep the law of an epoch, and the sources of a version, in memory: they must
        # see ones that they have not met.
        newest = [now.execute(read).fetchone() for read, _write in SEEN]
        was.backup(now)
        for (_read, write), (number,) in zip(SEEN, newest, strict=True):
            now.execute(write, [number + 1])
        now.commit()


# --- a real browser ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright, for one module: its event loop must not stand in the way of other tests."""
    from playwright.sync_api import sync_playwright

    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as started:
        yield started
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium. `make test` installs it; elsewhere a missing one fails, not skips."""
    found = next((path for path in CHROMIUM if Path(path).exists()), CHROMIUM[0])
    browser = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_ARGUMENTS))
    yield browser
    browser.close()


class Complaints(list[str]):
    """What pages said on the console, or threw, while a test ran. Allow what a test provokes."""

    def __init__(self) -> None:
        super().__init__()
        self.allowed: list[str] = []

    def allow(self, part: str) -> None:
        self.allowed.append(part)

    def unexpected(self) -> list[str]:
        return [line for line in self if not any(part in line for part in self.allowed)]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Fails the test when a page complained: a blocked style or script, an uncaught error."""
    heard = Complaints()
    yield heard
    assert heard.unexpected() == []


@pytest.fixture
def open_page(chromium: Browser, complaints: Complaints) -> Iterator[Callable[..., Page]]:
    """`open_page(size=PHONE, language="en", theme="dark", javascript=False)`: a person's browser.

    Each call is a browser of its own (its own cookies), so two people can be at work at once.
    """
    contexts: list[BrowserContext] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def open_one(
        *,
        size: tuple[int, int] = DESKTOP,
        language: str = "fr",
        theme: str = "light",
        javascript: bool = True,
        **more: Any,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale={"fr": "fr-FR", "en": "en-GB"}[language],
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=javascript,
            has_touch=size[0] < 600,
            reduced_motion="reduce",
            timezone_id="Europe/Paris",
            **more,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()


def keep_screenshot(page: Page, name: str, *, full_page: bool = True) -> None:
    """Save what the page looks like as screenshots/NAME.png, for a person to look at.

    Only where somebody will look: `make pictures` asks for them, and they take minutes to draw.
    """
    if not os.environ.get("PICTURES"):
        return
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=full_page)


# --- the mandate, between two tests --------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests empty tables between them, which the audit's and the consents' triggers would refuse.

    The tests of those triggers put them back for themselves.
    """
    from django.db import connection

    from pupitre.flow.identify.consents import append_only as consents
    from pupitre.rules.mandate import append_only

    with django_db_blocker.unblock():
        append_only.remove(connection)
        consents.remove(connection)


@pytest.fixture(scope="session", autouse=True)
def _fence_lets_the_flush_through() -> Iterator[None]:
    """Emptying the tables after a test is not an act; nothing else passes the fence."""
    from django.test import TransactionTestCase

    from pupitre.rules.mandate import guard

    teardown = TransactionTestCase._fixture_teardown

    def permitted_teardown(self: TransactionTestCase) -> None:
        with guard.permitted():
            teardown(self)

    TransactionTestCase._fixture_teardown = permitted_teardown  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _a_law_of_its_own(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Iterator[None]:
    """Each test has its own database content, so neither law nor witness may outlive it."""
    from pupitre.rules.mandate.standing import forget_law

    witness = Path(settings.DATA_DIR) / "audit.witness"
    forget_law()
    witness.unlink(missing_ok=True)
    yield
    forget_law()
    witness.unlink(missing_ok=True)
