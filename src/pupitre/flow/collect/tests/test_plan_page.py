"""The page of a tracking plan, without scripts: edited, told what it would do, agreed to."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pupitre.flow.collect.contracts import PlanMode, PlannedEvent, PlannedProperty
from pupitre.flow.collect.sources.inference import MAX_EVENTS, MAX_PROPERTIES
from pupitre.flow.collect.sources.planning import AgreePlan
from pupitre.flow.collect.sources.reading import read_book, source_named
from pupitre.flow.collect.tests.sources_kit import (
    a_company_with_sources_in_its_matrix,
    a_source,
    decided,
    lake_of_our_own,
    some_events,
    words,
)
from pupitre.lake import queries as lake_queries
from pupitre.lake import services as lake_services
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.models import Decision
from pupitre.rules.mandate.testing import NOON, Company
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["lake_of_our_own", "noon_on_the_clock"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("noon_on_the_clock", "lake_of_our_own"),
]
ADDRESS = "/sources/web-shop/plan/"
SOLD = PlannedEvent(
    "track",
    "Order Completed",
    (PlannedProperty("total", "number", required=True), PlannedProperty("code", "string")),
)


class Browser:
    """Sends back what a form holds, as a browser without scripts does."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.take(client.get(ADDRESS))

    def take(self, page: Any) -> None:
        self.page, self.status = page, page.status_code
        self.fields = _fields(page.content.decode()) if self.status in (200, 422) else {}

    def press(self, act: str, **typed: str | None) -> str:
        """With what is typed into named inputs; None: the box is not ticked."""
        assert f'value="{act}"' in unescape(self.page.content.decode()), act
        return self.send(act, **typed)

    def send(self, act: str, **typed: object) -> str:
        form: dict[str, object] = {**self.fields, **typed, "act": act}
        sent = {name: value for name, value in form.items() if value is not None}
        self.take(self.client.post(ADDRESS, sent))
        return words(self.page)

    @property
    def draft(self) -> dict[str, dict[str, tuple[str, bool]]]:
        """Event → property → (type, required)."""
        events = [json.loads(text) for text in self.fields.get("event", [])]
        return {
            event["name"] or event["type"]: {
                p["name"]: (p["type"], p["required"]) for p in event["properties"]
            }
            for event in events
        }


def _fields(page: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"event": []}
    for tag in re.findall(r"<input [^>]+>", page):
        given = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        kind, name = given.get("type"), given.get("name", "")
        if kind in ("checkbox", "radio") and not re.search(r"\bchecked\b", tag):
            continue
        if name == "event":
            fields["event"].append(given["value"])
        elif name and name != "csrfmiddlewaretoken":
            fields[name] = given.get("value", "on")
    for name, inside in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        fields[name] = chosen.group(1) if chosen else ""
    return fields


@pytest.fixture
def company() -> Company:
    made = a_company_with_sources_in_its_matrix()
    a_source(made)
    return made


def agreed(company: Company, *events: PlannedEvent, mode: PlanMode = PlanMode.WARN) -> None:
    number = source_named(key="web-shop").plan.number  # type: ignore[union-attr]
    plan = AgreePlan("web-shop", mode, events, based_on=number)
    outcome = act(plan, by=company.actor("cmo"), at=NOON)
    assert isinstance(outcome, Waiting)
    decided(company, outcome.decision_id, yes="cio")


def marketing(company: Company, language: str = "en") -> Browser:
    return Browser(signed_in(company, "cmo", language=language))


