"""The organisation's pages: what they say, to whom, and what their forms do."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from pupitre.core import clock
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.models import (
    AuditLine,
    Decision,
    Delegation,
    Function,
    Member,
    Seat,
    Tenure,
)
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.testing import Company, a_company, bump, set_letters, vacate
from pupitre.rules.mandate.tests.organisation_kit import (
    IN_A_MONTH,
    NOON,
    TODAY,
    TOMORROW,
    signed_in,
)

pytestmark = pytest.mark.django_db

# One seat answers for all three rows, one may ask, the others have no letter.
LETTERS = {"cdo": "A", "cmo": "R"}
ROWS = dict.fromkeys(("organisation.change", "seat.appoint", "member.admit"), LETTERS)
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
VOID |= {"path", "rect", "circle"}  # closed by themselves where we write them


class Balance(HTMLParser):
    """Fails where a page closes what it did not open; counts what it opens."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        """Opened and closed at once."""

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()


def balanced(response: HttpResponse) -> None:
    parser = Balance()
    parser.feed(response.content.decode())
    assert parser.open == []


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    """The test company, on the kit's day, at noon."""
    stand_at(monkeypatch, NOON)
    return a_company(rows=ROWS)


def stand_at(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)


def text(response: HttpResponse) -> str:
    body = re.sub(r"<(script|title|svg).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


# Reading


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("seat", ["cdo", "cmo", "crm"])
@pytest.mark.parametrize(
    "address",
    [
        "/organisation/",
        "/organisation/?q=marketing&state=vacant",
        "/organisation/?q=%3Cb%3E&function=x&state=nonsense",
        "/organisation/seats/cmo/",
        "/organisation/chart/",
        "/organisation/chart/?root=cmo&depth=1&as=list",
        "/organisation/chart/?depth=99999&as=list",
        "/organisation/members/",
        "/organisation/members/?q=cmo&sort=-name",
        "/organisation/delegate/",
        "/organisation/import/pending/",
    ],
)
def test_everybody_reads_the_organisation(
    company: Company, seat: str, address: str, language: str
) -> None:
    response = signed_in(company, seat, language=language).get(address)

    assert response.status_code == 200
    balanced(response)


@pytest.mark.parametrize(
    "address",
    [
        "/organisation/seats/nothing/",
        "/organisation/chart/?root=nothing",
        "/organisation/members/999999/",
        "/organisation/seats/nothing/appoint/",
        "/organisation/seats/ops/tenures/999999/end/",
        "/organisation/seats/ops/deputy/999999/end/",
        "/organisation/new-function/999999/",
    ],
)
def test_what_does_not_exist_is_not_found(company: Company, address: str) -> None:
    assert signed_in(company, "cdo").get(address).status_code == 404


def test_strangers_are_sent_to_the_door(company: Company) -> None:
    response = Client().get("/organisation/")
    assert response.status_code in (302, 403)
    assert "Directrice" not in response.content.decode()


def test_the_page_opens_with_how_things_stand(company: Company) -> None:
    vacate(company, "crm")
    set_letters(company, "seat.appoint", "crm", "I")
    with guard.permitted():
        ops = Tenure.objects.get(seat__key="ops")
        ops.ends = TODAY + timedelta(days=10)
        ops.save()
        Delegation.objects.create(
            seat_id=company.seats["cmo"],
            deputy_id=company.members["brand"],
            starts=TODAY,
            ends=TODAY,
        )
        bump()

    response = signed_in(company, "cdo").get("/organisation/")
    page = response.context["page"]
    assert (page.seats, page.vacant, page.deputised) == (8, 1, 1)
    assert [row.key for row in page.ending] == ["ops"]
    assert page.ending[0].vacant_from == TODAY + timedelta(days=11)
    assert [row.key for row in page.unheard] == ["crm"]
    assert page.locked_from is None


def test_a_day_on_which_nobody_could_amend_is_announced(company: Company) -> None:
    with guard.permitted():
        Tenure.objects.filter(seat__key="cio").update(ends=IN_A_MONTH)
        bump()

    response = signed_in(company, "brand").get("/organisation/")

    assert response.context["page"].locked_from == IN_A_MONTH + timedelta(days=1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=OPS", {"ops"}),
        ("q=relation+client", {"crm"}),
        ("q=DIRECTRICE+digitale", {"cdo"}),
        ("q=nothing+at+all", set()),
        ("state=vacant", {"brand"}),
        ("q=brand&state=vacant", {"brand"}),
        ("q=ops&state=vacant", set()),
    ],
)
def test_the_search_finds_seats_and_people(company: Company, query: str, found: set[str]) -> None:
    vacate(company, "brand")
    response = signed_in(company, "crm").get(f"/organisation/?{query}")

    page = response.context["page"]
    assert {row.key for group in page.groups for row in group.seats} == found
    assert page.found == len(found)


