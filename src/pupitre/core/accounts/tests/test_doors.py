"""What every page asks and sends: who is there, which headers, which cookies."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.http import HttpRequest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from pupitre.core.accounts.events import AccountEvent, account_event
from pupitre.core.accounts.tests.conftest import PASSWORD, browser
from tests.serving import clean_environment

# Pages that somebody may open without having signed in, by the name of their route.
PUBLIC = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_invitation",
    "account_invitation_link",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
}
ENTRANCES = [
    "/account/sign-in/",
    "/account/closed/",
    "/account/password/reset/",
    "/account/password/reset/sent/",
    "/account/password/reset/1-nonsense/",
    "/account/invitation/",
    "/account/company/cancelled/",
    "/account/company/failed/",
]
SIGNED_IN = [
    "/account/",
    "/account/confirm/",
    "/account/password/",
    "/account/factors/app/",
    "/account/passkeys/add/",
    "/account/sessions/",
    "/account/sign-out/",
]


def account_routes() -> list[URLPattern]:
    (accounts,) = [
        entry
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver) and str(entry.pattern) == "account/"
    ]
    return accounts.url_patterns


def test_every_route_asks_who_is_there_save_those_listed():
    public = {
        route.name
        for route in account_routes()
        if not getattr(route.callback, "login_required", True)
    }
    assert public == PUBLIC


def test_a_stranger_is_led_to_the_sign_in_page_and_back(client, db):
    answer = client.get("/account/sessions/?a=1")
    assert answer["Location"] == "/account/sign-in/?next=/account/sessions/%3Fa%3D1"


def test_a_fragment_does_not_swap_a_sign_in_page_into_a_table(client, db):
    answer = client.get(
        "/account/sessions/",
        headers={"hx-request": "true", "hx-current-url": "http://testserver/account/?x=1"},
    )
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/account/sign-in/?next=/account/%3Fx%3D1"
    assert answer.content == b""


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", [*ENTRANCES, *SIGNED_IN])
def test_headers_of_every_page_in_both_languages(path, language, person, proven):
    person.language = language
    person.save()
    client = Client(headers={"accept-language": language}) if path in ENTRANCES else proven
    answer = client.get(path)
    assert answer.status_code in (200, 401, 410)
    assert f'lang="{language}"' in answer.content.decode()
    policy = answer["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert directives["style-src"] == "'self'"
    assert directives["form-action"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in answer["Permissions-Policy"]
    if path in SIGNED_IN:
        assert "no-store" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]


@pytest.mark.parametrize("path", [*ENTRANCES, *SIGNED_IN])
def test_no_page_holds_a_script_or_a_style_of_its_own(path, proven):
    client = browser() if path in ENTRANCES else proven
    page = client.get(path).content.decode()
    for opening in re.findall(r"<script[^>]*>", page):
        assert " src=" in opening or 'type="application/json"' in opening
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(at_home, settings):
    at_home.get("/account/password/")
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        cookie = at_home.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
    assert at_home.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 12 * 3600


@pytest.mark.parametrize(
    "path",
    [
        "/account/sign-in/",
        "/account/sign-out/",
        "/account/password/",
        "/account/password/reset/",
        "/account/confirm/",
        "/account/invitation/",
        "/account/sessions/others/end/",
        "/account/factors/app/",
        "/account/passkeys/sign-in/",
    ],
)
def test_a_form_of_another_site_is_refused(path, person):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert strict.post(path, {"login": "x"}).status_code == 403


def test_what_cannot_be_recorded_does_not_happen(client, person):
    """A receiver that fails, such as an audit that cannot write, keeps the door shut."""

    def broken(kind, **_):
        if kind == AccountEvent.SIGNED_IN:
            raise OSError("the disk is full")

    account_event.connect(broken)
    try:
        with pytest.raises(OSError, match="disk"):
            client.post("/account/sign-in/", {"login": person.email, "password": PASSWORD})
    finally:
        account_event.disconnect(broken)
    assert client.get("/account/").status_code == 302


SECURE_SETTINGS = """
import django; django.setup()
from django.conf import settings as s
from django.test import Client
assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE
assert (s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME) == ("__Host-session", "__Host-csrf")
assert s.SECURE_PROXY_SSL_HEADER and s.CSRF_TRUSTED_ORIGINS == ["https://pupitre.ardoise.example"]
page = Client().get("/account/sign-in/", headers={"host": "pupitre.ardoise.example",
                    "x-forwarded-proto": "https"})
print(page.status_code, page["Strict-Transport-Security"])
from allauth.utils import build_absolute_uri
from django.test import RequestFactory
back = build_absolute_uri(RequestFactory().get("/", headers={"host": "localhost"}), "/back/")
assert back == "https://localhost/back/"
csrf = page.cookies["__Host-csrf"]
assert csrf["secure"] and csrf["httponly"] and csrf["path"] == "/" and not csrf["domain"]
"""


@pytest.mark.slow
def test_over_https_cookies_are_secure_and_browsers_are_told_to_stay_there(tmp_path):
    environment = clean_environment(
        tmp_path / "var",
        DJANGO_SETTINGS_MODULE="pupitre.config.settings",
        PUPITRE_PUBLIC_URL="https://pupitre.ardoise.example",
        PUPITRE_TRUSTED_PROXIES="1",
    )
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=environment, check=True)
    subprocess.run(
        [sys.executable, "-m", "django", "createcachetable", "-v0"], env=environment, check=True
    )
    asked = SECURE_SETTINGS.replace(
        "page = Client()",
        "s.STORAGES['staticfiles']['BACKEND'] = "
        "'django.contrib.staticfiles.storage.StaticFilesStorage'\npage = Client()",
    )
    said = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip() == "200 max-age=31536000"


def test_over_plain_http_browsers_are_not_told_what_would_lock_them_out(client, db):
    assert not django_settings.SECURE
    assert "Strict-Transport-Security" not in client.get("/account/sign-in/").headers


def test_an_error_page_does_not_ask_the_database_who_reads_it(rf):
    from pupitre.core.accounts.middleware import SecurityHeaders

    class Unreachable:
        def __getattr__(self, name):
            raise AssertionError("the reader was asked for")

    def view(request: HttpRequest):
        from django.http import HttpResponse

        return HttpResponse(status=500)

    request = rf.get("/")
    request.user = Unreachable()
    assert "Permissions-Policy" in SecurityHeaders(view)(request).headers
