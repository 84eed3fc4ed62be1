"""Live events, quarantine, replay and health: what came, on the pages of those who may read it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from pupitre.core import clock
from pupitre.core.microseconds import since_1970
from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.details import Wrong, detail
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.intake.records import Parcel, Refused, refused
from pupitre.flow.collect.pages.health import Figures, State, judge
from pupitre.flow.collect.pages.raw import MOST_CHARACTERS, as_let_in, readable
from pupitre.flow.collect.queries import held, held_counts
from pupitre.flow.collect.sources.actions import ChangeSource
from pupitre.flow.collect.sources.reading import source_named
from pupitre.flow.collect.sources.replaying import MOST_AT_ONCE, ReplayQuarantine
from pupitre.flow.collect.tests.drain_kit import drained, keep, record, stored
from pupitre.flow.collect.tests.sources_kit import (
    a_company_with_sources_in_its_matrix,
    a_key,
    a_source,
    words,
)
from pupitre.flow.collect.words import REFUSALS
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed
from pupitre.rules.mandate.models import AuditLine, Decision
from pupitre.rules.mandate.testing import NOON, Company
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock", "own_store")]


@pytest.fixture
def company() -> Company:
    company = a_company_with_sources_in_its_matrix()
    a_source(company)
    a_key(company)
    return company


def came(*names: str, source: str = "web-shop", minutes_ago: float = 1, bad: int = 0) -> None:
    """Events of one request, drained; ``bad`` more of them had no name."""
    at = since_1970(NOON - timedelta(minutes=minutes_ago))
    records = [
        record(f"{name}-{at}-{n}", name=name, properties='{"email": "zoe@client.example"}')
        for n, name in enumerate(names)
    ]
    wrong = [nameless(n) for n in range(bad)]
    keep(home(), Parcel(source, "web", at, records, wrong))
    drained(home(), at_us=at)


def nameless(number: int) -> Refused:
    raw = json.dumps({"type": "track", "userId": "zoe", "messageId": f"bad-{number}"}).encode()
    return refused(Refusal.NO_EVENT, detail(Wrong.NO_EVENT), raw)


class TestLive:
    def test_it_shows_what_came_newest_first_to_those_who_may(self, company: Company) -> None:
        came("Seen", minutes_ago=9)
        came("Bought", minutes_ago=2)
        a_source(company, "tills", channel="store")
        came("Sold", source="tills", minutes_ago=5)
        client = signed_in(company, "dpo")
        said = words(client.get(reverse("collect:live")))
        assert said.index("Bought") > said.index("Sold") > said.index("The last event came")
        assert "zoe@client.example" in said
        assert "2 minutes ago" in said
        only = words(client.get(reverse("collect:live"), {"source": "web-shop"}))
        assert "Bought" in only
        assert "Sold" not in only
        assert "zoe" not in words(signed_in(company, "ceo").get(reverse("collect:live")))

    def test_it_asks_again_by_itself_unless_it_is_paused(self, company: Company) -> None:
        client = signed_in(company, "dpo")
        page = client.get(reverse("collect:live"), {"source": "web-shop"}).content.decode()
        assert 'hx-trigger="every 2s"' in page
        assert 'hx-get="/live/?source=web-shop"' in page
        paused = client.get(reverse("collect:live"), {"paused": "1"}).content.decode()
        assert "hx-trigger" not in paused

    def test_what_is_typed_breaks_nothing(self, company: Company) -> None:
        came("<script>alert(1)</script>")
        page = signed_in(company, "dpo").get(reverse("collect:live"), {"source": "no'where\0"})
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()


class TestQuarantine:
    def test_it_says_why_and_what_to_do(self, company: Company) -> None:
        came("Bought", bad=3)
        client = signed_in(company, "ops")
        page = client.get(reverse("collect:quarantine"))
        said = words(page)
        assert "3 events wait in quarantine. Most often: An action without a name." in said
        assert "Send “event” with every track." in said
        assert "zoe" not in said  # the event itself is one page further
        one = held()[0].id
        event = words(client.get(reverse("collect:held", args=[one])))
        assert '"userId": "zoe"' in event
        for address in (reverse("collect:quarantine"), reverse("collect:held", args=[one])):
            assert signed_in(company, "brand").get(address).status_code == 403

    def test_it_is_filtered_and_paged(self, company: Company) -> None:
        came(bad=60)
        client = signed_in(company, "ops")
        address = reverse("collect:quarantine")
        first = client.get(address).content.decode()
        assert first.count('type="checkbox" name="event"') == 50
        older = re.search(r'rel="next" href="([^"]+)"', first)
        assert older is not None
        rest = client.get(older.group(1).replace("&amp;", "&")).content.decode()
        assert rest.count('type="checkbox" name="event"') == 10
        assert "Nothing of" in words(client.get(address, {"source": "tills"}))
        for nonsense in ({"before": "x"}, {"before": "9" * 30}, {"reason": "\0"}):
            assert client.get(address, nonsense).status_code == 200

    def test_what_is_mended_is_let_in_and_the_rest_stays(self, company: Company) -> None:
        """Two without a name, which stay so; one that was too old, which replay takes."""
        old = {"type": "track", "event": "Bought", "userId": "zoe", "messageId": "old-1"}
        old["timestamp"] = "2019-01-01T00:00:00Z"
        late = refused(
            Refusal.TOO_OLD,
            detail(Wrong.TOO_OLD, field="timestamp", days=4_000),
            json.dumps(old).encode(),
        )
        at = since_1970(NOON)
        keep(home(), Parcel("web-shop", "web", at, [], [nameless(1), nameless(2), late]))
        drained(home(), at_us=at)
        everything = [str(event.id) for event in held()]
        answer = signed_in(company, "ops").post(
            reverse("collect:replay"), {"event": everything}, follow=True
        )
        said = words(answer)
        assert "1 event was let in." in said
        assert "2 events were refused again, and stay." in said
        drained(home(), at_us=at)
        assert stored() == {("web-shop", "old-1"): 1}
        assert [(one.reason, one.events) for one in held_counts()] == [("no_event", 2)]
        line = AuditLine.objects.filter(verb="performed").order_by("-seq")[0]
        assert line.action == "collect.ReplayQuarantine"
        assert "zoe" not in line.detail

    def test_all_of_one_reason(self, company: Company) -> None:
        came(bad=4)
        signed_in(company, "ops").post(
            reverse("collect:replay"), {"reason": "no_event", "all": "1"}
        )
        line = AuditLine.objects.filter(action="collect.ReplayQuarantine").get()
        assert '"events":4' in line.detail

    def test_by_seat(self, company: Company) -> None:
        came(bad=1)
        number = str(held()[0].id)
        for seat in ("cmo", "ceo", "dpo", "crm"):
            page = signed_in(company, seat).post(reverse("collect:replay"), {"event": number})
            assert page.status_code == 403
        signed_in(company, "cio").post(reverse("collect:replay"), {"event": number})
        assert Decision.objects.filter(state="open").count() == 1  # R asks
        assert AuditLine.objects.filter(verb="performed", action__endswith="Replay").count() == 0

    def test_nothing_chosen_or_too_much(self, company: Company) -> None:
        page = signed_in(company, "ops").post(reverse("collect:replay"), {}, follow=True)
        assert "Choose the events to replay." in words(page)
        many = ReplayQuarantine(tuple(range(MOST_AT_ONCE)))
        outcome = act(many, by=company.actor("ops"), at=NOON)
        assert isinstance(outcome, Performed)  # none of them is there any more: nothing happens


class TestHealth:
    def test_the_page_counts_the_hour_and_the_day(self, company: Company) -> None:
        came(*["Seen"] * 11, minutes_ago=60 * 26)
        came(*["Seen"] * 7, minutes_ago=300)
        came(*["Seen"] * 5, minutes_ago=30)
        said = words(signed_in(company, "ceo").get(reverse("collect:sources")))
        assert "in 24 hours 12 in the last hour 5 refused in 24 hours 0" in said
        assert "All of them receive." in said

    def test_its_owner_hears_of_what_is_refused(
        self, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        came(*["Seen"] * 10, bad=5)
        monkeypatch.setattr(clock, "now", lambda: NOON)
        desk = words(signed_in(company, "crm").get(reverse("mandate:desk")))
        assert "“Web shop”: 5 events refused in 24 hours" in desk
        assert "Most often: An action without a name." in desk
        assert "refused in 24" not in words(signed_in(company, "cdo").get(reverse("mandate:desk")))
        owner = company.seats["cdo"]
        change = ChangeSource("web-shop", "Boutique", "Web shop", "Pour voir.", owner)
        act(change, by=company.actor("cio"), at=NOON)
        assert "refused in 24" in words(signed_in(company, "cdo").get(reverse("mandate:desk")))

    @pytest.mark.parametrize(
        ("figures", "expected"),
        [
            (Figures(), State.NEVER),
            (Figures(NOON, 1, 1), State.WELL),
            (Figures(NOON - timedelta(days=1)), State.WELL),
            (Figures(NOON - timedelta(days=1, seconds=1)), State.SILENT),
            (Figures(NOON, 95, 95, 5), State.WELL),
            (Figures(NOON, 94, 94, 5), State.REFUSING),
            (Figures(None, 0, 0, 1), State.REFUSING),
        ],
    )
    def test_the_word_for_it(self, company: Company, figures: Figures, expected: State) -> None:
        source = source_named(key="web-shop")
        assert source is not None
        assert judge(source, figures, at=NOON).state is expected


def test_every_refusal_has_words_and_a_remedy() -> None:
    assert set(REFUSALS) == {reason.value for reason in Refusal}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"a":1}', '{\n  "a": 1\n}'),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"a\x00b\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("\ud800", "\ufffd"),
        (b"[" * 100_000, "[" * MOST_CHARACTERS + "…"),
    ],
)
def test_raw_events_are_made_readable(raw: bytes | str, expected: str) -> None:
    assert readable(raw) == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (
            '{"user_id":"42","group_id":null,"sent_us":0,"properties":"{\\"days\\":9}","traits":"{}"}',
            {"user_id": "42", "sent_at": "1970-01-01T00:00:00+00:00", "properties": {"days": 9}},
        ),
        ('{"properties":"{", "sent_us": 99999999999999999999}', None),
        ("[1]", [1]),
    ],
)
def test_what_was_let_in_is_shown_with_its_objects_opened(shown: str, expected: object) -> None:
    text = as_let_in(shown)
    assert json.loads(text) == (expected if expected is not None else json.loads(shown))


def test_what_is_no_json_is_shown_as_it_is() -> None:
    assert as_let_in("{") == "{"