class TestAgreeing:
    def test_it_is_read_from_what_arrives_and_agreed_to(self, company: Company) -> None:
        some_events("web-shop", "Order Completed", 25, {"total": 3, "email": "a@b.example"})
        some_events("tills", "Sold", 5, {"till": 1})
        cmo = marketing(company)
        said = words(cmo.page)
        assert "One event arrives, and no plan says that it should." in said
        assert "All of the latest 25 events are as planned." in said
        assert "a@b.example" not in said  # names and types, never what customers typed
        assert "Sold" not in said
        cmo.press("agree", mode="enforce")
        decision = Decision.objects.filter(state="open").get()
        assert cmo.page["Location"] == decision.page_url
        # Whoever has to say yes reads what it would change and refuse.
        it = words(signed_in(company, "cio").get(decision.url))
        assert "“Order Completed” comes in, with 2 properties." in it
        assert "All of the latest 25 events are as planned." in it
        decided(company, decision.pk, yes="cio")
        (view,) = read_book().sources
        assert view.plan_mode is PlanMode.ENFORCE
        (event,) = view.plan
        assert (event.name, [(p.name, p.type, p.required) for p in event.properties]) == (
            "Order Completed",
            [("email", "string", True), ("total", "number", True)],
        )
        assert "What arrives is what was agreed." in words(cmo.client.get(ADDRESS))
        some_events("web-shop", "Order Completed", 1, {"total": "3"})
        said = words(cmo.client.get(ADDRESS))
        assert "differs from the plan in 2 points" in said
        assert "“total” is planned as “number”, and arrives as “anything”." in said
        assert "“email” is required, and is sometimes missing." in said
        assert "waits in quarantine, and is not among these" in said

    def test_a_plan_written_by_hand_is_the_one_that_is_agreed_to(self, company: Company) -> None:
        some_events("web-shop", "Order Completed", 25, {"total": 3, "code": "x", "noise": 1})
        cmo = marketing(company)
        cmo.press("unfold:0")
        cmo.press("drop:1")  # noise: properties stand by their share, then by name
        assert cmo.draft == {
            "Order Completed": {"code": ("string", True), "total": ("number", True)}
        }
        cmo.press("look", type_0="any", required_0=None)
        cmo.press("add_property", property_name="shop", property_type="object")
        cmo.press("add_event", event_name="Returned")
        cmo.press("add_property", property_name="why", property_required="on")
        cmo.press("agree", mode="warn")
        assert cmo.status == 302, words(cmo.page)
        decided(company, Decision.objects.filter(state="open").get().pk, yes="cio")
        (view,) = read_book().sources
        assert view.plan == (
            PlannedEvent(
                "track",
                "Order Completed",
                (
                    PlannedProperty("code", "any"),
                    PlannedProperty("total", "number", required=True),
                    PlannedProperty("shop", "object"),
                ),
            ),
            PlannedEvent("track", "Returned", (PlannedProperty("why", "string", required=True),)),
        )

    def test_nobody_agrees_to_what_they_have_not_been_shown(self, company: Company) -> None:
        agreed(company, SOLD)
        some_events("web-shop", "Order Completed", 25, {"total": 3})
        cmo = marketing(company)
        cmo.press("unfold:0")
        said = cmo.press("agree", mode="enforce", required_1="on")
        assert cmo.status == 422
        assert "The plan has changed since its effect was counted" in said
        assert "25 are not as planned" in said
        assert not Decision.objects.filter(state="open").exists()
        assert cmo.fields["mode"] == "enforce"
        cmo.press("agree")
        assert cmo.status == 302

    def test_what_becomes_of_the_unexpected_must_be_said(self, company: Company) -> None:
        agreed(company, SOLD)
        cmo = marketing(company)
        said = cmo.press("agree", mode=None)
        assert cmo.status == 422
        assert "Choose what becomes of events that the plan does not have." in said
        assert 'id="mode_error"' in cmo.page.content.decode()

    def test_another_plan_agreed_to_meanwhile(self, company: Company) -> None:
        agreed(company, SOLD)
        cmo = marketing(company)
        agreed(company, SOLD, PlannedEvent("page", ""))
        said = cmo.press("unfold:0")
        assert "Another plan has been agreed to since you began." in said
        said = cmo.press("agree", mode="warn")
        assert cmo.status == 422
        assert "Another plan has been agreed to meanwhile" in said
        cmo.press("restart")
        assert set(cmo.draft) == {"Order Completed", "page"}
        cmo.press("remove:1")
        cmo.press("agree", mode="warn")
        assert cmo.status == 302