def test_the_search_answers_htmx_with_the_list_alone(company: Company) -> None:
    response = signed_in(company, "crm").get(
        "/organisation/?q=ops", headers={"HX-Request": "true", "HX-Target": "seats"}
    )
    assert response.content.decode().lstrip().startswith('<div id="seats">')
    assert response["Vary"].count("HX-Target") == 1


def test_the_chart_and_its_list_show_every_seat_once(company: Company) -> None:
    body = signed_in(company, "crm").get("/organisation/chart/").content.decode()
    drawing, listing = body.split('class="chart-list"')

    for seat in company.seats:
        address = f'href="/organisation/seats/{seat}/"'
        assert drawing.count(address) == 1
        assert listing.count(address) == 1


def test_the_chart_of_one_seat_shows_those_below_it(company: Company) -> None:
    response = signed_in(company, "crm").get("/organisation/chart/?root=cmo")
    drawing = response.context["drawing"]

    assert {seat.row.key for seat in drawing.seats} == {"cmo", "crm", "brand"}
    assert [row.key for row in drawing.path] == ["ceo"]


def test_names_are_shown_never_run(company: Company) -> None:
    nasty = "<script>alert(1)</script>"
    with guard.permitted():
        Seat.objects.filter(key="ops").update(name_fr=nasty, name_en=nasty)
        Member.objects.filter(pk=company.members["ops"]).update(name=nasty)
        bump()
    client = signed_in(company, "cdo")

    for address in (
        "/organisation/",
        "/organisation/chart/",
        "/organisation/members/",
        "/organisation/seats/ops/",
        f"/organisation/members/{company.members['ops']}/",
        "/organisation/seats/ops/appoint/",
    ):
        body = client.get(address).content.decode()
        assert nasty not in body
        assert "&lt;script&gt;" in body


# What each may do

FORMS = {
    "/organisation/new-seat/": "organisation.change",
    "/organisation/new-function/": "organisation.change",
    "/organisation/seats/ops/change/": "organisation.change",
    "/organisation/seats/ops/close/": "organisation.change",
    "/organisation/seats/ops/reopen/": "organisation.change",
    "/organisation/seats/ops/appoint/": "seat.appoint",
    "/organisation/seats/ops/deputy/": "seat.appoint",
    "/organisation/members/invite/": "member.admit",
    "/organisation/members/8/change/": "member.admit",
    "/organisation/members/8/suspend/": "member.admit",
    "/organisation/members/8/reinstate/": "member.admit",
    "/organisation/members/8/invite/": "member.admit",
    "/organisation/members/8/factors/": "member.admit",
}


def here(company: Company, address: str) -> str:
    return address.replace("/8/", f"/{company.members['ops']}/")


@pytest.mark.parametrize("address", FORMS)
def test_a_form_says_beforehand_what_will_come_of_it(company: Company, address: str) -> None:
    """At once for who decides; asked of whom for who may ask; the row for who may not."""
    path = here(company, address)

    at_once = signed_in(company, "cdo").get(path)
    asks = signed_in(company, "cmo").get(path)
    refused = signed_in(company, "crm").get(path)

    assert (at_once.status_code, asks.status_code, refused.status_code) == (200, 200, 403)
    assert at_once.context["offer"].at_once
    assert [seat.name.en for seat in asks.context["offer"].asked] == ["Chief digital officer"]
    assert "Chief digital officer" in text(asks) or "Directrice digitale" in text(asks)
    assert refused.context["refusal"].row.activity.key == FORMS[address]
    balanced(at_once)
    balanced(asks)


@pytest.mark.parametrize("address", FORMS)
def test_who_may_not_sees_no_button_and_cannot_post(company: Company, address: str) -> None:
    path = here(company, address)
    client = signed_in(company, "crm")
    lines = AuditLine.objects.filter(verb="performed").count()

    assert client.post(path, {"name": "X", "email": "x@ardoise.example"}).status_code == 403
    assert AuditLine.objects.filter(verb="performed").count() == lines
    for page in ("/organisation/", "/organisation/seats/ops/", "/organisation/members/"):
        assert f'href="{path}' not in client.get(page).content.decode()


def posted(client: Client, path: str, **said: object) -> HttpResponse:
    return client.post(path, {name: value for name, value in said.items() if value is not None})


