"""Forms say what they want, and an error stands where its field is, for eyes and screen readers."""

from __future__ import annotations

import io
import re

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from pupitre.core.errors import Invalid
from pupitre.core.forms import HouseForm, SpreadsheetField
from pupitre.core.tests.hostile import workbook


class SeatForm(HouseForm):
    name = forms.CharField(max_length=10, label="Name", help_text="As people say it.")
    starts = forms.DateField(label="From")
    note = forms.CharField(label="Note", required=False)
    letters = forms.MultipleChoiceField(
        choices=[("A", "A"), ("R", "R")], widget=forms.CheckboxSelectMultiple, label="Letters"
    )
    digest = forms.BooleanField(label="Digest", required=False)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def drawn(form: forms.Form) -> str:
    return re.sub(r"\s+", " ", str(form))


def test_a_field_has_its_label_its_help_and_the_word_required():
    page = drawn(SeatForm())
    assert '<label for="id_name">Name <span class="must">(required)</span></label>' in page
    assert '<label for="id_note">Note</label>' in page
    assert '<div class="help" id="id_name_helptext">As people say it.</div>' in page
    assert re.search(r'<input[^>]*name="name"[^>]*aria-describedby="id_name_helptext"', page)
    assert "summary" not in page


def test_an_error_is_tied_to_its_field_and_linked_from_the_summary():
    page = drawn(SeatForm({"name": "x" * 11, "starts": "2026-11-24", "letters": ["A"]}))
    field = re.search(r'<input[^>]*name="name"[^>]*>', page)[0]
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_name_helptext id_name_error"' in field
    assert re.search(r'<ul class="errorlist" id="id_name_error"><li>.+?</li></ul>', page)
    assert '<div class="summary" role="alert" tabindex="-1">' in page
    assert "One answer needs correcting." in page
    assert '<a href="#id_name">Name</a>' in page


def test_every_target_of_the_summary_exists():
    page = drawn(SeatForm({"letters": ["Z"]}))
    assert "3 answers need correcting." in page
    for target in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{target}"' in page


def test_a_group_of_boxes_is_a_fieldset_with_its_error():
    page = drawn(SeatForm({"name": "x", "starts": "2026-11-24"}))
    assert re.search(r'<fieldset aria-describedby="id_letters_error">\s*<legend>Letters', page)


def test_one_box_stands_before_its_words():
    page = drawn(SeatForm())
    assert page.index('name="digest"') < page.index('<label for="id_digest">')


def test_dates_are_native_and_keep_their_value_in_both_languages():
    for language in ("fr", "en"):
        with translation.override(language):
            page = drawn(SeatForm({"starts": "2026-11-24"}))
            assert re.search(r'<input type="date" name="starts" value="2026-11-24"', page)


def test_what_was_typed_is_escaped_in_value_and_error():
    page = drawn(SeatForm({"name": '"><script>alert(1)</script>'}))
    assert "<script>" not in page


def test_text_is_kept_in_one_unicode_form():
    form = SeatForm({"name": "E\u0301va", "starts": "2026-11-24", "letters": ["A"]})
    assert form.is_valid()
    assert form.cleaned_data["name"] == "Éva"


@pytest.mark.parametrize(
    ("field", "shown_at"), [("name", "name"), ("", "__all__"), ("x", "__all__")]
)
def test_what_a_service_refused_shows_at_its_field_or_over_the_form(field, shown_at):
    form = SeatForm({"name": "a", "starts": "2026-11-24", "letters": ["A"]})
    assert form.is_valid()
    form.refuse(Invalid("This name is taken.", field=field or None))
    assert form.errors[shown_at] == ["This name is taken."]
    assert drawn(form).count("This name is taken.") == (2 if shown_at == "name" else 1)


class ImportForm(HouseForm):
    table = SpreadsheetField(label="Table")


def uploaded(data: bytes, name: str) -> ImportForm:
    return ImportForm({}, MultiValueDict({"table": [SimpleUploadedFile(name, data)]}))


def test_an_uploaded_table_becomes_rows():
    form = uploaded(workbook([["nom"], ["Éva"]]), "t.xlsx")
    assert form.is_valid()
    assert [row.cells for row in form.cleaned_data["table"].rows] == [("nom",), ("Éva",)]


def test_an_unreadable_table_is_an_error_of_its_field():
    form = uploaded(b'a,b\n"open', "t.csv")
    assert not form.is_valid()
    assert form.errors["table"][0].startswith("Line 2: the quotation marks")
    assert uploaded(b"", "t.csv").errors["table"]
    assert ImportForm({}, MultiValueDict()).errors["table"] == ["Choose a .csv or an .xlsx file."]


def test_an_upload_is_read_from_its_beginning():
    file = SimpleUploadedFile("t.csv", b"a;b\n1;2")
    assert isinstance(file.file, io.BytesIO)
    form = ImportForm({}, MultiValueDict({"table": [file]}))
    assert len(form.fields["table"].clean(file).rows) == 2