class TestEditing:
    @pytest.fixture
    def cmo(self, company: Company) -> Browser:
        agreed(company, SOLD, PlannedEvent("page", ""))
        some_events("web-shop", "Order Completed", 25, {"total": "3", "shop": "Lyon"})
        some_events("web-shop", "Returned", 4, {"why": "size"})
        return marketing(company)

    def test_the_draft_begins_as_the_plan_in_force(self, cmo: Browser) -> None:
        assert cmo.draft == {
            "Order Completed": {"total": ("number", True), "code": ("string", False)},
            "page": {},
        }
        assert "Nothing changes against the plan in force." in words(cmo.page)
        assert 'name="type_0"' not in cmo.page.content.decode()  # nothing is unfolded

    def test_a_type_and_whether_it_is_required(self, cmo: Browser) -> None:
        cmo.press("unfold:0")
        said = cmo.press("look", type_0="string", required_0=None, required_1="on")
        assert cmo.draft["Order Completed"] == {
            "total": ("string", False),
            "code": ("string", True),
        }
        assert "the type of “total” was number, and is text." in said
        assert "“Order Completed”: “total” is no longer required." in said
        assert "“Order Completed”: “code” becomes required." in said

    def test_what_is_chosen_is_kept_whatever_is_pressed(self, cmo: Browser) -> None:
        cmo.press("unfold:0")
        typed = {"type_0": "any", "property_name": "shop", "event_name": "Lent"}
        cmo.press("unfold:1", **typed)
        assert cmo.draft["Order Completed"]["total"] == ("any", True)
        assert cmo.draft["Order Completed"]["shop"] == ("string", False)
        assert cmo.draft["Lent"] == {}
        assert cmo.fields["unfolded"] == "1"

    def test_a_property_is_removed(self, cmo: Browser) -> None:
        cmo.press("unfold:0")
        said = cmo.press("drop:0")
        assert cmo.draft["Order Completed"] == {"code": ("string", False)}
        assert "“Order Completed”: “total” is taken out." in said

    def test_a_property_is_added(self, cmo: Browser) -> None:
        cmo.press("unfold:0")
        said = cmo.press(
            "add_property", property_name="gift", property_type="boolean", property_required="on"
        )
        assert cmo.draft["Order Completed"]["gift"] == ("boolean", True)
        assert "“Order Completed”: “gift” comes in, and is required." in said
        assert cmo.fields["property_name"] == ""

    def test_an_error_stands_at_its_field_and_nothing_typed_is_lost(self, cmo: Browser) -> None:
        cmo.press("unfold:0")
        said = cmo.press(
            "add_property",
            property_name="total",
            property_type="array",
            property_required="on",
            type_1="any",
            event_name="Lent",
        )
        assert cmo.status == 422
        assert said.count("This event has a property of that name already.") == 2
        assert 'aria-describedby="property_name_error"' in cmo.page.content.decode()
        assert cmo.fields["property_name"] == "total"
        assert cmo.fields["property_type"] == "array"
        assert cmo.fields["property_required"] == "on"
        assert cmo.fields["type_1"] == "any"
        assert cmo.fields["event_name"] == "Lent"

    @pytest.mark.parametrize("verb", ["look", "fold", "unfold:1", "remove:1", "agree", "take_all"])
    def test_nothing_else_is_done_before_it_is_mended(self, cmo: Browser, verb: str) -> None:
        cmo.press("unfold:0")
        before = cmo.draft
        cmo.press(verb, property_name="total")
        assert (cmo.status, cmo.draft) == (422, before)
        assert cmo.fields["unfolded"] == "0"

    def test_an_event_is_added_and_unfolds(self, cmo: Browser) -> None:
        cmo.press("add_event", event_name="Lent")
        assert cmo.fields["unfolded"] == "2"
        said = cmo.press("add_property", property_name="days", property_type="number")
        assert cmo.draft["Lent"] == {"days": ("number", False)}
        assert "“Lent” comes in, with 1 property." in said

    @pytest.mark.parametrize(
        ("type_", "name", "field"),
        [("track", "", "name"), ("track", "Order Completed", "name"), ("page", "Home", "name")],
    )
    def test_an_event_that_cannot_be(self, cmo: Browser, type_: str, name: str, field: str) -> None:
        cmo.press("add_event", event_type=type_, event_name=name)
        assert cmo.status == 422
        assert f'aria-describedby="event_{field}_help event_{field}_error"' in (
            cmo.page.content.decode()
        )
        assert (cmo.fields["event_type"], cmo.fields["event_name"]) == (type_, name)

    def test_an_event_is_removed(self, cmo: Browser) -> None:
        cmo.press("unfold:1")
        said = cmo.press("remove:0")
        assert set(cmo.draft) == {"page"}
        assert cmo.fields["unfolded"] == "0"  # the same one, which moved up
        assert "“Order Completed” is taken out." in said
        cmo.press("remove:0", property_name="half typed")
        assert cmo.draft == {}
        assert "unfolded" not in cmo.fields

    def test_what_arrived_is_taken_over_for_one_event(self, cmo: Browser) -> None:
        cmo.press("take:track:Order Completed")
        assert cmo.draft["Order Completed"] == {"shop": ("string", True), "total": ("string", True)}
        cmo.press("take:track:Returned")
        assert cmo.draft["Returned"] == {"why": ("string", False)}  # four are too few to require

    def test_all_that_arrived_is_taken_over(self, cmo: Browser) -> None:
        said = cmo.press("take_all")
        assert list(cmo.draft) == ["Order Completed", "Returned", "page"]
        assert "All of the latest 29 events are as planned." in said

    def test_one_starts_again_from_the_agreed_plan(self, cmo: Browser) -> None:
        before = cmo.draft
        cmo.press("take_all")
        cmo.press("unfold:0")
        cmo.press("restart", property_name="half typed", mode="enforce")
        assert (cmo.draft, cmo.fields["mode"]) == (before, "enforce")

    def test_nothing_is_stored(self, cmo: Browser) -> None:
        before = Decision.objects.count()
        cmo.press("take_all")
        cmo.press("add_event", event_name="Lent")
        assert "Lent" not in cmo.client.get(ADDRESS).content.decode()
        assert Decision.objects.count() == before


