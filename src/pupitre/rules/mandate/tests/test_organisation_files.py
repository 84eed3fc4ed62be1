"""Import and export over HTTP: preview, confirm, and everything that may go wrong in between."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from pupitre.core.accounts import mailing
from pupitre.core.accounts.models import User
from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import read_table
from pupitre.rules.mandate import audit, deciding, guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.activities import SETUP
from pupitre.rules.mandate.contracts import FunctionKind, Performed, Reason, Refused, Waiting
from pupitre.rules.mandate.models import AuditLine, Decision, Function, Member, Seat, Tenure
from pupitre.rules.mandate.organisation.actions import CreateFunction, ImportOrganisation
from pupitre.rules.mandate.organisation.columns import COLUMNS
from pupitre.rules.mandate.organisation.state import read_organisation
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.testing import Company, a_company, set_letters
from pupitre.rules.mandate.tests.organisation_kit import (
    NOON,
    TODAY,
    TOMORROW,
    a_csv,
    an_upload,
    reading,
    signed_in,
)

pytestmark = pytest.mark.django_db

# One seat answers for the organisation, for appointing and for members: nobody is consulted.
ROWS = {
    "organisation.change": {"cdo": "A", "cmo": "R"},
    "seat.appoint": {"cdo": "A", "cmo": "R"},
    "member.admit": {"cdo": "A", "cmo": "R"},
}
HEADER = [column.name for column in COLUMNS]
ADDRESS = "/organisation/import/"


def line(**cells: str) -> list[str]:
    return [cells.get(name, "") for name in HEADER]


BARE_SEAT = {"function_key": "it", "seat_key": "engineer", "seat_fr": "Ingénieure"}
NEW_SEAT = {**BARE_SEAT, "superior": "cio"}
LOUISE = {"email": "louise@ardoise.example", "name": "Louise Roy", "starts": "2026-11-20"}


@pytest.fixture
def company() -> Company:
    return a_company(rows=ROWS)


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company, "cdo")


def sent(client: Client, *lines: Sequence[str], **options: str) -> HttpResponse:
    upload = an_upload(a_csv(HEADER, *lines))
    return client.post(ADDRESS, {"file": upload, **options})


def seal_of(response: HttpResponse) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', response.content.decode())
    assert found, "the preview offers nothing to confirm"
    return found[1]


def text(response: HttpResponse) -> str:
    bare = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(bare.split())


# Preview, then confirm


def test_a_preview_shows_what_would_change_and_writes_nothing(client: Client) -> None:
    seats, lines = Seat.objects.count(), AuditLine.objects.count()

    response = sent(client, line(**NEW_SEAT, **LOUISE), invite="on")

    assert response.status_code == 200
    assert "Ingénieure" in text(response)
    assert "Louise Roy" in text(response)
    assert Seat.objects.count() == seats
    assert AuditLine.objects.count() == lines
    assert not User.objects.filter(email="louise@ardoise.example").exists()


@pytest.mark.django_db(transaction=True)
def test_confirming_writes_all_of_it_in_one_act_and_invites_afterwards() -> None:
    client = signed_in(a_company(rows=ROWS), "cdo")
    preview = sent(client, line(**NEW_SEAT, **LOUISE), invite="on")

    response = client.post(ADDRESS, {"sealed": seal_of(preview)})

    assert response.status_code == 302
    seat = Seat.objects.get(key="engineer")
    assert seat.name_fr == "Ingénieure"
    assert seat.lines_up.get().superior.key == "cio"
    assert Tenure.objects.get(seat=seat).member.name == "Louise Roy"
    assert AuditLine.objects.filter(action="mandate.ImportOrganisation").count() == 1
    assert audit.verify_chain().whole
    mailing.wait_until_sent()
    assert [message.to for message in mail.outbox] == [["louise@ardoise.example"]]


def test_nobody_is_invited_where_the_box_is_not_ticked(client: Client) -> None:
    preview = sent(client, line(**NEW_SEAT, **LOUISE))
    client.post(ADDRESS, {"sealed": seal_of(preview)})
    mailing.wait_until_sent()

    assert Member.objects.filter(user__email="louise@ardoise.example").exists()
    assert mail.outbox == []


def test_what_is_exported_changes_nothing_when_it_comes_back(
    company: Company, client: Client
) -> None:
    for kind in ("csv", "xlsx"):
        for language in ("fr", "en"):
            browser = signed_in(company, "cdo", language=language)
            exported = browser.get(f"/organisation/export/?as={kind}")
            assert exported.status_code == 200
            assert exported["Cache-Control"] == "no-store"

            upload = an_upload(exported.content, f"organisation.{kind}")
            response = browser.post(ADDRESS, {"file": upload, "close_missing": "on"})

            assert response.status_code == 200
            assert 'name="sealed"' not in response.content.decode()


def test_formulas_and_markup_in_names_leave_harmless_and_come_back_as_they_were(
    company: Company, client: Client
) -> None:
    nasty = '=cmd|"/c calc"!A1 <b>&'
    preview = sent(client, line(**{**NEW_SEAT, "seat_fr": nasty}))
    assert "<b>&" not in preview.content.decode(), "shown as text, not as markup"
    client.post(ADDRESS, {"sealed": seal_of(preview)})
    assert Seat.objects.get(key="engineer").name_fr == nasty

    exported = client.get("/organisation/export/").content
    assert b"'=cmd" in exported
    table = read_table(io.BytesIO(exported), "x.csv")
    assert nasty in [cell for row in table.rows for cell in row.cells]


def test_the_template_is_a_file_that_can_be_sent(client: Client) -> None:
    for kind in ("csv", "xlsx"):
        response = client.get(f"/organisation/import/template/?as={kind}")
        table = read_table(io.BytesIO(response.content), f"t.{kind}")
        assert len(table.rows) == 2


# What does not pass


def test_problems_are_told_by_line_and_column_and_nothing_is_offered(client: Client) -> None:
    response = sent(
        client,
        line(**NEW_SEAT),
        line(function_key="it", seat_key="x", seat_fr="X", superior="nobody", places="many"),
    )

    assert response.status_code == 422
    assert 'name="sealed"' not in response.content.decode()
    assert "Line 3, column J" in text(response) or "Ligne 3, colonne J" in text(response)
    assert "Line 3, column K" in text(response) or "Ligne 3, colonne K" in text(response)
    assert not Seat.objects.filter(key="engineer").exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"\x00\x01\x02", "noise.csv"),
        (b"MZ\x90", "program.exe"),
        (b"PK\x03\x04 not a workbook", "broken.xlsx"),
        (b"\xd0\xcf\x11\xe0 locked", "old.xls"),
        (b'"never closed', "quotes.csv"),
        (b"a,b\r\n" + b"x" * 6_000 + b",y", "long.csv"),
        (b"x" * (5 * 1024 * 1024 + 1), "huge.csv"),
        ("ôteur;siège\r\nœ;ÿ".encode("utf-16"), "other.csv"),
    ],
)
def test_a_file_that_is_no_table_is_a_sentence_at_its_field(
    client: Client, content: bytes, name: str
) -> None:
    response = client.post(ADDRESS, {"file": an_upload(content, name)})

    assert response.status_code == 422
    assert "errorlist" in response.content.decode()


def test_windows_encoding_is_read_as_it_was_meant(client: Client) -> None:
    content = ";".join(HEADER) + "\r\n" + ";".join(line(**NEW_SEAT))
    response = client.post(ADDRESS, {"file": an_upload(content.encode("cp1252"))})
    assert "Ingénieure" in text(response)


@pytest.mark.parametrize("sealed", ["", "x", "eyJhIjoxfQ:1xyz:forged", "é" * 100])
def test_a_forged_preview_is_sent_back(client: Client, sealed: str) -> None:
    seats = Seat.objects.count()
    response = client.post(ADDRESS, {"sealed": sealed})
    assert response.status_code == 302
    assert response["Location"] == ADDRESS
    assert Seat.objects.count() == seats


def test_a_preview_is_its_readers_alone(company: Company, client: Client) -> None:
    set_letters(company, "organisation.change", "brand", "R")
    sealed = seal_of(sent(client, line(**NEW_SEAT)))

    signed_in(company, "brand").post(ADDRESS, {"sealed": sealed})

    assert not Decision.objects.exists()
    assert not Seat.objects.filter(key="engineer").exists()


def test_an_organisation_that_moved_is_previewed_again(company: Company, client: Client) -> None:
    """Somebody creates the same seat meanwhile: the file would now change it, not add it."""
    sealed = seal_of(sent(client, line(**NEW_SEAT)))
    with guard.permitted():
        Seat.objects.create(
            key="engineer", name_fr="Autre", function=Function.objects.get(key="it")
        )

    response = client.post(ADDRESS, {"sealed": sealed})

    assert response.status_code == 409
    assert Seat.objects.get(key="engineer").name_fr == "Autre"
    again = client.post(ADDRESS, {"sealed": seal_of(response)})
    assert again.status_code == 302
    assert Seat.objects.get(key="engineer").name_fr == "Ingénieure"


def test_what_changed_elsewhere_does_not_disturb_a_preview(
    company: Company, client: Client
) -> None:
    sealed = seal_of(sent(client, line(**NEW_SEAT)))
    act(CreateFunction("west", "Ouest", "", FunctionKind.UNIT), by=company.actor("cdo"), at=NOON)

    assert client.post(ADDRESS, {"sealed": sealed}).status_code == 302
    assert Seat.objects.filter(key="engineer").exists()


def test_an_import_that_fails_halfway_leaves_nothing(company: Company) -> None:
    """The address belongs to an account without a member: found out when the account is made."""
    User.objects.create_user(email="louise@ardoise.example")
    other = line(function_key="it", seat_key="b", seat_fr="B", **LOUISE)
    action = an_import(line(**NEW_SEAT), other)
    counts = (Seat.objects.count(), Member.objects.count(), AuditLine.objects.count())

    with pytest.raises(Invalid):
        act(action, by=company.actor("cdo"), at=NOON)

    assert (Seat.objects.count(), Member.objects.count(), AuditLine.objects.count()) == counts


# Who may


def an_import(*lines: Sequence[str], close_missing: bool = False) -> ImportOrganisation:
    wanted = reading(read_organisation(day=TODAY), HEADER, *lines)
    assert wanted.problems == ()
    return ImportOrganisation(
        wanted=wanted.wanted, day=TODAY, close_missing=close_missing, invite=False
    )


@pytest.mark.parametrize("seat", ["ceo", "cio", "dpo", "brand"])
def test_who_has_no_letter_sends_no_file(company: Company, seat: str) -> None:
    client = signed_in(company, seat)

    page = client.get(ADDRESS)
    assert page.status_code == 200, "everybody may take it out"
    assert 'type="file"' not in page.content.decode()
    assert sent(client, line(**NEW_SEAT)).status_code == 403
    with pytest.raises(Refused):
        act(an_import(line(**NEW_SEAT)), by=company.actor(seat), at=NOON)
    assert not Seat.objects.filter(key="engineer").exists()


@pytest.mark.parametrize(
    ("activity", "lines"),
    [
        ("seat.appoint", [line(**BARE_SEAT, email="ops@ardoise.example")]),
        ("member.admit", [line(**BARE_SEAT, **LOUISE)]),
    ],
)
def test_a_file_does_not_do_what_another_row_forbids(
    company: Company, activity: str, lines: list[list[str]]
) -> None:
    set_letters(company, activity, "cdo", "")
    set_letters(company, activity, "ceo", "A")

    with pytest.raises(Refused) as refusal:
        act(an_import(*lines), by=company.actor("cdo"), at=NOON)
    assert refusal.value.activity.key == activity
    assert refusal.value.reason is Reason.NO_LETTER
    assert not Seat.objects.filter(key="engineer").exists()

    client = signed_in(company, "cdo")
    preview = sent(client, *lines)
    assert "Write all of it" not in text(preview)
    assert "Directrice générale" in text(preview) or "Chief executive" in text(preview)
    # By its door it is refused all the same; what is left of it can be seen, and written.
    assert client.post(ADDRESS, {"sealed": seal_of(preview)}).status_code == 403
    rest = client.post(ADDRESS, {"sealed": seal_of(preview), "do": "rest"})
    assert client.post(ADDRESS, {"sealed": seal_of(rest)}).status_code == 302
    assert Seat.objects.filter(key="engineer").exists()
    assert not Tenure.objects.filter(seat__key="engineer").exists()
    assert not Member.objects.filter(user__email="louise@ardoise.example").exists()


def test_step_by_step_the_same_file_is_brought_in_by_those_who_may(company: Company) -> None:
    """One seat admits, another lays out and appoints: nobody does both, and the file passes."""
    set_letters(company, "member.admit", "cdo", "")
    set_letters(company, "member.admit", "cdo", "R")
    set_letters(company, "member.admit", "cio", "A")
    client = signed_in(company, "cdo")
    lines = [line(**NEW_SEAT, **LOUISE)]

    preview = sent(client, *lines)
    asked = client.post(ADDRESS, {"sealed": seal_of(preview), "do": "invite"})
    assert asked.status_code == 200
    decision = Decision.objects.get()
    assert "Louise Roy" in decision.title_fr
    assert not Member.objects.filter(user__email="louise@ardoise.example").exists()
    assert "louise@ardoise.example" in text(signed_in(company, "cio").get(decision.url))
    deciding.approve(decision_id=decision.pk, by=company.actor("cio"), at=NOON)

    again = sent(client, *lines)
    assert client.post(ADDRESS, {"sealed": seal_of(again)}).status_code == 302
    louise = Member.objects.get(user__email="louise@ardoise.example")
    assert Tenure.objects.get(seat__key="engineer").member_id == louise.pk


def test_who_may_only_ask_opens_a_decision_that_shows_what_it_would_change(
    company: Company,
) -> None:
    asking, deciding_client = signed_in(company, "cmo"), signed_in(company, "cdo")
    preview = sent(asking, line(**NEW_SEAT, **LOUISE))

    asking.post(ADDRESS, {"sealed": seal_of(preview)})

    decision = Decision.objects.get()
    assert not Seat.objects.filter(key="engineer").exists()
    assert "Ingénieure" in text(deciding_client.get(decision.url))
    deciding.approve(decision_id=decision.pk, by=company.actor("cdo"), at=NOON)
    assert Seat.objects.filter(key="engineer").exists()


def test_an_approval_is_void_once_the_import_would_do_something_else(company: Company) -> None:
    outcome = act(an_import(line(**NEW_SEAT)), by=company.actor("cmo"), at=NOON)
    assert isinstance(outcome, Waiting)
    with guard.permitted():
        Seat.objects.create(
            key="engineer", name_fr="Autre", function=Function.objects.get(key="it")
        )

    with pytest.raises(Invalid):
        deciding.approve(decision_id=outcome.decision_id, by=company.actor("cdo"), at=NOON)

    assert Decision.objects.get().round == 2
    assert Seat.objects.get(key="engineer").name_fr == "Autre"


def test_an_import_does_not_leave_the_matrix_to_nobody(company: Company) -> None:
    only_ceo = line(function_key="committee", seat_key="ceo")
    action = an_import(only_ceo, close_missing=True)

    with pytest.raises(Invalid, match="2026"):
        act(action, by=company.actor("cdo"), at=NOON)

    assert current_law().occupied(company.seats["cmo"], TODAY)


def test_closing_what_the_file_leaves_out(company: Company) -> None:
    kept = [
        line(function_key=Seat.objects.get(key=key).function.key, seat_key=key)
        for key in company.seats
        if key != "brand"
    ]

    outcome = act(an_import(*kept, close_missing=True), by=company.actor("cdo"), at=NOON)

    assert isinstance(outcome, Performed)
    assert Seat.objects.get(key="brand").closed_on == TODAY
    assert not current_law().occupied(company.seats["brand"], TODAY)
    assert current_law().occupied(company.seats["ops"], TOMORROW)


def test_setup_brings_in_a_whole_company_where_no_matrix_rules_yet() -> None:
    lines = [
        line(function_key="it", function_fr="DSI", kind="it", seat_key="cio", seat_fr="DSI"),
        line(function_key="it", seat_key="dev", seat_fr="Dev", superior="DSI", **LOUISE),
    ]

    act(an_import(*lines), by=SETUP, at=NOON)

    assert current_law().holders(Seat.objects.get(key="dev").pk, TODAY) != ()
