"""Addresses that only take forms, opened as pages: after a session has ended, people come back."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
FORMS_ONLY = "/language/"


def test_they_say_what_they_are_and_change_nothing() -> None:
    answer = Client(headers={"accept-language": "en"}).get(FORMS_ONLY)
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "<h1" in answer.content.decode()
    assert "only takes the answers of a form" in answer.content.decode()
    assert not answer.cookies.get("django_language")


def test_a_fragment_says_it_as_a_message() -> None:
    answer = Client(headers={"hx-request": "true"}).get(FORMS_ONLY)
    assert answer.status_code == 405
    assert "<h1" not in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()


def test_a_page_that_takes_no_form_says_it_too() -> None:
    answer = Client().delete(FORMS_ONLY)
    assert answer.status_code in (403, 405)
    assert answer.content
