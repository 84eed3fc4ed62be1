"""A customer's own page: what opens it, what it shows, what is done, and who learns nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, override_settings

from pupitre.core import clock
from pupitre.flow.identify.consents import centre, links
from pupitre.flow.identify.consents import shown as boxes
from pupitre.flow.identify.consents.reading import agreed, paused_until, standing
from pupitre.flow.identify.consents.tests.kit import (
    MINUTE,
    NOW,
    a_person,
    a_purpose,
    alice,
    belong,
    line,
    note,
)
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Consent, Identifier, RightsRequest, Said, Trait, Wording
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.testing import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("heard_shop")]
LATER = NOON + timedelta(minutes=2)


@pytest.fixture(autouse=True)
def the_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    cache.clear()  # rates are counted there

    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    at(LATER)
    return at


@pytest.fixture
def mine() -> list[int]:
    keys = alice()
    a_purpose("marketing", ("email", "sms"))
    a_purpose("measurement", ("web",), prospecting=False)
    note(line(keys[1], Said.GIVEN))
    with guard.permitted():
        for name, value in (("firstName", "Alice"), ("lastName", "Martin")):
            Trait.objects.create(
                identifier_id=keys[0], name=name, value=value, source="web-shop",
                first_us=NOW, last_us=NOW,
            )  # fmt: skip
    return keys


def visitor(identifier: int, *, language: str = "en", **more: Any) -> Client:
    """A browser in which that link was opened."""
    client = Client(headers={"accept-language": language}, **more)
    answer = client.get(links.path(identifier=identifier, at=NOON))
    assert answer.status_code == 302
    assert answer["Location"] == "/preferences/"
    assert answer["Referrer-Policy"] == "no-referrer"
    return client


def text(page: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


# --- what opens it --------------------------------------------------------------------------------


def test_a_link_names_nothing_of_theirs(mine: list[int]) -> None:
    path = links.path(identifier=mine[1], at=NOON)
    for value in Identifier.objects.values_list("value", flat=True):
        assert value not in path
    assert re.fullmatch(r"/preferences/[\w.-]+/", path)


def void(mine: list[int]) -> dict[str, str]:
    """Links that open nothing, each for its own reason."""
    good = links.token(identifier=mine[1], at=NOON)
    with guard.permitted():
        device = Identifier.objects.create(kind="device", value="d1")
    return {
        "nonsense": "not-a-token",
        "cut off": good[:-1],
        "too long": good + "a" * 200,
        "longer": good + "a",
        "expired": links.token(identifier=mine[1], at=NOON - timedelta(days=31)),
        "nobody": links.token(identifier=999_999, at=NOON),
        "device": links.token(identifier=device.pk, at=NOON),
        "another salt": links.signing.Signer(salt="x", sep=".").sign_object([mine[1], 0, 2**40]),
        "another shape": links._signer().sign_object({"identifier": mine[1]}),
    }


def test_what_opens_nothing_says_the_same_whyever(mine: list[int]) -> None:
    said = set()
    for why, token in void(mine).items():
        page = Client(headers={"accept-language": "en"}).get(f"/preferences/{token}/")
        assert page.status_code == 410, why
        assert page["Referrer-Policy"] == "no-referrer"
        said.add(text(page))
    without = Client(headers={"accept-language": "en"}).get("/preferences/")
    assert without.status_code == 410
    assert said == {text(without)}
    assert "Alice" not in said.pop()


def test_no_letter_of_a_link_may_be_another(mine: list[int]) -> None:
    good = links.token(identifier=mine[1], at=NOON)
    assert links.opened(good, at=NOON) == mine[1]
    other = links.token(identifier=mine[2], at=NOON)
    payload, signature = good.split(".")
    assert links.opened(f"{other.split('.')[0]}.{signature}", at=NOON) is None
    opened = [
        changed
        for place in range(len(payload))
        if (changed := good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :])
        and links.opened(changed, at=NOON) is not None
    ]
    assert opened == []


def test_a_link_ends_when_it_said_and_when_it_is_revoked(
    mine: list[int], the_clock: Callable[[datetime], None]
) -> None:
    client = visitor(mine[1])
    assert client.get("/preferences/").status_code == 200
    token = links.token(identifier=mine[1], at=NOON)
    end = NOON + timedelta(days=links.LINK_DAYS)
    assert links.opened(token, at=end - timedelta(seconds=1)) == mine[1]
    assert links.opened(token, at=end) is None
    with guard.permitted():
        links.revoke(person=mine[0])
    assert client.get("/preferences/").status_code == 410  # a page that is open closes too
    assert client.post("/preferences/", {"shown": "marketing email 1"}).status_code == 410
    assert Consent.objects.count() == 1
    assert visitor(mine[1]).get("/preferences/").status_code == 200  # one made afterwards


def test_a_secret_that_is_changed_closes_what_it_signed(mine: list[int]) -> None:
    good = links.token(identifier=mine[1], at=NOON)
    with override_settings(SECRET_KEY="x" * 50):
        assert links.opened(good, at=NOON) is None
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="x" * 50, SECRET_KEY_FALLBACKS=[old]):
        assert links.opened(good, at=NOON) == mine[1]


def test_a_page_left_open_closes_by_itself(mine: list[int], monkeypatch: Any) -> None:
    client = visitor(mine[1])
    began = centre.time.time()
    monkeypatch.setattr(centre.time, "time", lambda: began + centre.IDLE_SECONDS + 1)
    assert client.get("/preferences/").status_code == 410


def test_whoever_leaves_has_left(mine: list[int]) -> None:
    client = visitor(mine[1])
    assert client.post("/preferences/", {"leave": "1"}).status_code == 200
    assert client.get("/preferences/").status_code == 410


def test_another_link_in_the_same_browser_replaces_the_first_and_a_void_one_closes_it(
    mine: list[int],
) -> None:
    (bob,) = a_person((Kind.EMAIL, "bob@boite.example"))
    client = visitor(mine[1])
    client.get(links.path(identifier=bob, at=NOON))
    assert "b•••@boite.example" in client.get("/preferences/").text
    client.get("/preferences/not-a-token/")
    assert client.get("/preferences/").status_code == 410


def test_nobody_tries_links_for_long(mine: list[int]) -> None:
    client = Client()
    most = int(settings.ACCOUNT_RATE_LIMITS["preferences"].partition("/")[0])
    answers = [client.get(f"/preferences/guess-{n}/").status_code for n in range(most + 1)]
    assert answers == [410] * most + [429]


# --- what it shows --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_shows_what_is_known_partly_hidden(mine: list[int], language: str) -> None:
    page = visitor(mine[1], language=language).get("/preferences/")
    shown = text(page)
    for words in ("a•••@boite.example", "+33 ••• 78", "•••4567", "Alice", "M•••"):
        assert words in shown, words
    for hidden in ("alice.martin", "33612345678", "2990001234567", "Martin", "u-100"):
        assert hidden not in page.text, hidden
    assert {"fr": "J’accepte.", "en": "I agree."}[language] in shown
    assert f'lang="{language}"' in page.text


def test_no_machine_lists_it_and_no_cache_keeps_it(mine: list[int]) -> None:
    page = visitor(mine[1]).get("/preferences/")
    assert "noindex" in page["X-Robots-Tag"]
    assert 'name="robots" content="noindex' in page.text
    assert "no-store" in page["Cache-Control"]
    # A form on a page that tells nobody whence it comes would come from nowhere, and be refused.
    assert page["Referrer-Policy"] == "same-origin"


def test_looking_changes_nothing(mine: list[int]) -> None:
    client = visitor(mine[1])
    before = Consent.objects.count(), AuditLine.objects.count(), RightsRequest.objects.count()
    for path in ("", "pause/", "right/", "right/?right=erasure"):
        client.get(f"/preferences/{path}")
    after = Consent.objects.count(), AuditLine.objects.count(), RightsRequest.objects.count()
    assert before == after


# --- what is done there ---------------------------------------------------------------------------

BOXES = ("marketing.email", "marketing.sms", "measurement.web")


def shown_on(client: Client, *boxes: str) -> list[str]:
    """What stands hidden beside those boxes on the page that the customer sees."""
    page = client.get("/preferences/").text
    found = re.findall(r'name="shown" value="([^"]+)"><label><input[^>]* value="([^"]+)"', page)
    assert {box for _shown, box in found} == set(BOXES)
    return [shown for shown, box in found if box in (boxes or BOXES)]


def test_what_is_saved_holds_at_once_with_the_sentence_that_was_shown(mine: list[int]) -> None:
    client = visitor(mine[1])
    seen = shown_on(client)
    done = client.post("/preferences/", {"shown": seen, "agreed": ["measurement.web"]}, follow=True)
    assert "Saved" in text(done)
    said = {(s.purpose, s.channel): s.said for s in standing(mine[0], at=LATER)}
    assert said == {
        ("marketing", "email"): Said.WITHDRAWN,
        ("marketing", "sms"): None,  # it was not ticked, and is not now: nothing was said
        ("measurement", "web"): Said.GIVEN,
    }
    assert agreed(purpose="measurement", channel="web", at=LATER).tolist() == [mine[0]]
    new = Consent.objects.get(purpose="measurement")
    assert (new.by, new.place, new.wording, new.version, new.language) == (
        "customer", "preferences", "I agree.", "1", "en",
    )  # fmt: skip
    assert new.identifier_id == mine[1]
    again = client.post(
        "/preferences/", {"shown": seen, "agreed": ["measurement.web"]}, follow=True
    )
    assert "Nothing has changed" in text(again)
    # One that was there, one that gives, and one that takes away on each of what names her.
    assert Consent.objects.count() == 1 + 1 + len(mine)
    audited = AuditLine.objects.order_by("-seq")[0]
    assert (audited.actor, audited.subject) == ("system:customer", f"person:{mine[1]}")


def test_what_stood_not_on_the_page_is_not_touched(mine: list[int]) -> None:
    client = visitor(mine[1])
    client.post("/preferences/", {"shown": shown_on(client, "marketing.sms"), "agreed": []})
    assert standing(mine[0], at=LATER)[0].said is Said.GIVEN


def test_the_sentence_that_was_shown_is_the_one_that_is_kept(mine: list[int]) -> None:
    client = visitor(mine[1])
    seen = shown_on(client, "measurement.web")
    with guard.permitted():
        purpose = Wording.objects.get(purpose__key="measurement").purpose
        Wording.objects.create(purpose=purpose, version=2, fr="Autre.", en="Other.", at=NOON)
    client.post("/preferences/", {"shown": seen, "agreed": ["measurement.web"]})
    assert Consent.objects.get(purpose="measurement").wording == "I agree."


def test_a_yes_to_a_sentence_that_counts_no_longer_is_asked_again_and_a_no_is_kept(
    mine: list[int],
) -> None:
    client = visitor(mine[1])
    seen = shown_on(client)
    with guard.permitted():
        purpose = Wording.objects.get(purpose__key="measurement").purpose
        Wording.objects.create(purpose=purpose, version=2, fr="Autre.", en="Other.", at=NOON)
        purpose.counts_from = 2
        purpose.save()
    ticked = {"shown": seen, "agreed": ["measurement.web"]}
    page = client.post("/preferences/", ticked, follow=True)
    assert "was changed after you opened this page" in text(page)
    assert "Saved" in text(page)  # marketing was unticked: that holds
    assert not Consent.objects.filter(purpose="measurement").exists()
    assert standing(mine[0], at=LATER)[0].said is Said.WITHDRAWN
    read = shown_on(client, "measurement.web")
    page = client.post("/preferences/", {"shown": read, "agreed": ["measurement.web"]}, follow=True)
    assert "was changed after" not in text(page)
    assert agreed(purpose="measurement", channel="web", at=LATER).tolist() == [mine[0]]


@pytest.mark.parametrize(
    "shown", ["unheard web 1", "measurement web 9", "measurement post 1"], ids=str
)
def test_what_is_not_asked_cannot_be_agreed_to(mine: list[int], shown: str) -> None:
    purpose, channel, version = shown.split()
    said = boxes.signed(
        identifier=mine[1], purpose=purpose, channel=channel, version=int(version), saw=0
    )
    page = visitor(mine[1]).post(
        "/preferences/", {"shown": [said], "agreed": [f"{purpose}.{channel}"]}
    )
    assert page.status_code == 422
    assert Consent.objects.count() == 1


@pytest.mark.parametrize("shown", ["", "marketing", "marketing email 1", "x" * 400])
def test_nonsense_says_nothing(mine: list[int], shown: str) -> None:
    page = visitor(mine[1]).post("/preferences/", {"shown": [shown], "agreed": []})
    assert page.status_code == 422
    assert Consent.objects.count() == 1


def test_a_box_of_another_customers_page_is_none_of_this_one(mine: list[int]) -> None:
    (bob,) = a_person((Kind.EMAIL, "bob@boite.example"))
    of_bob = shown_on(visitor(bob))
    page = visitor(mine[1]).post("/preferences/", {"shown": of_bob, "agreed": []})
    assert page.status_code == 422
    assert standing(mine[0], at=LATER)[0].said is Said.GIVEN


@pytest.mark.parametrize("also", [[], ["measurement.web"]], ids=["nothing else", "more"])
def test_a_stale_page_gives_nothing_back(mine: list[int], also: list[str]) -> None:
    client = visitor(mine[1])
    seen = shown_on(client)  # marketing by e-mail is ticked
    note(line(mine[1], Said.WITHDRAWN, NOW + MINUTE))  # by the link at the foot of an e-mail
    page = client.post("/preferences/", {"shown": seen, "agreed": ["marketing.email", *also]},
                       follow=True)  # fmt: skip
    assert "stays withdrawn" in text(page)
    assert ("Saved" in text(page)) is bool(also)
    said = {(s.purpose, s.channel): s.said for s in standing(mine[0], at=LATER)}
    assert said["marketing", "email"] is Said.WITHDRAWN
    assert (said["measurement", "web"] is Said.GIVEN) is bool(also)
    seen = shown_on(client)  # they look again, and want it
    client.post("/preferences/", {"shown": seen, "agreed": ["marketing.email", *also]})
    assert standing(mine[0], at=LATER)[0].said is Said.GIVEN


def test_a_box_ticked_on_a_stale_page_outvotes_no_later_refusal(mine: list[int]) -> None:
    client = visitor(mine[1])
    seen = shown_on(client)  # nothing was said of text messages
    note(line(mine[0], Said.REFUSED, NOW + MINUTE, channel="sms"))
    client.post("/preferences/", {"shown": seen, "agreed": ["marketing.email", "marketing.sms"]})
    assert standing(mine[0], at=LATER)[1].said is Said.REFUSED


@pytest.mark.parametrize(("months", "days"), [("1", 31), ("3", 92), ("6", 183)])
def test_everything_pauses_and_the_pause_is_taken_back(
    mine: list[int], months: str, days: int, the_clock: Callable[[datetime], None]
) -> None:
    client = visitor(mine[1])
    page = client.post("/preferences/pause/", {"months": months}, follow=True)
    assert "Everything is paused until" in text(page)
    assert paused_until(mine[0], at=LATER) == LATER + timedelta(days=days)
    assert agreed(purpose="marketing", channel="email", at=LATER).tolist() == []
    the_clock(LATER + timedelta(minutes=1))
    page = client.post("/preferences/pause/", {"months": "0"}, follow=True)
    assert "The pause is over" in text(page)
    assert agreed(purpose="marketing", channel="email", at=clock.now()).tolist() == [mine[0]]


@pytest.mark.parametrize("months", ["", "2", "-1", "x", "600"])
def test_nobody_pauses_for_a_time_that_was_not_offered(mine: list[int], months: str) -> None:
    assert visitor(mine[1]).post("/preferences/pause/", {"months": months}).status_code == 422
    assert paused_until(mine[0], at=LATER) is None


@pytest.mark.parametrize("right", ["portability", "erasure"])
def test_a_right_is_asked_for_once_and_its_clock_shows(mine: list[int], right: str) -> None:
    client = visitor(mine[1])
    for _twice in range(2):
        page = client.post("/preferences/right/", {"right": right}, follow=True)
        assert "You asked for it on" in text(page)
    request = RightsRequest.objects.get()
    assert (request.right, request.way, request.state, request.check_how) == (
        right, "preferences", "checked", "signed_link",
    )  # fmt: skip
    assert request.identifier_id == mine[1]


@pytest.mark.parametrize("right", ["portability", "erasure"])
def test_a_right_by_a_link_that_a_seat_made_is_still_to_be_checked(
    mine: list[int], right: str
) -> None:
    client = Client(headers={"accept-language": "en"})
    client.get(links.path(identifier=mine[1], at=NOON, seat=7))
    client.post("/preferences/right/", {"right": right})
    request = RightsRequest.objects.get()
    assert (request.state, request.check_how) == ("received", "")


def test_other_rights_are_not_asked_for_here(mine: list[int]) -> None:
    for right in ("", "restriction", "everything"):
        visitor(mine[1]).post("/preferences/right/", {"right": right})
    assert not RightsRequest.objects.exists()


def test_a_form_from_elsewhere_is_refused(mine: list[int]) -> None:
    client = visitor(mine[1], enforce_csrf_checks=True)
    assert client.post("/preferences/", {"shown": shown_on(client)}).status_code == 403
    assert Consent.objects.count() == 1


def test_after_an_unmerge_the_link_is_its_own_identifiers(mine: list[int]) -> None:
    client = visitor(mine[1])
    belong(mine[1:], mine[1])
    with guard.permitted():
        Identifier.objects.filter(pk=mine[0]).update(person=mine[0])
    client.post("/preferences/", {"shown": shown_on(client), "agreed": ["marketing.sms"]})
    assert standing(mine[1], at=LATER)[1].said is Said.GIVEN
    assert all(s.said is None for s in standing(mine[0], at=LATER))


def test_after_an_unmerge_what_was_withdrawn_is_withdrawn_for_both(mine: list[int]) -> None:
    client = visitor(mine[3])  # a link that was sent for the card
    client.post("/preferences/", {"shown": shown_on(client), "agreed": ["measurement.web"]})
    client.post("/preferences/pause/", {"months": "1"})
    belong(mine[1:], mine[1])
    with guard.permitted():
        Identifier.objects.filter(pk=mine[0]).update(person=mine[0])
    for person in (mine[0], mine[1]):
        assert standing(person, at=LATER)[0].said is Said.WITHDRAWN, person
        assert paused_until(person, at=LATER) is not None, person
    assert standing(mine[0], at=LATER)[2].said is None  # what was given is one's alone
    assert standing(mine[1], at=LATER)[2].said is Said.GIVEN
