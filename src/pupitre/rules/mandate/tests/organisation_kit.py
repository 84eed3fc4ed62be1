"""What the organisation's tests share: somebody signed in, a file to send, a day to stand on."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pupitre.core.spreadsheets import read_table
from pupitre.rules.mandate.models import Member
from pupitre.rules.mandate.organisation.reading import Reading, read_wanted
from pupitre.rules.mandate.organisation.state import OrganisationState
from pupitre.rules.mandate.testing import Company

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)  # a Friday, noon in Paris
TODAY = date(2026, 11, 20)
YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)
IN_A_MONTH = TODAY + timedelta(days=30)
IN_A_YEAR = TODAY + timedelta(days=365)

# What an installation holds before anything is laid out.
EMPTY = OrganisationState(
    functions=MappingProxyType({}),
    seats=MappingProxyType({}),
    members=MappingProxyType({}),
    tenures=MappingProxyType({}),
)


def signed_in(company: Company, seat: str, *, language: str = "en") -> Client:
    """A browser in which the holder of a seat has signed in."""
    member = Member.objects.select_related("user").get(pk=company.members[seat])
    client = Client(headers={"accept-language": language})
    client.force_login(
        get_user_model().objects.get(pk=member.user_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return client


def a_csv(*lines: Sequence[str]) -> bytes:
    """A file as a person's spreadsheet writes it; cells that need it are quoted."""
    return "\r\n".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines
    ).encode()


def an_upload(content: bytes, name: str = "organisation.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def reading(state: OrganisationState, *lines: Sequence[str]) -> Reading:
    """What the reader of files makes of these lines."""
    return read_wanted(read_table(io.BytesIO(a_csv(*lines)), "organisation.csv"), state)
