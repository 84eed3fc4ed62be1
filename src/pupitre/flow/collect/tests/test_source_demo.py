"""The sources of the demonstration: opened by joint decisions, once."""

from __future__ import annotations

import pytest

from pupitre.flow.collect import demo
from pupitre.flow.collect.contracts import PlanMode
from pupitre.flow.collect.sources.reading import all_sources
from pupitre.rules.mandate import demo as company
from pupitre.rules.mandate.contracts import demo_chapters, enforced_activities
from pupitre.rules.mandate.models import AuditLine, Decision
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.testing import NOON

OURS = {"web-shop", "app", "tills", "service-desk", "email-tool", "social-listening"}
OPENED = OURS | {"cdnow"}
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_marketing_asked_the_dpo_was_heard_and_it_said_yes() -> None:
    company.build(NOON)
    sources = {source.key: source for source in all_sources()}
    assert set(sources) == OPENED
    assert sources["web-shop"].plan.mode is PlanMode.WARN
    assert sources["tills"].plan.mode is PlanMode.OFF
    opened = Decision.objects.filter(action="collect.OpenSource", state="performed")
    assert opened.count() == len(OPENED)
    for decision in opened:
        said = AuditLine.objects.filter(decision_id=decision.pk).order_by("seq")
        verbs = list(said.values_list("verb", flat=True))
        assert verbs == ["requested", "gave an opinion", "performed"]
        assert decision.settled_at is not None
        assert decision.requested_at < decision.settled_at < NOON
    waiting = Decision.objects.get(action="collect.OpenSource", state="open")
    assert waiting.subject == "source:marketplace"
    assert all(source.keys == () for source in sources.values())  # a key is seen by its maker


def test_building_it_again_changes_nothing() -> None:
    company.build(NOON)
    demo.build(NOON)
    lines, decisions = AuditLine.objects.count(), Decision.objects.count()
    demo.build(NOON)
    assert (AuditLine.objects.count(), Decision.objects.count()) == (lines, decisions)


def test_the_audit_is_in_the_order_of_time() -> None:
    company.build(NOON)
    times = list(AuditLine.objects.order_by("seq").values_list("at", flat=True))
    assert times == sorted(times)


def test_a_company_that_was_built_before_has_them_too() -> None:
    chapters = {key: demo_chapters._entries.pop(key) for key in demo_chapters.keys()}  # noqa: SIM118
    try:
        company.build(NOON)
        assert all_sources() == ()
        demo.build(NOON)
        assert len(all_sources()) == len(OURS)
    finally:
        demo_chapters._entries.update(chapters)


def test_there_is_nothing_without_a_company() -> None:
    demo.build(NOON)
    assert all_sources() == ()


def test_every_enforced_activity_has_a_row_there() -> None:
    company.build(NOON)
    law = current_law()
    assert [a.key for a in enforced_activities if law.row(a.key) is None] == []
