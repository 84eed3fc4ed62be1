"""The shell: navigation, language, theme, mode, and errors in the house's voice."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import translation

from pupitre.core import shell, views
from pupitre.core.accounts.models import User
from pupitre.core.contributions import NavEntry
from pupitre.core.errors import Invalid

STATUSES = {
    "404": ("There is nothing at this address.", "Il n’y a rien à cette adresse."),
    "403": ("Only the CIO may.", "Only the CIO may."),
    "403-plain": ("This is not open to your seat.", "Ceci n’est pas ouvert à votre siège."),
    "400": ("We could not read this request.", "Nous n’avons pas pu lire cette demande."),
    "413": ("This is too large to be received.", "C’est trop lourd pour être reçu."),
    "429": ("Too many attempts in a short time.", "Trop d’essais en peu de temps."),
    "invalid": ("The end comes before the start.", "The end comes before the start."),
    "500": ("Something broke on our side.", "Quelque chose a cédé de notre côté."),
}
RAISED = {
    "404": Http404("x"),
    "403": PermissionDenied("Only the CIO may."),
    "403-plain": PermissionDenied(),
    "400": SuspiciousOperation("x"),
    "413": RequestDataTooBig("x"),
    "invalid": Invalid("The end comes before the start."),
    "500": RuntimeError("secret detail"),
}


def fail(request, name):
    if name == "429":
        return views.too_many_requests(request)
    raise RAISED[name]


fail.login_required = False
form = HttpResponse
urlpatterns = [
    path("fail/<str:name>/", fail),
    path("", include("pupitre.config.urls")),
]
handler400 = "pupitre.core.views.bad_request"
handler403 = "pupitre.core.views.permission_denied"
handler404 = "pupitre.core.views.page_not_found"
handler500 = "pupitre.core.views.server_error"


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def reader(db) -> tuple[Client, User]:
    user = User.objects.create_user(email="claire@example.fr", password="x")
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client, user


# Errors


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", STATUSES)
def test_each_error_has_its_page_in_both_languages(db, visitor, name, language):
    response = visitor.get(f"/fail/{name}/", headers={"accept-language": language})
    page = response.content.decode()
    assert response.status_code == int(name[:3]) if name != "invalid" else 400
    assert f'<html lang="{language}"' in page
    assert f">{STATUSES[name][language == 'fr']}</h1>" in page
    assert "secret detail" not in page


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("name", STATUSES)
def test_a_fragment_gets_one_message_not_a_page(db, visitor, name):
    response = visitor.get(
        f"/fail/{name}/", headers={"accept-language": "en", "hx-request": "true"}
    )
    page = response.content.decode()
    assert response.status_code >= 400
    assert "<html" not in page
    assert '<div class="finding error" role="alert">' in page
    assert STATUSES[name][0] in page


@pytest.mark.urls(__name__)
def test_the_page_of_a_crash_asks_the_database_nothing(visitor, caplog):
    # No `db` fixture: any query would raise.
    request = RequestFactory().get("/anything/")
    with translation.override("en"):
        response = views.server_error(request)
    reference = re.search(r"<strong>(\w{8})</strong>", response.content.decode())[1]
    assert reference in caplog.text


def test_what_a_refusal_says_is_escaped(db):
    request = RequestFactory().get("/x/")
    request.user = AnonymousUser()
    page = views.permission_denied(request, PermissionDenied("<b>no</b>")).content
    assert b"&lt;b&gt;no&lt;/b&gt;" in page


def test_a_form_from_another_time_is_refused_kindly(db):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/language/", {"language": "en"}, headers={"accept-language": "en"})
    assert response.status_code == 403
    assert b"This page had been open too long" in response.content


# Language and theme


def test_a_visitor_changes_language_and_keeps_it(db, visitor):
    response = visitor.post("/language/", {"language": "en", "next": "/dev/x/?a=1"})
    assert (response.status_code, response.url) == (302, "/dev/x/?a=1")
    cookie = response.cookies["django_language"]
    assert cookie.value == "en"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    page = visitor.get("/nowhere/", headers={"accept-language": "fr"})
    assert b'<html lang="en"' in page.content


def test_the_browser_decides_until_somebody_does(db, visitor):
    assert b'<html lang="fr"' in visitor.get("/x/", headers={"accept-language": "fr-CA"}).content
    assert b'<html lang="en"' in visitor.get("/x/", headers={"accept-language": "en-US"}).content
    assert b'<html lang="fr"' in visitor.get("/x/", headers={"accept-language": "de"}).content


def test_an_account_keeps_its_language_on_every_device(reader):
    client, user = reader
    client.post("/language/", {"language": "en"})
    user.refresh_from_db()
    assert user.language == "en"
    del client.cookies["django_language"]
    assert b'<html lang="en"' in client.get("/x/", headers={"accept-language": "fr"}).content


@pytest.mark.parametrize("language", ["de", "", "en; DROP", "../.."])
def test_an_unknown_language_changes_nothing(reader, language):
    client, user = reader
    response = client.post("/language/", {"language": language})
    user.refresh_from_db()
    assert (response.status_code, user.language) == (302, "")
    assert "django_language" not in response.cookies


def test_the_theme_is_kept_and_given_back_to_the_system(reader):
    client, user = reader
    client.post("/theme/", {"theme": "dark"})
    user.refresh_from_db()
    assert user.theme == "dark"
    assert b'data-theme="dark"' in client.get("/x/").content
    client.post("/theme/", {"theme": "system"})
    user.refresh_from_db()
    assert user.theme == ""
    assert b"data-theme" not in client.get("/x/").content


def test_a_hostile_theme_cookie_never_reaches_the_page(db, visitor):
    visitor.cookies["theme"] = 'dark" onload="x'
    assert b"data-theme" not in visitor.get("/x/").content


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", "\x00"],
)
@pytest.mark.parametrize("door", ["/language/", "/theme/"])
def test_switches_lead_nowhere_else(db, visitor, door, target):
    response = visitor.post(door, {"language": "fr", "theme": "dark", "next": target})
    assert response.url == "/"


@pytest.mark.parametrize("door", ["/language/", "/theme/"])
def test_a_link_cannot_switch(db, visitor, door):
    assert visitor.get(door + "?language=en&theme=dark").status_code == 405


# Mode


def test_demonstration_shows_on_every_page(db, visitor, settings):
    settings.DEMO = True
    for address in ("/nowhere/", "/dev/components/", "/dev/components/?signed=0"):
        assert b'class="demo"' in visitor.get(address).content
    assert b'class="demo"' in views.server_error(RequestFactory().get("/")).content
    settings.DEMO = False
    assert b'class="demo"' not in visitor.get("/nowhere/").content


def test_the_developers_page_is_closed_to_customers(db, visitor, settings):
    settings.DEMO = settings.DEBUG = False
    assert visitor.get("/dev/components/").status_code == 404


# Navigation


def entries(*rows) -> list[NavEntry]:
    return [
        NavEntry(wing=wing, order=order, label=label, url_name=name, count=count, on_phone=phone)
        for wing, order, label, name, count, phone in rows
    ]


PLACES = entries(
    ("rules", 2, "More", "core:more", None, True),
    ("rules", 1, "Components", "core:components", lambda request: 3, False),
    ("decide", 1, "Language", "core:language", None, False),
)


def test_wings_without_entries_are_not_drawn_and_order_rules():
    built = shell.build(RequestFactory().get("/more/"), PLACES)
    assert [wing.name for wing in built.wings] == ["decide", "rules"]
    assert [place.label for place in built.wings[1].places] == ["Components", "More"]
    assert built.wings[1].places[0].count == 3


def test_a_page_that_would_refuse_whoever_reads_is_not_offered():
    open_to_all, *others = PLACES
    shut = replace(open_to_all, opens=lambda request: request.GET.get("key") == "yes")
    for address, labels in (("/", ["Components"]), ("/?key=yes", ["Components", "More"])):
        built = shell.build(RequestFactory().get(address), [shut, *others])
        assert [place.label for place in built.wings[-1].places] == labels
        assert [place.label for place in built.phone] == labels[1:]


@pytest.mark.parametrize(
    ("address", "current", "elsewhere"),
    [
        ("/dev/components/", {"Components": "page"}, True),
        ("/dev/components/deep/", {"Components": "true"}, True),
        ("/more/", {"More": "page"}, False),
        ("/elsewhere/", {}, True),
    ],
)
def test_the_present_place_is_marked_once(address, current, elsewhere):
    built = shell.build(RequestFactory().get(address), PLACES)
    marked = {
        place.label: place.current for wing in built.wings for place in wing.places if place.current
    }
    assert (marked, built.elsewhere) == (current, elsewhere)


def test_a_phone_shows_four_places_at_most():
    many = entries(*(("rules", n, f"P{n}", "core:more", None, True) for n in range(6)))
    assert len(shell.build(RequestFactory().get("/"), many).phone) == shell.MOST_ON_PHONE


def test_the_page_behind_more_lists_everything_and_asks_who_reads(reader, db):
    client, _user = reader
    page = client.get("/more/", headers={"accept-language": "en"}).content.decode()
    assert "Everything in Pupitre" in page
    assert Client().get("/more/").status_code == 302
