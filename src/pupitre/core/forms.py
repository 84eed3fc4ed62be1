"""How every form looks and what our own forms share: plain labels, native dates, clear errors."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import Sheet, read_table

_DIGITS = 18  # of the largest number that fits into either database


def whole_number(text: str | None) -> int | None:
    """A number as a hidden field or an address carries it; None where it is none."""
    if text is None or not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        return None
    return int(text)


class HouseRenderer(DjangoTemplates):
    """Draws every Django form of the house and of its libraries (setting FORM_RENDERER)."""

    form_template_name = "core/forms/form.html"
    field_template_name = "core/forms/field.html"


class NativeDate(forms.DateInput):
    """The browser's own calendar, which speaks the reader's language. Sends YYYY-MM-DD."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class HouseFields(forms.Form):
    """What our forms share, whether they stand on a model or not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea) and field.widget.attrs.get("rows") == "10":
                field.widget.attrs["rows"] = "4"
            if isinstance(field, forms.DateField) and isinstance(field.widget, forms.DateInput):
                field.widget = NativeDate(field.widget.attrs)
                field.input_formats = ["%Y-%m-%d"]


class HouseForm(HouseFields):
    """A form of ours. Text is kept in one Unicode form, so that equal names are equal."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = unicodedata.normalize("NFC", value)
        return cleaned

    def refuse(self, error: Invalid) -> None:
        """Show where it belongs what a service refused: at its field, or over the form."""
        field = error.field if error.field in self.fields else None
        self.add_error(field, str(error))


class SpreadsheetField(forms.FileField):
    """A table to import. Its value is a `Sheet`; an unreadable file is an error of the field."""

    widget = forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"})
    default_error_messages = {"required": _("Choose a .csv or an .xlsx file.")}

    def clean(self, data: Any, initial: Any = None) -> Sheet | None:
        upload: UploadedFile[Any] | None = super().clean(data, initial)
        if not upload:
            return None
        try:
            return read_table(upload, upload.name or "")  # type: ignore[arg-type]
        except Invalid as error:
            raise ValidationError(str(error), code="unreadable") from error