class TestWhatItWouldRefuse:
    def test_as_many_as_were_sent_so(self, company: Company) -> None:
        agreed(company, SOLD)
        some_events("web-shop", "Order Completed", 20, {"total": 3})
        some_events("web-shop", "Order Completed", 30, {"code": "x"})
        some_events("web-shop", "Order Completed", 7, {"total": "3"})
        some_events("web-shop", "Returned", 5, {})
        some_events("web-shop", "Home", 3, {}, type_="page")
        some_events("tills", "Order Completed", 9, {})
        cmo = marketing(company)
        said = words(cmo.page)
        assert "Of the latest 65 events, 45 are not as planned (69.2%)" in said
        assert "30 × Order Completed: “total” is missing" in said
        assert "7 × Order Completed: “total” is not of type number" in said
        assert "5 × Returned: not in the plan" in said
        assert "3 × Page seen: not in the plan" in said
        cmo.press("unfold:0")
        said = cmo.press("look", required_0=None, type_0="string")
        assert "Of the latest 65 events, 28 are not as planned" in said
        assert "20 × Order Completed: “total” is not of type text" in said

    def test_nothing_arrived(self, company: Company) -> None:
        cmo = marketing(company)
        assert "Nothing has arrived yet" in words(cmo.page)
        cmo.press("add_event", event_name="Lent")  # a plan may come before its events
        said = cmo.press("add_property", property_name="days", property_type="number")
        assert "nobody can say what it would refuse" in said
        cmo.press("agree", mode="enforce")
        assert cmo.status == 302

    def test_the_lake_does_not_answer(self, company: Company, tmp_path: Path) -> None:
        agreed(company, SOLD)
        some_events("web-shop", "Order Completed", 3, {"total": 3})
        lake_queries.close()
        lake_services.close()
        (catalogue,) = tmp_path.rglob("catalogue.sqlite")
        catalogue.write_bytes(b"no catalogue at all" * 1_000)
        cmo = marketing(company)
        said = words(cmo.page)
        assert "The lake did not answer: nobody can say what it would refuse." in said
        cmo.press("unfold:0")
        cmo.press("drop:0")
        assert cmo.draft == {"Order Completed": {"code": ("string", False)}}


