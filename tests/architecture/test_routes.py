"""Every route of the product: what may be posted to says which actions it performs.

``acting_view`` and ``reading_view`` (rules/mandate/web.py) declare it; here is seen that every
view was declared, that no other one can be posted to, and that looking at a page acts on nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse

from pupitre.core import clock
from pupitre.core.accounts import demo
from pupitre.core.accounts import urls as account_urls
from pupitre.flow.collect.models import Source, WriteKey
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action, action_types
from pupitre.rules.mandate.contracts import Domain, Waiting
from pupitre.rules.mandate.models import (
    AuditLine,
    CompanyActivity,
    Delegation,
    Function,
    Member,
    Tenure,
)
from pupitre.rules.mandate.organisation.actions import Appoint
from pupitre.rules.mandate.personal import SetDigest
from pupitre.rules.mandate.ruling import Verb
from pupitre.rules.mandate.testing import FIRST_DAY, NOON, Company, a_company, deputise, vacate
from pupitre.rules.mandate.tests.matrix_kit import a_draft, noon_on_the_clock, signed_in
from pupitre.rules.mandate.web import acting_view
from tests.architecture.source import nothing

__all__ = ["noon_on_the_clock"]
VERBS = frozenset(verb.value for verb in Verb)

OWN_ACCOUNT = "allauth's own page for one's own account; the audit hears of it through events.tell"
# Routes that may be posted to and perform no action of the mandate, each with its reason.
ALLOWED: Mapping[str, str] = {
    "core:language": "a preference of one reader: their cookie, and their own account",
    "core:theme": "a preference of one reader: their cookie, and their own account",
    "mandate:sit": "from which of one's own seats one speaks: the session alone",
    "demo_enter": "signs in to the demonstration, and exists only there",
    "account_login": OWN_ACCOUNT,
    "account_logout": OWN_ACCOUNT,
    "account_reauthenticate": OWN_ACCOUNT,
    "account_change_password": OWN_ACCOUNT,
    "account_set_password": OWN_ACCOUNT,
    "account_reset_password": OWN_ACCOUNT,
    "account_reset_password_from_key": OWN_ACCOUNT,
    "mfa_authenticate": OWN_ACCOUNT,
    "mfa_reauthenticate": OWN_ACCOUNT,
    "mfa_activate_totp": OWN_ACCOUNT,
    "mfa_deactivate_totp": OWN_ACCOUNT,
    "mfa_generate_recovery_codes": OWN_ACCOUNT,
    "mfa_add_webauthn": OWN_ACCOUNT,
    "mfa_login_webauthn": OWN_ACCOUNT,
    "mfa_reauthenticate_webauthn": OWN_ACCOUNT,
    "mfa_edit_webauthn": OWN_ACCOUNT,
    "mfa_remove_webauthn": OWN_ACCOUNT,
    "account_invitation": "opens the account that an invitation is for; told as an event",
    "account_end_session": "ends a session of one's own; told as an event",
    "account_end_other_sessions": "ends sessions of one's own; told as an event",
    "openid_connect_login": "leads to the company's own sign-in page",
    "openid_connect_callback": "comes back from the company's own sign-in page",
}


@dataclass(frozen=True)
class Route:
    name: str  # with its namespaces: "mandate:desk"
    view: Callable[..., Any]
    arguments: tuple[str, ...]

    @property
    def actions(self) -> tuple[Any, ...]:
        return tuple(getattr(self.view, "actions", ()))


def walk(patterns: Iterable[Any], space: str = "", outer: tuple[str, ...] = ()) -> Iterator[Route]:
    for pattern in patterns:
        arguments = (*outer, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, inner, arguments)
        elif isinstance(pattern, URLPattern):
            yield Route(f"{space}{pattern.name or ''}", pattern.callback, arguments)


def misdeclared(routes: Iterable[Route]) -> list[str]:
    """What ``actions`` names must be an action that is registered, or a verb of deciding."""
    complaints = []
    for route in routes:
        for action in route.actions:
            is_verb = isinstance(action, str) and action in VERBS
            is_action = (
                isinstance(action, type)
                and issubclass(action, Action)
                and action in set(action_types)
            )
            if not (is_verb or is_action):
                complaints.append(f"{route.name} declares {action!r}, which is no action")
    return complaints


def undeclared(
    routes: Iterable[Route], allowed: Mapping[str, str], post: Callable[[Route], int]
) -> list[str]:
    """Routes that take a POST and name no action. ``post`` gives the status that one gets."""
    return [
        f"{route.name} answers {status} to a POST, and declares no action: see acting_view"
        for route in routes
        if not route.actions and route.name not in allowed and (status := post(route)) != 405
    ]


def stale(
    routes: Sequence[Route], allowed: Mapping[str, str], post: Callable[[Route], int]
) -> list[str]:
    """Exceptions that nothing needs any more."""
    named = {route.name: route for route in routes}
    complaints = [f"{name} is allowed, and is no route" for name in allowed.keys() - named.keys()]
    for name in allowed.keys() & named.keys():
        if named[name].actions:
            complaints.append(f"{name} is allowed, and declares its actions")
        elif post(named[name]) == 405:
            complaints.append(f"{name} is allowed, and cannot be posted to")
    return complaints


_WRITE = re.compile(
    r"\b(?:insert\s+(?:or\s+\w+\s+)?into|replace\s+into|update|delete\s+from|truncate(?:\s+table)?)"
    r'\s+(?:only\s+)?"?(mandate_\w+)',
    re.IGNORECASE,
)


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements that write to a table of the mandate, as they go by."""
    seen: list[str] = []

    def look(
        execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]
    ) -> Any:
        if _WRITE.search(sql):
            seen.append(sql[:120])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield seen