def test_a_seat_is_made_filled_lent_and_closed_from_its_pages(company: Company) -> None:
    client = signed_in(company, "cdo")
    it = Function.objects.get(key="it").pk

    made = posted(
        client, "/organisation/new-seat/", name_en="Data engineer", function=it, places=1,
        superior=company.seats["cio"], dotted=company.seats["cdo"],
    )  # fmt: skip
    assert made.status_code == 302
    path = "/organisation/seats/data-engineer/"
    seat = Seat.objects.get(key="data-engineer")

    assert (
        posted(client, f"{path}appoint/", member=company.members["brand"], starts=TODAY).status_code
        == 302
    )
    assert current_law().holders(seat.pk, TODAY) == (company.members["brand"],)

    assert (
        posted(
            client, f"{path}deputy/", deputy=company.members["ops"], starts=TODAY, ends=TOMORROW
        ).status_code
        == 302
    )
    assert current_law().deputies(seat.pk, TODAY) == (company.members["ops"],)

    lent = Delegation.objects.get().pk
    assert posted(client, f"{path}deputy/{lent}/end/").status_code == 302
    tenure = Tenure.objects.get(seat=seat).pk
    assert posted(client, f"{path}tenures/{tenure}/end/", last_day=TODAY).status_code == 302
    assert posted(client, f"{path}close/", closes=TOMORROW).status_code == 302
    seat.refresh_from_db()
    assert seat.closed_on == TOMORROW
    assert posted(client, f"{path}reopen/").status_code == 302
    said = text(client.get(path))
    assert "BRAND" in said


@pytest.mark.parametrize(
    ("path", "said", "field"),
    [
        ("/organisation/new-seat/", {"places": 1}, "function"),
        ("/organisation/new-seat/", {"function": "it", "places": 1}, "name_fr"),
        ("/organisation/seats/ops/close/", {"closes": "2020-01-01"}, "closes"),
        ("/organisation/seats/ops/close/", {"closes": "soon"}, "closes"),
        ("/organisation/seats/ops/appoint/", {"starts": "2026-11-20"}, "member"),
        (
            "/organisation/seats/ops/appoint/",
            {"member": "brand", "starts": "2026-11-20", "ends": "2026-11-19", "succeeds": ""},
            "ends",
        ),
        ("/organisation/seats/ops/appoint/", {"member": "brand", "starts": "2026-11-20"}, "starts"),
        ("/organisation/members/invite/", {"name": "X", "language": "en"}, "email"),
        (
            "/organisation/members/invite/",
            {"name": "X", "email": "ops@ardoise.example", "language": "en"},
            "email",
        ),
    ],
)
def test_what_makes_no_sense_comes_back_with_the_form(
    company: Company, path: str, said: dict[str, object], field: str
) -> None:
    function = Function.objects.filter(key=said.get("function", "")).first()
    numbers = {
        "member": company.members.get(str(said.get("member")), ""),
        "function": function.pk if function else "",
    }
    filled = {name: numbers.get(name, value) for name, value in said.items()}

    response = posted(signed_in(company, "cdo"), path, **filled)

    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_what_one_may_only_ask_waits_and_shows_on_the_seat(company: Company) -> None:
    client = signed_in(company, "cmo")
    ops = Seat.objects.get(key="ops")

    response = posted(
        client,
        "/organisation/seats/ops/change/",
        name_fr="Chef de production",
        function=ops.function_id,
        places=2,
        superior=company.seats["cio"],
    )

    assert response.status_code == 302
    ops.refresh_from_db()
    assert ops.places == 1
    decision = Decision.objects.get()
    page = signed_in(company, "cdo").get("/organisation/seats/ops/").context["page"]
    (waiting,) = page.asked
    assert waiting.url == decision.page_url
    assert ("1", "2") in [(each.old, each.new) for each in waiting.differences]
    assert "Chef de production" in [each.new for each in waiting.differences]


def test_inviting_to_a_seat_is_two_acts_each_under_its_own_row(company: Company) -> None:
    vacate(company, "brand")
    said = {
        "name": "Louise Roy", "email": "louise@ardoise.example", "language": "fr",
        "seat": company.seats["brand"],
    }  # fmt: skip

    response = posted(signed_in(company, "cdo"), "/organisation/members/invite/", **said)

    louise = Member.objects.get(user__email="louise@ardoise.example")
    assert response["Location"] == f"/organisation/members/{louise.pk}/"
    assert current_law().holders(company.seats["brand"], TODAY) == (louise.pk,)
    actions = set(AuditLine.objects.filter(verb="performed").values_list("action", flat=True))
    assert actions == {"mandate.InviteMember", "mandate.Appoint"}


def test_who_may_invite_but_not_appoint_is_not_offered_a_seat(company: Company) -> None:
    set_letters(company, "seat.appoint", "cdo", "")
    client = signed_in(company, "cdo")

    assert "seat" not in client.get("/organisation/members/invite/").context["form"].fields
    posted(
        client, "/organisation/members/invite/", name="Louise", email="louise@ardoise.example",
        language="fr", seat=company.seats["brand"],
    )  # fmt: skip

    louise = Member.objects.get(user__email="louise@ardoise.example")
    assert not Tenure.objects.filter(member=louise).exists()
