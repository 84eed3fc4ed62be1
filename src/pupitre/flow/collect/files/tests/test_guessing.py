"""What a page proposes for files as people have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pupitre.core.errors import Invalid
from pupitre.flow.collect.files import forms
from pupitre.flow.collect.files.guessing import guess, time_format
from pupitre.flow.collect.files.mapping import (
    Identifier,
    Kind,
    Layout,
    Mapping,
    Property,
    Text,
    check,
    read,
    written,
)
from pupitre.flow.collect.files.opening import opened

pytestmark = pytest.mark.once


def guessed(folder: Path, content: str) -> Mapping:
    path = folder / "f.csv"
    path.write_text(content)
    return guess(opened(path, Layout()), zone="Europe/Paris")


@pytest.mark.parametrize(
    ("header", "row", "who", "when", "form", "amount", "decimal"),
    [
        ("N° client;Date d'achat;Montant TTC", "7;31/12/2025;1 234,50", "N° client",
         "Date d'achat", "%d/%m/%Y", "Montant TTC", ","),
        ("customer_id,created_at,total", "7,2025-12-31T09:00:00Z,12.50", "customer_id",
         "created_at", "iso", "total", "."),
        ("userId,timestamp,revenue", "u7,1767171600,12", "userId", "timestamp", "seconds",
         "revenue", "."),
        ("Client,Horodatage,Prix", "7,12/31/2025 10:00,3.5", "Client", "Horodatage",
         "%m/%d/%Y %H:%M", "Prix", "."),
    ],
)  # fmt: skip
def test_the_usual_files(
    tmp_path: Path, header: str, row: str, who: str, when: str, form: str, amount: str,
    decimal: str,
) -> None:  # fmt: skip
    found = guessed(tmp_path, f"{header}\n{row}\n")
    check(found)
    assert found.identifiers == (Identifier(who, "user_id"),)
    assert (found.time.column, found.time.format) == (when, form)
    assert (found.amount.column, found.amount.decimal) == (amount, decimal)


def test_an_address_serves_where_there_is_no_number(tmp_path: Path) -> None:
    found = guessed(tmp_path, "Courriel;Jour;Vip;Points\na@b.fr;01.02.2026;oui;3\n")
    assert found.identifiers == (Identifier("Courriel", "user_id"), Identifier("Courriel", "email"))
    assert found.time.format == "%d.%m.%Y"
    assert found.properties == (
        Property("Vip", "Vip", Kind.BOOLEAN), Property("Points", "Points", Kind.NUMBER),
    )  # fmt: skip


def test_day_first_unless_a_month_would_be_over_twelve() -> None:
    assert time_format(["01/02/2026", "03/04/2026"]) == "%d/%m/%Y"
    assert time_format(["01/13/2026", "01/02/2026", "02/28/2026"]) == "%m/%d/%Y"
    assert time_format(["hello"]) == ""


def test_what_the_form_shows_is_what_it_gives_back(tmp_path: Path) -> None:
    found = guessed(tmp_path, "client,mail,date,total,shop,n\n7,a@b.fr,2026-01-01,3.5,Lyon,2\n")
    columns = ("client", "mail", "date", "total", "shop", "n")
    form = forms.MappingForm(forms.initial(found, columns), columns=columns)
    assert form.is_valid(), form.errors
    assert forms.mapping_of(form.cleaned_data, columns, found.layout) == found


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "nothing", '{"tipe": {"constant": "track"}}', '{"time": {"zone": "Mars"}}',
        '{"identifiers": [{"column": "a", "name": "a\\u0000b"}]}', "[" * 100_000,
        '{"type": {"constant": "bought"}}',
    ],
)  # fmt: skip
def test_a_mapping_that_makes_no_sense_is_told(text: str) -> None:
    with pytest.raises(Invalid):
        read(text)


def test_a_mapping_is_kept_as_it_is(tmp_path: Path) -> None:
    found = guessed(tmp_path, "client,date\n7,2026-01-01\n")
    assert read(written(found)) == found
    assert found.name == Text(constant="Imported")
