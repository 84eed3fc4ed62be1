"""Send an e-mail outside the request that asked for it.

An answer that waited for the mail server would tell, by its delay, whether an address is known.
A message lost in a crash is one that a person can ask for again; nothing else goes through here.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore

from django.core.mail import EmailMessage
from django.db import transaction

from pupitre.core.accounts.events import hashed

WAITING_AT_MOST = 500  # messages; beyond it a flood of requests would fill the memory

log = logging.getLogger(__name__)
_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="account-mail")
_room = BoundedSemaphore(WAITING_AT_MOST)
_HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


def send_soon(message: EmailMessage) -> Future[None] | None:
    """Hand a message to the sender at once. None when too many wait already: it is logged."""
    message.extra_headers.update(_HEADERS)
    if not _room.acquire(blocking=False):
        log.error("e-mail not sent, %d are waiting: %s", WAITING_AT_MOST, _recipients(message))
        return None
    return _sender.submit(_send, message)


def send_after_commit(message: EmailMessage) -> None:
    """The same, once the surrounding transaction has held: no e-mail about what was undone."""
    transaction.on_commit(lambda: send_soon(message))


def wait_until_sent() -> None:
    """Return when every message handed over so far has been tried: there is one sender, in turn."""
    _sender.submit(lambda: None).result()


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception:
        # Whoever asked has their answer by now; the operator finds this line, without addresses.
        log.exception("e-mail not sent: %s", _recipients(message))
    finally:
        _room.release()


def _recipients(message: EmailMessage) -> str:
    return ", ".join(hashed(address) for address in message.recipients())