# --- a company with an example for every argument -------------------------------------------------


@pytest.fixture
def company(noon_on_the_clock: Any) -> Company:
    return a_company()


@pytest.fixture
def examples(company: Company) -> dict[str, dict[str, object]]:
    """Argument → example; under "" for any route, under a route's name for that one."""
    with guard.permitted():
        CompanyActivity.objects.create(key="choose-tools", name_fr="Outils", domain=Domain("data"))
    deputise(company, "cio", deputy="ops", starts=FIRST_DAY, ends=NOON.date())
    vacate(company, "brand")
    draft = a_draft(company)
    appoint = Appoint(
        member_id=company.members["ops"],
        seat_id=company.seats["brand"],
        starts=NOON.date(),
        ends=None,
    )
    asked = act(appoint, by=company.actor("cmo"), at=NOON)
    assert isinstance(asked, Waiting)
    activity: dict[str, object] = {"key": "choose-tools"}
    source: dict[str, object] = {"key": "web-shop", "key_id": 1}
    with guard.permitted():
        a_shop = Source.objects.create(
            key="web-shop",
            name_fr="Boutique",
            why="x",
            channel="web",
            opened_at=NOON,
            owner_id=company.seats["cmo"],
        )
        WriteKey.objects.create(pk=1, source=a_shop, sha256=b"x", start="abcdef", created_at=NOON)
    sources = ("source", "source_change", "source_close", "source_reopen", "plan")
    keys = ("key_make", "key_rotate", "key_revoke")
    return {
        **{f"collect:{name}": source for name in (*sources, *keys)},
        "": {
            "number": draft,
            "kind": "csv",
            "key": "cio",
            "seq": AuditLine.objects.order_by("seq")[0].seq,
            "decision_id": asked.decision_id,
            "function_id": Function.objects.get(key="it").pk,
            "member_id": company.members["cio"],
            "delegation_id": Delegation.objects.get().pk,
            "tenure_id": Tenure.objects.get(seat__key="cio").pk,
            "user_id": Member.objects.get(pk=company.members["cio"]).user_id,
            "session_id": 1,
            "pk": 1,
            "token": "not-a-token",
            "uidb36": "1",
            "provider_id": "nobody",
            "event_id": 1,
            "trait": "given_name",
            "person": 1,
        },
        "account_reset_password_from_key": {"uidb36": "1", "key": "not-a-key"},
        "mandate:version": {"number": 1},
        "mandate:matrix_export": {"number": 1, "kind": "csv"},
        "mandate:starting_point": {"key": "committee-led"},
        "mandate:activity": activity,
        "mandate:activity_retire": activity,
        "mandate:activity_back": activity,
    }


Examples = Mapping[str, Mapping[str, object]]


def address(route: Route, examples: Examples) -> str:
    given = {**examples[""], **examples.get(route.name, {})}
    missing = [argument for argument in route.arguments if argument not in given]
    if missing:
        pytest.fail(f"{route.name} takes {', '.join(missing)}: add an example to the fixture")
    return reverse(route.name, kwargs={argument: given[argument] for argument in route.arguments})


def just_signed_in(company: Company, seat: str) -> Client:
    """So recently that no page asks for the password again."""
    client = signed_in(company, seat)
    client.raise_request_exception = False
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client


@pytest.fixture
def post(company: Company, examples: Examples) -> Callable[[Route], int]:
    def to(route: Route) -> int:
        return just_signed_in(company, "cmo").post(address(route, examples)).status_code

    return to


def in_demonstration() -> list[Route]:
    """Routes that exist in the demonstration alone."""
    with override_settings(DEMO=True):
        return list(walk(demo.routes()))


def all_routes() -> list[Route]:
    return list(walk(get_resolver().url_patterns))


# --- what is declared -----------------------------------------------------------------------------


