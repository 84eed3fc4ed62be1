"""Amounts as people read them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from babel.numbers import format_currency, format_decimal
from django.utils.translation import get_language

_LARGEST = Decimal(10) ** 15


def money(amount: str, currency: str) -> str:
    """ "147 €", "147,50 €"; empty where it is no amount."""
    try:
        value = Decimal(amount)
    except InvalidOperation:
        return ""
    if not value.is_finite() or abs(value) >= _LARGEST:
        return ""
    locale = "fr_FR" if (get_language() or "fr").startswith("fr") else "en_GB"
    whole = value == value.to_integral_value()
    digits = "#,##0" if whole else "#,##0.00"
    if not (len(currency) == 3 and currency.isalpha()):
        return str(format_decimal(value, format=digits, locale=locale))
    form = f"{digits}\u00a0¤" if locale.startswith("fr") else f"¤{digits}"
    return str(format_currency(value, currency.upper(), form, locale=locale, currency_digits=False))
