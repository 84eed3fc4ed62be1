"""The daily digest, over a real SMTP server: to whom, what, and never twice."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from django.db import connections

from pupitre.core.contributions import Unhealthy
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Actor
from pupitre.rules.mandate.digest import check_digests, send_digests
from pupitre.rules.mandate.models import DigestSent, Member
from pupitre.rules.mandate.personal import SetDigest
from pupitre.rules.mandate.testing import NOON, Company, a_company
from pupitre.rules.mandate.tests.test_acting import Rename


class Postbox(MessageHandler):
    """A server that keeps what it is given; ``broken`` makes it refuse, ``kills`` is cruel."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Message] = []
        self.broken = False
        self.kills = 0  # process to kill once its message has arrived

    def handle_message(self, message: Message) -> None:
        if self.broken:
            raise RuntimeError("full")
        self.letters.append(message)
        if self.kills:
            os.kill(self.kills, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    yield box
    server.stop()


@pytest.fixture
def company(db: None) -> Company:
    """The digital officer wants the digest, and a decision waits for her."""
    built = a_company()
    for seat in ("cdo", "crm"):
        member = built.members[seat]
        act(SetDigest(member_id=member, wanted=True), by=Actor(member), at=NOON)
    act(Rename("Numérique"), by=built.actor("cio"), at=NOON)
    return built


def text_of(letter: Message) -> str:
    part = next(p for p in letter.walk() if p.get_content_type() == "text/plain")
    return str(part.get_payload(decode=True).decode())  # type: ignore[union-attr]


def test_it_reaches_those_who_want_it_and_have_something_waiting(
    company: Company, postbox: Postbox
) -> None:
    assert send_digests(NOON) == 1  # nothing waits for customer relations
    letter = postbox.letters[0]
    assert letter["To"] == "cdo@ardoise.example"
    assert "Renommer en Numérique" in text_of(letter)
    assert "/decisions/" in text_of(letter)


def test_it_speaks_the_reader_s_language(company: Company, postbox: Postbox) -> None:
    user = Member.objects.get(pk=company.members["cdo"]).user
    user.language = "en"
    user.save()
    send_digests(NOON)
    assert "Rename to Numérique" in text_of(postbox.letters[0])


def test_it_is_sent_once_a_day(company: Company, postbox: Postbox) -> None:
    assert send_digests(NOON) == 1
    assert send_digests(NOON + timedelta(hours=3)) == 0
    assert send_digests(NOON + timedelta(days=1)) == 1
    assert len(postbox.letters) == 2


def test_what_may_have_left_is_told_and_not_sent_again(company: Company, postbox: Postbox) -> None:
    postbox.broken = True
    assert send_digests(NOON) == 0
    postbox.broken = False
    assert send_digests(NOON + timedelta(minutes=5)) == 0
    assert DigestSent.objects.get().sent_at is None
    with pytest.raises(Unhealthy):
        check_digests()


def test_nobody_who_stopped_it_or_left_receives_it(company: Company, postbox: Postbox) -> None:
    member = company.members["cdo"]
    act(SetDigest(member_id=member, wanted=False), by=Actor(member), at=NOON)
    assert send_digests(NOON) == 0
    act(SetDigest(member_id=member, wanted=True), by=Actor(member), at=NOON)
    with guard.permitted():
        Member.objects.filter(pk=member).update(suspended=True)
    assert send_digests(NOON) == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_does_not_send_twice(
    company: Company, postbox: Postbox, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    connections.close_all()
    child = os.fork()
    if child == 0:
        while not ready.exists():
            time.sleep(0.01)
        send_digests(NOON)
        os._exit(0)
    postbox.kills = child
    ready.touch()
    _pid, status = os.waitpid(child, 0)
    postbox.kills = 0
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert send_digests(NOON) == 0
    assert len(postbox.letters) == 1
    assert DigestSent.objects.get().sent_at is None
