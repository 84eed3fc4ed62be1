"""The audit leaves Pupitre by a decision, and the log says who took what."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.journeys.people import AT_A_DESK, ON_A_PHONE, People, Reading


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE], ids=str)
def test_asked_agreed_and_then_the_file(people: People, reading: Reading) -> None:
    mireille = people("Mireille Faure", reading)
    mireille.opens("/audit/?text=Ariane")
    mireille.finds_it_sound("searched")
    mireille['form[action$="/audit/export/"] button[value="csv"]'].click()
    mireille.is_at("/audit/")  # marketing is consulted: it waits
    asked = int(mireille.look.one("SELECT max(id) FROM mandate_decision"))
    claire = people("Claire Delmas", reading)
    claire.says("opine", asked, verdict="for")
    mireille.says("carry_out", asked)
    mireille.opens("/audit/")
    mireille.finds_it_sound("agreed")
    with mireille.page.expect_download() as download:
        mireille[f'a[href$="/audit/export/{asked}/?kind=csv"]'].click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    mark = ";" if reading.language == "fr" else ","
    rows = list(csv.reader(io.StringIO(text), delimiter=mark))
    assert len(rows) > 3
    assert all("Ariane" in "".join(row) for row in rows[1:])
    last = mireille.look.one("SELECT max(seq) FROM mandate_auditline")
    mireille.opens(f"/audit/{last}/")
    mireille.finds_it_sound("line")
