"""Opening, changing and closing sources: who may, what comes of it, what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pupitre.core.errors import Invalid
from pupitre.flow.collect.contracts import PlanMode, PlannedEvent, PlannedProperty
from pupitre.flow.collect.models import Source
from pupitre.flow.collect.sources.actions import ChangeSource, CloseSource, ReopenSource
from pupitre.flow.collect.sources.keys import MakeKey, RevokeKey, RotateKey, new_secret
from pupitre.flow.collect.sources.planning import AgreePlan
from pupitre.flow.collect.sources.reading import (
    all_sources,
    book_version,
    plan_in_force,
    read_book,
    source_named,
)
from pupitre.flow.collect.tests.sources_kit import (
    ROWS,
    a_company_with_sources_in_its_matrix,
    a_key,
    a_source,
    an_opening,
    decided,
)
from pupitre.lake.contracts import Channel
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Performed, Refused, Waiting
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.services import approve, opine
from pupitre.rules.mandate.testing import NOON, SEATS, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return a_company_with_sources_in_its_matrix()


def changed(company: Company, **given: object) -> ChangeSource:
    action = ChangeSource(
        source_key="web-shop",
        name_fr="Le site",
        name_en="The site",
        why="Autre chose.",
        owner_id=company.seats["cdo"],
        allowed_origins=("https://shop.example:8443",),
    )
    return replace(action, **given)  # type: ignore[arg-type]


def a_plan(**given: object) -> AgreePlan:
    event = PlannedEvent("track", "Order Completed", (PlannedProperty("total", "number", True),))
    return replace(AgreePlan("web-shop", PlanMode.WARN, (event,), 0), **given)  # type: ignore[arg-type]


def every_action(company: Company) -> dict[str, Action]:
    """One action of each activity, such that it makes sense where web-shop is open."""
    key = read_key(company)
    secret = new_secret()
    return {
        "open": an_opening(company, "tills"),
        "change": changed(company),
        "close": CloseSource("web-shop"),
        "make a key": MakeKey("web-shop", secret.fingerprint, secret.start),
        "rotate": RotateKey("web-shop", key, secret.fingerprint, secret.start, 7),
        "revoke": RevokeKey("web-shop", key),
        "plan": a_plan(),
    }


def read_key(company: Company) -> int:
    source = source_named(key="web-shop")
    assert source is not None
    if not source.keys:
        a_key(company)
        source = source_named(key="web-shop")
    assert source is not None
    return source.keys[0].id


@pytest.mark.parametrize(
    "name", ["open", "change", "close", "make a key", "rotate", "revoke", "plan"]
)
@pytest.mark.parametrize("seat", list(SEATS))
def test_what_each_seat_gets(company: Company, name: str, seat: str) -> None:
    a_source(company)
    action = every_action(company)[name]
    letters = ROWS[action.activity.key].get(seat, "")
    joint = action.activity.key in ("source.open", "plan.agree")
    version, lines = book_version(), AuditLine.objects.count()
    if letters in ("", "C", "I"):
        with pytest.raises(Refused) as refused:
            act(action, by=company.actor(seat), at=NOON)
        assert refused.value.row is not None
        assert refused.value.row.activity.key == action.activity.key
        assert AuditLine.objects.count() == lines + 1  # the attempt is kept
        assert book_version() == version
    elif joint or "A" not in letters:
        assert isinstance(act(action, by=company.actor(seat), at=NOON), Waiting)
        assert book_version() == version  # nothing has changed yet
    else:
        assert isinstance(act(action, by=company.actor(seat), at=NOON), Performed)
        assert book_version() > version  # and the collector reads its book again


def test_marketing_says_why_and_it_opens(company: Company) -> None:
    outcome = act(an_opening(company), by=company.actor("cmo"), at=NOON)
    assert isinstance(outcome, Waiting)
    assert all_sources() == ()
    decided(company, outcome.decision_id, yes="cio")
    (source,) = all_sources()
    assert (source.key, source.name.en, source.channel) == ("web-shop", "Web shop", Channel.WEB)
    assert source.why == "Savoir où l’on renonce."
    assert source.owner_id == company.seats["crm"]
    assert source.open
    assert source.keys == ()  # opening lets nobody in
    (view,) = read_book().sources
    assert view.open
    assert view.allowed_origins == ("https://www.ardoise.example",)
    assert view.plan_mode is PlanMode.OFF


def test_neither_department_opens_alone(company: Company) -> None:
    outcome = act(an_opening(company), by=company.actor("cio"), at=NOON)
    assert isinstance(outcome, Waiting)
    with pytest.raises(Refused):
        approve(decision_id=outcome.decision_id, by=company.actor("cio"), at=NOON)
    decided(company, outcome.decision_id, yes="cmo")
    assert Source.objects.count() == 1


def test_of_two_requests_for_one_name_the_second_is_no_longer_possible(company: Company) -> None:
    first = act(an_opening(company), by=company.actor("cmo"), at=NOON)
    second = act(
        replace(an_opening(company), why="Une autre raison."), by=company.actor("cmo"), at=NOON
    )
    assert isinstance(first, Waiting)
    assert isinstance(second, Waiting)
    decided(company, first.decision_id, yes="cio")
    opine(decision_id=second.decision_id, verdict="for", by=company.actor("dpo"), at=NOON)
    late = approve(decision_id=second.decision_id, by=company.actor("cio"), at=NOON)
    assert late.state == "impossible"
    assert Source.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("key", {"source_key": "Web Shop"}),
        ("key", {"source_key": ""}),
        ("key", {"source_key": "a" * 41}),
        ("key", {"source_key": "new"}),
        ("name_fr", {"name_fr": " "}),
        ("name_fr", {"name_fr": "a\0b"}),
        ("name_en", {"name_en": "a" * 81}),
        ("why", {"why": "  "}),
        ("why", {"why": "a" * 1_001}),
        ("channel", {"channel": "pigeon"}),
        ("owner", {"owner_id": 999_999}),
        ("allowed_origins", {"allowed_origins": ("www.ardoise.example",)}),
        ("allowed_origins", {"allowed_origins": ("https://ardoise.example/",)}),
        ("allowed_origins", {"allowed_origins": ("https://a@ardoise.example",)}),
        ("allowed_origins", {"allowed_origins": ("javascript:alert(1)",)}),
        ("allowed_origins", {"allowed_origins": ("https://ardoise.example:99999",)}),
        ("allowed_origins", {"allowed_origins": ("*",)}),
        ("allowed_origins", {"allowed_origins": ("https://a.example",) * 51}),
    ],
)
def test_what_makes_no_sense_is_not_asked(
    company: Company, field: str, given: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as invalid:
        act(replace(an_opening(company), **given), by=company.actor("cmo"), at=NOON)  # type: ignore[arg-type]
    assert invalid.value.field == field
    assert not Source.objects.exists()


def test_a_name_in_the_lake_is_taken_once_for_ever(company: Company) -> None:
    a_source(company)
    act(CloseSource("web-shop"), by=company.actor("cio"), at=NOON)
    with pytest.raises(Invalid):
        act(an_opening(company), by=company.actor("cmo"), at=NOON)


def test_changing_changes_what_the_collector_reads(company: Company) -> None:
    a_source(company)
    act(changed(company), by=company.actor("cio"), at=NOON)
    source = source_named(key="web-shop")
    assert source is not None
    assert (source.name.fr, source.why, source.owner_id) == (
        "Le site",
        "Autre chose.",
        company.seats["cdo"],
    )
    assert read_book().sources[0].allowed_origins == ("https://shop.example:8443",)


def test_a_closed_source_is_closed_for_the_collector_until_it_is_reopened(
    company: Company,
) -> None:
    a_source(company)
    secret = a_key(company)
    assert read_book().find(secret.text, at=NOON) is not None
    act(CloseSource("web-shop"), by=company.actor("cio"), at=NOON)
    assert read_book().find(secret.text, at=NOON) is None
    for action in (MakeKey("web-shop", *_parts()), a_plan(), CloseSource("web-shop")):
        with pytest.raises(Invalid):
            act(action, by=company.actor(_asks(action)), at=NOON)
    act(ReopenSource("web-shop"), by=company.actor("cio"), at=NOON)
    assert read_book().find(secret.text, at=NOON) is not None
    with pytest.raises(Invalid):
        act(ReopenSource("web-shop"), by=company.actor("cio"), at=NOON)


def _parts() -> tuple[str, str]:
    secret = new_secret()
    return secret.fingerprint, secret.start


def _asks(action: Action) -> str:
    return {"source.key": "ops", "plan.agree": "cmo"}.get(action.activity.key, "cio")


class TestPlans:
    def agreed(self, company: Company, plan: AgreePlan) -> None:
        outcome = act(plan, by=company.actor("cmo"), at=NOON)
        assert isinstance(outcome, Waiting)
        decided(company, outcome.decision_id, yes="cio")

    def test_it_is_agreed_by_both_and_read_by_the_collector(self, company: Company) -> None:
        a_source(company)
        self.agreed(company, a_plan(mode=PlanMode.ENFORCE))
        (view,) = read_book().sources
        assert view.plan_mode is PlanMode.ENFORCE
        assert view.plan == a_plan().events
        self.agreed(company, a_plan(mode=PlanMode.OFF, based_on=1))
        (view,) = read_book().sources
        assert view.plan_mode is PlanMode.OFF
        assert plan_in_force(source_id=view.id).number == 2

    def test_each_source_has_its_own(self, company: Company) -> None:
        a_source(company)
        a_source(company, "tills", channel="store")
        self.agreed(company, a_plan())
        self.agreed(company, a_plan(based_on=1))
        self.agreed(company, a_plan(source_key="tills", mode=PlanMode.ENFORCE))
        modes = {view.key: view.plan_mode for view in read_book().sources}
        assert modes == {"web-shop": PlanMode.WARN, "tills": PlanMode.ENFORCE}

    def test_one_that_another_overtook_must_be_looked_at_again(self, company: Company) -> None:
        a_source(company)
        self.agreed(company, a_plan())
        with pytest.raises(Invalid, match=r"meanwhile|entre-temps"):
            act(a_plan(), by=company.actor("cmo"), at=NOON)

    @pytest.mark.parametrize(
        "given",
        [
            {"mode": PlanMode.ENFORCE, "events": ()},
            {"events": (PlannedEvent("track", ""),)},
            {"events": (PlannedEvent("page", "Home"),)},
            {"events": (PlannedEvent("dance", "x"),)},
            {"events": (PlannedEvent("track", "x"), PlannedEvent("track", "x"))},
            {"events": (PlannedEvent("track", "x", (PlannedProperty("a", "date"),)),)},
            {"events": (PlannedEvent("track", "x", (PlannedProperty("", "any"),)),)},
            {"events": (PlannedEvent("track", "x", (PlannedProperty("a", "any"),) * 2),)},
            {"events": tuple(PlannedEvent("track", f"x{n}") for n in range(151))},
        ],
    )
    def test_one_that_makes_no_sense(self, company: Company, given: dict[str, object]) -> None:
        a_source(company)
        with pytest.raises(Invalid):
            act(a_plan(**given), by=company.actor("cmo"), at=NOON)


def test_the_tables_are_fenced() -> None:
    with pytest.raises(guard.WroteAroundTheMatrix):
        Source.objects.update(why="")
