"""The bounds of what is received, with their units. Those of Segment's API, and our own."""

from __future__ import annotations

from datetime import timedelta

MAX_EVENT_BYTES = 32 * 1024
MAX_BODY_BYTES = 500 * 1024  # as it comes, and once expanded
MAX_BATCH_EVENTS = 2_500
MAX_MESSAGE_ID_CHARACTERS = 100
MAX_IDENTIFIER_CHARACTERS = 512
MAX_NAME_CHARACTERS = 512
MAX_DEPTH = 64  # objects and arrays within each other
MAX_KEY_CHARACTERS = 200  # of a write key
MAX_QUERY_BYTES = 16 * 1024  # of a pixel

AHEAD = timedelta(hours=1)  # how far ahead of now a clock may be; beyond, it is another day's event
LATE = timedelta(days=31)  # older is let in, and counted
TOO_OLD = timedelta(days=3653)  # no device keeps an event for ten years: its clock has stopped
EARLIEST_YEAR = 1900  # before it, engines disagree about which day it was

RETRY_SECONDS = 5  # what those who come in an overload are told
MAX_DISCARDED_BYTES = 16 * 1024 * 1024  # read and thrown away, so that a sender hears our 413
BODY_SECONDS = 30.0  # how long a client may take to send what it announced