class TestWhoEdits:
    def test_others_read_it(self, company: Company) -> None:
        agreed(company, SOLD)
        crm = signed_in(company, "crm")
        page = crm.get(ADDRESS)
        assert "Order Completed" in words(page)
        assert 'name="act"' not in page.content.decode()
        assert crm.post(ADDRESS, {"act": "look"}).status_code == 403


def event(**changed: object) -> str:
    return json.dumps({"type": "track", "name": "Sold", "properties": []} | changed)


def properties(*given: object) -> str:
    return event(properties=list(given))


TOTAL = {"name": "total", "type": "number", "required": True}


@pytest.mark.parametrize(
    "changed",
    [
        {"act": "agree", "mode": "??"},
        {"act": "agree", "mode": "enforce", "counted": ""},
        {"event": ["{"]},
        {"event": [""]},
        {"event": ["[]"]},
        {"event": ['{"type": "track"}']},
        {"event": ['{"a":' * 5_000]},
        {"event": [event(type="purchase")]},
        {"event": [event(name="")]},
        {"event": [event(name="a\x00b")]},
        {"event": [event(name="x" * 201)]},
        {"event": [event(), event()]},
        {"event": [event(type="page")]},
        {"event": [properties(TOTAL, TOTAL)]},
        {"event": [properties(TOTAL | {"type": "date"})]},
        {"event": [properties(TOTAL | {"required": "yes"})]},
        {"event": [properties(*({**TOTAL, "name": f"p{n}"} for n in range(MAX_PROPERTIES + 1)))]},
        {"event": [event(name=f"e{n}") for n in range(MAX_EVENTS + 1)]},
        {"act": "remove:0"},
        {"act": "unfold:-1"},
        {"act": "unfold:²"},
        {"act": "drop:0"},
        {"act": "drop:0", "event": [event()], "unfolded": "0"},
        {"act": "remove:" + "9" * 400, "event": [event()]},
        {"act": "take:track:Never"},
        {"act": "take:"},
        {"act": "explode"},
        {"act": ""},
        {"event": [properties(TOTAL)], "unfolded": "0", "type_0": "date"},
        {"act": "add_event", "event_type": "purchase", "event_name": "Sold"},
        {"act": "add_event", "event_name": "a\x00b"},
        {"act": "add_property", "event": [event()], "unfolded": "0", "property_name": "\ud7ff\x00"},
    ],
    ids=lambda changed: ", ".join(f"{k}={str(v)[:30]}" for k, v in changed.items()),
)
def test_what_no_form_of_ours_sends(company: Company, changed: dict[str, object]) -> None:
    form = {"act": "look", "mode": "warn", "event": [], "based_on": "0"} | changed
    page = signed_in(company, "cmo").post(reverse("collect:plan", args=["web-shop"]), form)
    assert page.status_code == 422
    assert 'class="summary"' in page.content.decode()
    assert not Decision.objects.filter(state="open").exists()


def test_the_largest_plan_goes_back_and_forth(company: Company) -> None:
    """Under Django's bounds on a form's fields and on its size."""
    wide = tuple(
        PlannedProperty(f"a property of some length {n}", "string") for n in range(MAX_PROPERTIES)
    )
    agreed(company, *(PlannedEvent("track", f"event {n}", wide) for n in range(MAX_EVENTS)))
    cmo = marketing(company)
    cmo.press("unfold:149")
    assert cmo.status == 200
    cmo.press("look", type_59="any")
    assert cmo.status == 200
    assert cmo.draft["event 149"]["a property of some length 59"] == ("any", False)
