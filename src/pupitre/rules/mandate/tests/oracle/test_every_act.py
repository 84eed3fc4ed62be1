"""Every seat, every enforced activity, every state: what `act` answers, and what the oracle says.

Each question is asked of the services, and over HTTP through the house's own views. Whatever
happens inside a question is rolled back before the next one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed, Refused
from pupitre.rules.mandate.models import AuditLine, Decision, Function
from pupitre.rules.mandate.tests.oracle.dice import NOW
from pupitre.rules.mandate.tests.oracle.rulebook import PERFORMED, WAITS, speaks, when_asked
from pupitre.rules.mandate.tests.oracle.stage import Stage, just_changed, rolled_back
from pupitre.rules.mandate.tests.oracle.states import ROW_STATES, SEATS, Situation, situations
from pupitre.rules.mandate.tests.oracle.trials import DEED, DRAFTS, TRIALS, Trial
from pupitre.rules.mandate.tests.oracle.world import World

pytestmark = [pytest.mark.slow]
DRAFTED = ("as it is", "deputised by the other department", "matrix just changed", "suspended")


STRANGERS: tuple[tuple[str, str | None], ...] = (("free", "m1"), ("x1", "i1"), ("m1", None))


def askers(world: World, seats: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Everybody whom these seats have ever known, from there."""
    for seat in seats:
        for stay in (*world.chairs[seat].holders, *world.chairs[seat].deputies):
            yield stay.member, seat


def _came_of_it() -> str:
    """What the database says happened, whatever was answered."""
    if Function.objects.filter(key=DEED).exists():
        return PERFORMED
    if Decision.objects.filter(state="open").exists():
        return WAITS
    line = AuditLine.objects.order_by("-seq").first()
    if line is None or line.verb != "was refused":
        return "nothing"
    return line.detail.split('"reason":"')[1].split('"')[0]


def _ask_services(stage: Stage, trial: Trial, member: str, seat: str | None) -> str:
    with rolled_back():
        try:
            outcome = act(trial, by=stage.actor(member, seat), at=NOW)
            answer = PERFORMED if isinstance(outcome, Performed) else WAITS
        except Refused as refused:
            answer = refused.reason.value
        assert _came_of_it() == answer
        return answer


def test_acting_over_services(key: str, world: World, stage: Stage) -> None:
    seen: Counter[str] = Counter()
    for now in situations(world, key):
        with just_changed(stage, world, now.world):
            for member, seat in (*askers(now.world, SEATS), *STRANGERS):
                for kinds, prepares in ((TRIALS, False), (DRAFTS, True)):
                    if prepares and now.state not in DRAFTED:
                        continue
                    expected = when_asked(
                        now.world, key, member, seat, scope=now.scope, prepares=prepares
                    )
                    answer = _ask_services(stage, kinds[key](now.scope), member, seat)
                    assert answer == expected, (now.state, member, seat, prepares)
                    seen[expected] += 1
    sys.stdout.write(f"\n{key}: {seen.total()} acts compared, services: {dict(seen)}\n")
    assert {PERFORMED, WAITS, "no_matrix", "no_row", "not_in_seat", "no_letter"} <= set(seen)
    assert world.activities[key].joint or world.activities[key].four_eyes or seen[PERFORMED] > 20


@pytest.mark.once  # services are asked on both databases
def test_acting_over_http(
    enforced_key: str, world: World, stage: Stage, browser: Callable[[str], Client]
) -> None:
    seen: Counter[str] = Counter()
    for number, now in enumerate(situations(world, enforced_key)):
        if number % 2 == 0 and not now.scope and now.state not in ROW_STATES:
            continue  # services have been asked; real pages take the others (test_real_pages)
        with just_changed(stage, world, now.world):
            for member, seat in askers(now.world, now.touched):
                expected = when_asked(now.world, enforced_key, member, seat, scope=now.scope)
                answer = _ask_pages(stage, browser(member), now, enforced_key, member, seat)
                if not speaks(now.world, member, seat):
                    # Pages don't even let one sit there: what follows is another seat's business.
                    assert answer == "not seated", (now.state, member, seat)
                else:
                    assert answer == expected, (now.state, member, seat)
                seen[answer] += 1
    sys.stdout.write(f"\n{enforced_key}: {seen.total()} acts compared, HTTP: {dict(seen)}\n")
    assert {WAITS, "no_row", "no_letter", "not seated"} <= set(seen)
    rules = world.activities[enforced_key]
    assert rules.joint or rules.four_eyes or seen[PERFORMED]


def _ask_pages(
    stage: Stage, client: Client, now: Situation, key: str, member: str, seat: str
) -> str:
    with rolled_back():
        if [seat] != [at for at in SEATS if speaks(now.world, member, at)]:
            client.post(reverse("mandate:sit"), {"seat": stage.seats[seat]})
        response = client.post(reverse("try_it", args=[key, "act"]), {"initiative": now.scope})
        line = AuditLine.objects.order_by("-seq").first()
        if line is None or line.seat_id != stage.seats[seat]:
            assert response.status_code in (302, 403)
            return "not seated"
        happened = _came_of_it()
        if response.status_code == 302:
            assert happened in (PERFORMED, WAITS), happened
            return happened
        assert response.status_code == 403
        assert line.verb == "was refused"
        assert f"Siège {seat}" in response.content.decode()  # it names the seat that asked
        return happened
