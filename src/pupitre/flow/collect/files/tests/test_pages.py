"""Sending a file, correcting how it is read, importing it, and seeing how far it is."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from pupitre.flow.collect.files import records, work
from pupitre.flow.collect.files.tests.kit import SOURCE, a_company_that_imports, in_lake, lake
from pupitre.rules.mandate.models import Decision
from pupitre.rules.mandate.testing import Company
from pupitre.rules.mandate.tests.http_kit import words
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["lake", "noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock", "lake")]
FILE = (
    "N° client;Date;Montant TTC;Magasin\n"
    "7;31/12/2025;1 234,50;Lyon\n"
    "8;01/01/2026;2,5;Nice\n"
    "9;35/01/2026;3,5;Nice\n"
)


@pytest.fixture
def company() -> Company:
    return a_company_that_imports()


def sent(client: Any, content: bytes = FILE.encode(), name: str = "achats.csv") -> Any:
    upload = SimpleUploadedFile(name, content)
    return client.post(reverse("collect:import_new"), {"source": SOURCE, "file": upload})


def fields(page: Any) -> dict[str, Any]:
    """What a browser would send back."""
    form = page.context["form"]
    said = {name: form[name].value() or "" for name in form.fields}
    return said | {"column": list(form.columns)}


@pytest.mark.parametrize(
    ("language", "lead", "button", "wrong"),
    [
        (
            "en",
            "This is how “achats.csv” would be read",
            "Import it all",
            "line 4: column “Date” holds “35/01/2026”, where dates look like 31/12/2026",
        ),
        (
            "fr",
            "achats.csv",
            "",
            "ligne 4 : la colonne « Date » contient « 35/01/2026 », "
            "là où les dates ressemblent à 31/12/2026",
        ),
    ],
)
def test_from_a_file_to_events(
    company: Company, language: str, lead: str, button: str, wrong: str
) -> None:
    ops = signed_in(company, "ops", language=language)
    assert reverse("collect:import_new") in ops.get(reverse("collect:imports")).content.decode()
    answer = sent(ops)
    page = ops.get(answer["Location"])
    text = words(page)
    assert lead in text
    assert button in text
    assert "1 234,50" in text  # as the file writes it
    assert "Order Completed" in text
    assert wrong in text
    answer = ops.post(answer["Location"], fields(page) | {"act": "import"})
    [row] = records.unfinished()
    assert answer["Location"] == reverse("collect:import", args=[row.id])
    assert "hx-trigger" in ops.get(answer["Location"]).content.decode()
    assert work.once(threading.Event())
    done = words(ops.get(answer["Location"]))
    assert "hx-trigger" not in ops.get(answer["Location"]).content.decode()
    assert re.search(r"\b2\b", done)
    assert in_lake("user_id, amount::VARCHAR, properties") == [
        ("7", "1234.5000", '{"Magasin":"Lyon"}'),
        ("8", "2.5000", '{"Magasin":"Nice"}'),
    ]
    assert not row.path.parent.exists()  # customers' data do not stay in a folder
    assert work.once(threading.Event())
    assert len(in_lake()) == 2


def test_a_correction_is_shown_before_anything_comes_in(company: Company) -> None:
    ops = signed_in(company, "ops", language="en")
    address = sent(ops)["Location"]
    said = fields(ops.get(address)) | {"name": "Ticket", "role_3": "loyalty_card", "act": "look"}
    page = ops.post(address, said)
    assert page.status_code == 200
    assert "Ticket" in words(page)
    assert "loyalty_card: Lyon" in words(page)
    assert not records.unfinished()


def test_what_makes_no_sense_comes_back(company: Company) -> None:
    ops = signed_in(company, "ops", language="en")
    address = sent(ops)["Location"]
    said = fields(ops.get(address)) | {"role_0": "", "act": "import"}
    page = ops.post(address, said)
    assert page.status_code == 422
    assert "Say which column tells whose event it is" in words(page)
    assert not records.unfinished()


def test_read_with_another_separator_it_has_other_columns(company: Company) -> None:
    ops = signed_in(company, "ops", language="en")
    address = sent(ops, b"a;b,c\n1;2,3\n")["Location"]
    page = ops.post(address, fields(ops.get(address)) | {"separator": ",", "act": "look"})
    assert page.context["form"].columns == ("a;b", "c")


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\x1f\x8b\x08 packed"])
def test_what_is_no_table_is_not_kept(company: Company, content: bytes) -> None:
    page = sent(signed_in(company, "ops", language="en"), content)
    assert page.status_code == 422
    assert not list(records.folder().glob("*/file"))


def test_a_seat_that_proposes_asks(company: Company) -> None:
    cio = signed_in(company, "cio", language="en")
    address = sent(cio)["Location"]
    page = cio.get(address)
    assert "Ask for the import" in words(page)
    answer = cio.post(address, fields(page) | {"act": "import"})
    decision = Decision.objects.get(state="open")
    assert answer["Location"] == decision.page_url
    assert not records.unfinished()
    assert "achats.csv" in words(cio.get(reverse("collect:imports")))


@pytest.mark.parametrize("seat", ["brand", "cmo"])
def test_others_are_told_whom_to_ask(company: Company, seat: str) -> None:
    client = signed_in(company, seat)
    assert client.get(reverse("collect:import_new")).status_code == 403
    assert sent(client).status_code == 403
    assert not list(records.folder().glob("*/file"))


def test_nobody_sees_what_another_has_sent(company: Company) -> None:
    address = sent(signed_in(company, "ops"))["Location"]
    assert signed_in(company, "cio").get(address).status_code == 404
    odd = reverse("collect:import_read", args=["not-a-token"])
    assert signed_in(company, "ops").get(odd).status_code == 404


def test_uploads_that_came_to_nothing_leave(company: Company, noon_on_the_clock: Any) -> None:
    sent(signed_in(company, "ops"))
    [path] = records.folder().glob("*/file")
    long_ago = noon_on_the_clock.timestamp() - (work.DRAFT_DAYS + 1) * 86_400
    work.tidy(noon_on_the_clock)
    assert path.exists()
    _age(path.parent, long_ago)
    work.tidy(noon_on_the_clock)
    assert not path.exists()


def _age(place: Path, at: float) -> None:
    os.utime(place, (at, at))
