"""What happens around every page: the reader's own language, and errors that we expect."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from pupitre.core.errors import Invalid
from pupitre.core.views import invalid, method_not_allowed


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
    """An `Invalid` that no form caught becomes a page that says what to do, with status 400.

    So does an address that only takes forms: one comes back to it after a session has ended, and
    browsers show an empty answer as an error of their own.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return invalid(request, exception) if isinstance(exception, Invalid) else None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        empty = isinstance(response, HttpResponse) and not response.content
        if response.status_code != 405 or not empty:
            return response
        page = method_not_allowed(request)
        page["Allow"] = response["Allow"]
        return page