def test_every_route_has_a_name_of_its_own() -> None:
    names = [route.name for route in (*all_routes(), *in_demonstration())]
    assert len(names) > 60
    nothing(f"a route without a name: {name!r}" for name in names if not name.split(":")[-1])
    nothing(f"{name} is the name of two routes" for name in set(names) if names.count(name) > 1)


def test_every_declared_action_is_one() -> None:
    declared = [route for route in all_routes() if route.actions]
    assert len(declared) > 30
    nothing(misdeclared(declared))


@pytest.mark.slow
@pytest.mark.django_db
def test_every_view_that_takes_a_post_says_what_it_does(post: Callable[[Route], int]) -> None:
    nothing(undeclared(all_routes(), ALLOWED, post))
    nothing(undeclared(in_demonstration(), ALLOWED, lambda _route: 200))


@pytest.mark.slow
@pytest.mark.django_db
def test_no_exception_outlives_its_reason(post: Callable[[Route], int]) -> None:
    nothing(stale(all_routes(), {k: v for k, v in ALLOWED.items() if k != "demo_enter"}, post))
    nothing(stale(in_demonstration(), {"demo_enter": ALLOWED["demo_enter"]}, lambda _route: 302))


def test_the_exceptions_are_the_account_pages_and_a_few_that_are_named() -> None:
    account = {route.name for route in walk(account_urls.urlpatterns)}
    others = {"core:language", "core:theme", "mandate:sit", "demo_enter"}
    assert ALLOWED.keys() - account == others


# --- looking at a page acts on nothing ------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("seat", ["cmo", "dpo"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_looking_at_any_page_writes_nothing(
    company: Company, examples: Examples, seat: str, headers: dict[str, str]
) -> None:
    complaints, seen = [], 0
    for route in all_routes():
        client = just_signed_in(company, seat)  # of its own: some pages sign out, or lead away
        with writes() as written:
            status = client.get(address(route, examples), headers=headers).status_code
        complaints += [f"GET {route.name} writes: {sql}" for sql in written]
        if status >= 500:
            complaints.append(f"GET {route.name} answers {status}")
        seen += status == 200
    nothing(complaints)
    assert seen > 30  # pages, and not mere refusals


# --- the checks see what they look for ------------------------------------------------------------


def forgotten(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


@acting_view(SetDigest)
def acts_on_get(request: HttpRequest) -> HttpResponse:
    member = Member.objects.get(user__pk=request.user.pk or 0)
    from_seat = Tenure.objects.get(member=member).seat_id
    action = SetDigest(member_id=member.pk, wanted=True)
    act(action, by=Company({"": from_seat}, {"": member.pk}).actor(""), at=clock.now())
    return HttpResponse("done")


@acting_view("applaud", forgotten)  # type: ignore[arg-type]
def says_nonsense(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


# What the made-up product of this file routes: for ROOT_URLCONF=__name__.
urlpatterns = [
    path("forgotten/", forgotten, name="forgotten"),
    path("acts/", acts_on_get, name="acts"),
    path("nonsense/<int:unheard_of>/", says_nonsense, name="nonsense"),
]


@pytest.mark.django_db
def test_a_view_that_nobody_declared_is_found(post: Callable[[Route], int]) -> None:
    routes = list(walk(urlpatterns))
    with override_settings(ROOT_URLCONF=__name__):
        (complaint,) = undeclared(routes, {}, post)
        assert undeclared(routes, {"forgotten": "on purpose"}, post) == []
        assert stale(routes, {"forgotten": "on purpose"}, post) == []
    assert complaint.startswith("forgotten answers 200")


def test_what_is_declared_and_is_no_action_is_found() -> None:
    complaints = misdeclared(walk(urlpatterns))
    assert len(complaints) == 2
    assert "'applaud'" in complaints[0]


def test_an_exception_that_nothing_needs_is_found() -> None:
    routes = list(walk(urlpatterns))
    allowed = {"acts": "x", "forgotten": "x", "gone": "x"}
    assert sorted(stale(routes, allowed, lambda _route: 405)) == [
        "acts is allowed, and declares its actions",
        "forgotten is allowed, and cannot be posted to",
        "gone is allowed, and is no route",
    ]


@pytest.mark.django_db
def test_a_page_that_acts_when_looked_at_is_found(company: Company) -> None:
    client = signed_in(company, "cmo")
    with override_settings(ROOT_URLCONF=__name__), writes() as written:
        assert client.get("/acts/").status_code == 200
    assert any("mandate_auditline" in sql for sql in written)


@pytest.mark.django_db
def test_an_argument_without_an_example_is_found(examples: Examples) -> None:
    nonsense = list(walk(urlpatterns))[-1]
    with pytest.raises(pytest.fail.Exception, match="unheard_of: add an example"):
        address(nonsense, examples)
