"""What happens around every page: the reader's own language, and errors that we expect."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from pupitre.core.errors import Invalid
from pupitre.core.views import invalid


class ReaderLanguage(MiddlewareMixin):
    """Somebody signed in reads their own language on every device; others, cookie or browser.

    Stands after Django's LocaleMiddleware, which has already listened to the cookie.
    """

    def process_request(self, request: HttpRequest) -> None:
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated and user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()


class ExpectedErrors(MiddlewareMixin):
    """An `Invalid` that no form caught becomes a page that says what to do, with status 400."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return invalid(request, exception) if isinstance(exception, Invalid) else None
