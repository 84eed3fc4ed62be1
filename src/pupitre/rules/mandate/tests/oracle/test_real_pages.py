"""One real page for each activity of this room, in every state: what comes of its form.

The trials show that the house's door rules as the oracle says; this shows that its pages go
through that door, and tell people what became of what they asked.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from pupitre.rules.mandate import activities as ours
from pupitre.rules.mandate import guard, refusals
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Activity, Reason
from pupitre.rules.mandate.matrix.actions import StartDraft
from pupitre.rules.mandate.models import AuditLine, Function, Seat
from pupitre.rules.mandate.tests.oracle.dice import NOW, TODAY
from pupitre.rules.mandate.tests.oracle.rulebook import PERFORMED, WAITS, speaks, when_asked
from pupitre.rules.mandate.tests.oracle.stage import Stage, just_changed, rolled_back
from pupitre.rules.mandate.tests.oracle.states import ROW_STATES, SEATS, Situation, situations
from pupitre.rules.mandate.tests.oracle.world import World

pytestmark = [pytest.mark.slow]
KEYS = sorted(value.key for value in vars(ours).values() if isinstance(value, Activity))


@dataclass(frozen=True)
class Page:
    address: Callable[[], str]
    form: Callable[[Stage], dict[str, object]]
    prepares: bool = False


def _appointment(stage: Stage) -> dict[str, object]:
    starts = TODAY + timedelta(days=40)
    return {"member": stage.members["x4"], "starts": starts.isoformat()}


PAGES = {
    "matrix.amend": Page(
        lambda: reverse("mandate:draft_start"), lambda _stage: {"copy_of": 1}, prepares=True
    ),
    "organisation.change": Page(
        lambda: reverse("mandate:function_new"),
        lambda _stage: {"name_fr": "Logistique", "kind": "other"},
    ),
    "seat.appoint": Page(lambda: reverse("mandate:appoint", args=["spare"]), _appointment),
    "member.admit": Page(
        lambda: reverse("mandate:member_invite"),
        lambda _stage: {"name": "Nour", "email": "nour@ardoise.example", "language": "fr"},
    ),
    "activity.define": Page(
        lambda: reverse("mandate:activity_new"),
        lambda _stage: {"name_fr": "Répondre à une crise", "domain": "process"},
    ),
    "audit.export": Page(lambda: reverse("mandate:audit_export"), lambda _stage: {"kind": "csv"}),
}


@pytest.fixture
def spare_seat(stage: Stage) -> None:
    """A seat that nobody has ever held, and that no row names."""
    with guard.permitted():
        Seat.objects.create(
            key="spare", function=Function.objects.get(key="legal"), name_fr="Libre"
        )


def test_every_activity_of_this_room_has_a_page_here() -> None:
    assert sorted(PAGES) == KEYS


@pytest.mark.usefixtures("spare_seat")
@pytest.mark.parametrize("ours_key", KEYS)
def test_what_comes_of_a_form_is_what_the_oracle_says(
    ours_key: str, world: World, stage: Stage, browser: Callable[[str], Client]
) -> None:
    key, seen = ours_key, Counter[str]()
    with translation.override("fr"):
        sentences = {str(sentence): reason for reason, sentence in refusals._SENTENCES.items()}
    for number, now in enumerate(situations(world, key)):
        if now.scope or (number % 2 and now.state not in ROW_STATES):
            continue
        with just_changed(stage, world, now.world):
            for seat in now.touched:
                chair = now.world.chairs[seat]
                for member in sorted({s.member for s in (*chair.holders, *chair.deputies)}):
                    if not speaks(now.world, member, seat):
                        continue  # another seat's business: see test_every_act
                    expected = when_asked(
                        now.world, key, member, seat, prepares=PAGES[key].prepares
                    )
                    answer = _send(stage, browser(member), now, key, member, seat, sentences)
                    assert answer == expected, (now.state, member, seat)
                    seen[answer] += 1
    sys.stdout.write(f"\n{key}: {seen.total()} forms compared: {dict(seen)}\n")
    assert {PERFORMED, "no_letter", "no_row", "no_matrix"} <= set(seen)
    assert PAGES[key].prepares or seen[WAITS]


def _send(
    stage: Stage,
    client: Client,
    now: Situation,
    key: str,
    member: str,
    seat: str,
    sentences: dict[str, Reason],
) -> str:
    """Fill in the page's form: what the audit says came of it, and what the reader was told."""
    with rolled_back():
        if [seat] != [at for at in SEATS if speaks(now.world, member, at)]:
            client.post(reverse("mandate:sit"), {"seat": stage.seats[seat]})
        newest = AuditLine.objects.count()
        page = client.post(PAGES[key].address(), PAGES[key].form(stage))
        lines = AuditLine.objects.filter(seq__gt=newest).exclude(verb="noted")  # of the account
        line = lines.order_by("seq").first()
        if page.status_code == 403:
            assert line is None or line.verb == "was refused"
            text = page.content.decode()
            assert f"Siège {seat}" in text
            (reason,) = [why for sentence, why in sentences.items() if sentence in text]
            return reason.value
        assert page.status_code in (200, 302), page.content.decode()[:2_000]
        assert line is not None
        assert (line.activity, line.seat_id) == (key, stage.seats[seat])
        assert line.member_id == stage.members[member]
        return {"performed": PERFORMED, "requested": WAITS}[line.verb]


def test_proposing_a_draft_waits_for_both_departments(
    world: World, stage: Stage, browser: Callable[[str], Client]
) -> None:
    """The page that brings a version into force: refused as the oracle says, else it waits."""
    act(StartDraft(copy_of=1), by=ours.SETUP, at=NOW)
    seen: Counter[str] = Counter()
    for seat in SEATS:
        with rolled_back():
            page = browser(seat).post(reverse("mandate:propose", args=[2]))
            expected = when_asked(world, "matrix.amend", seat, seat)
            if expected == WAITS:
                # A company of trials is full of findings: asked, and told that it is not ready.
                assert page.status_code in (302, 422)
            else:
                assert page.status_code == 403
            seen[expected] += 1
    assert set(seen) >= {WAITS, "only_consulted", "no_letter"}
