"""Events appended to a real lake become people, in whatever rounds they are heard."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from pupitre.core.contributions import Registry
from pupitre.flow.identify import claiming
from pupitre.flow.identify.book.deciding import decide_all
from pupitre.flow.identify.book.reading import identifiers_of, person_of
from pupitre.flow.identify.following import rounds
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Bookmark, Identifier, Link, Spelling, Standing, Trait, Use
from pupitre.flow.identify.tests.kit import MINUTE_US, NOW, START_US, append, said, table
from pupitre.flow.identify.timeline.reading import page
from pupitre.lake import arriving, services
from pupitre.lake.contracts import Forgotten, LakeError
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.machines import at_work

pytestmark = pytest.mark.django_db


def mailed(address: str) -> dict[str, Any]:
    return {"context": {"traits": {"email": address}}}


def everything_stands() -> bool:
    """Whether deciding everything again changes nothing."""
    with at_work(rounds.FOLLOWER):
        return not decide_all()


def found(kind: Kind, value: str) -> Identifier:
    return Identifier.objects.get(kind=kind, value=value)


def messages(person: int | None, **filters: Any) -> list[str]:
    assert person is not None
    return [str(row["message_id"]) for row in page(person=person, **filters).rows]


def test_a_browser_an_account_and_a_card_are_one_customer(lake: Path) -> None:
    append(
        [
            said(0, anonymous_id="b1", name="seen before"),
            said(1, anonymous_id="b1", user_id="anne", **mailed("Anne@Orange.fr ")),
            said(2, anonymous_id="card-7", **mailed("anne@orange.fr"), channel="store"),
            said(3, anonymous_id="b9", name="somebody else"),
        ]
    )
    assert rounds.once(at=NOW) == 4
    anne = found(Kind.USER_ID, "anne")
    assert {(one.kind, one.value) for one in identifiers_of(anne.person or -1)} == {
        (Kind.USER_ID, "anne"),
        (Kind.EMAIL, "anne@orange.fr"),
    }
    assert messages(anne.person) == ["m2", "m1", "m0"]
    assert messages(anne.person, channels=("store",)) == ["m2"]
    [link] = Link.objects.all()
    assert (link.first_us, link.source, link.message_id) == (START_US + MINUTE_US, "shop", "m1")
    assert not Identifier.objects.filter(value="b9").exists()  # who never said who they are


def test_a_page_goes_on_where_the_last_one_ended(lake: Path) -> None:
    append([said(n, user_id="anne", at=n // 3) for n in range(20)])
    rounds.once(at=NOW)
    anne = found(Kind.USER_ID, "anne").person
    seen, before, more = [], None, True
    while more:
        one = page(person=anne or -1, before=before, limit=3)
        seen += [str(row["message_id"]) for row in one.rows]
        before, more = one.last, one.more
    assert len(seen) == 20
    assert set(seen) == {f"m{n}" for n in range(20)}
    assert [int(name[1:]) // 3 for name in seen] == sorted(
        (n // 3 for n in range(20)), reverse=True
    )


def test_on_a_shared_tablet_nobody_gets_anothers_history(lake: Path) -> None:
    append(
        [
            said(0, anonymous_id="tablet", user_id="anne", at=0),
            said(1, anonymous_id="tablet", at=10),
            said(2, anonymous_id="tablet", at=500),
            said(3, anonymous_id="tablet", user_id="ben", at=1000),
            said(4, anonymous_id="tablet", at=1010),
        ]
    )
    rounds.once(at=NOW)
    anne, ben = (found(Kind.USER_ID, name).person for name in ("anne", "ben"))
    assert anne != ben
    assert messages(anne) == ["m1", "m0"]
    assert messages(ben) == ["m4", "m3"]


def test_a_round_hears_what_came_since_and_nothing_twice(lake: Path) -> None:
    append([said(0, user_id="anne", **mailed("anne@orange.fr"))])
    assert rounds.once(at=NOW) == 1
    assert rounds.once(at=NOW) == 0
    with services.writer() as writer:
        writer.keep_up(at=NOW)
    assert rounds.once(at=NOW) == 0  # merged files are nothing new
    append([said(1, user_id="ben", **mailed("ben@orange.fr"))])
    assert rounds.once(at=NOW) == 1


def test_an_erasure_between_two_rounds_hides_nothing_that_came(lake: Path) -> None:
    append([said(0, user_id="anne")])
    rounds.once(at=NOW)
    append([said(1, user_id="ben"), said(2, user_id="cleo")])
    append([said(3, user_id="dora")])
    services.erase(Forgotten(user_ids=("cleo",)))
    assert rounds.once(at=NOW) == 2
    assert set(Identifier.objects.values_list("value", flat=True)) == {"anne", "ben", "dora"}


def test_a_round_that_was_cut_off_is_heard_again(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "ROWS", 1)
    append([said(n, user_id=f"u{n}", **mailed(f"u{n}@orange.fr")) for n in range(12_000)])
    heard = rounds.hear
    calls = 0

    def cut_off(*args: Any, **kwargs: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise LakeError("cut off", "", "the disk went away")
        heard(*args, **kwargs)

    monkeypatch.setattr(rounds, "hear", cut_off)
    with pytest.raises(LakeError, match="cut off"):
        rounds.once(at=NOW)
    assert not Bookmark.objects.filter(row__gte=0).exists()
    assert rounds.once(at=NOW) == 12_000
    assert Identifier.objects.count() == 24_000
    assert everything_stands()


def test_very_many_events_are_taken_in_parts_that_are_kept(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "PART_ROWS", 10)
    for start in range(0, 45, 15):
        append([said(n, user_id=f"u{n}") for n in range(start, start + 15)])
    heard = rounds.hear
    calls = 0

    def cut_off(*args: Any, **kwargs: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise LakeError("cut off", "", "the disk went away")
        heard(*args, **kwargs)

    monkeypatch.setattr(rounds, "hear", cut_off)
    with pytest.raises(LakeError):
        rounds.once(at=NOW)
    assert Bookmark.objects.get().row == 19
    assert rounds.once(at=NOW) == 25
    assert Identifier.objects.count() == 45
    assert rounds.once(at=NOW) == 0


def test_an_event_that_cannot_be_heard_is_left_and_noted(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(heard: rounds.Heard) -> None:
        if "m7" in heard.events["message_id"].to_pylist():
            raise KeyError("m7")

    listeners: Registry[Any] = Registry("listener")
    listeners.add("stumbling", stumble)
    monkeypatch.setattr(rounds, "listeners", listeners)
    append([said(n, user_id=f"u{n}") for n in range(20)])
    assert rounds.once(at=NOW) == 20
    there = set(Identifier.objects.values_list("value", flat=True))
    assert there == {f"u{n}" for n in range(20)} - {"u7"}
    assert rounds.unheard() == 1
    [last] = Bookmark.objects.get().notes["last"]
    assert last[:3] == ["shop", "m7", "KeyError"]


def test_what_everybody_gives_belongs_to_nobody(lake: Path) -> None:
    rows = [said(n, user_id=f"u{n}", **mailed("aide@boutique.fr")) for n in range(60)]
    for start in range(0, 60, 7):
        append(rows[start : start + 7])
        rounds.once(at=NOW)
    shared = found(Kind.EMAIL, "aide@boutique.fr")
    assert (shared.standing, shared.person, shared.neighbours) == (Standing.CROWDED, None, 60)
    people = Identifier.objects.filter(kind=Kind.USER_ID).values_list("person", flat=True)
    assert len(set(people)) == 60
    assert everything_stands()


def dump() -> dict[str, Any]:
    """The book without keys, which depend on what came first."""
    names = {one.pk: (one.kind, one.value) for one in Identifier.objects.all()}
    people: dict[int, set[Any]] = {}
    for one in Identifier.objects.exclude(person=None):
        people.setdefault(one.person or -1, set()).add(names[one.pk])
    return {
        "identifiers": sorted(
            (one.kind, one.value, one.standing, one.neighbours) for one in Identifier.objects.all()
        ),
        "people": sorted(sorted(group) for group in people.values()),
        "links": sorted(
            (sorted((names[one.a_id], names[one.b_id])), one.strength, one.first_us, one.message_id)
            for one in Link.objects.all()
        ),
        "uses": sorted(
            (names[one.device_id], names[one.naming_id], bytes(one.stays), bytes(one.said))
            for one in Use.objects.all()
        ),
        "traits": sorted(
            (names[one.identifier_id], one.name, one.source, one.value, one.first_us, one.last_us)
            for one in Trait.objects.all()
        ),
        "spellings": sorted((names[one.identifier_id], one.text) for one in Spelling.objects.all()),
    }


def drawn(chance: random.Random, count: int) -> list[dict[str, Any]]:
    """Events of a small town where much is shared."""
    rows = []
    for number in range(count):
        one: dict[str, Any] = {
            "anonymous_id": f"b{chance.randrange(6)}",
            "at": chance.randrange(900),
        }
        if chance.random() < 0.5:
            one["user_id"] = chance.choice(["a1", "a2", "a3", "a4", " a1", "null"])
        if chance.random() < 0.5:
            traits: dict[str, Any] = {"email": f"m{chance.randrange(5)}@orange.fr"}
            if chance.random() < 0.4:
                traits["phone"] = f"06 12 34 56 7{chance.randrange(3)}"
            if chance.random() < 0.4:
                traits["loyaltyCard"] = f"C{chance.randrange(4)}55"
            one["context"] = {"traits": traits}
        rows.append(said(number, **one))
    return rows


@pytest.mark.parametrize("seed", range(12))
def test_order_and_rounds_do_not_change_who_is_who(seed: int, lake: Path) -> None:
    chance = random.Random(seed)  # noqa: S311
    rows = drawn(chance, 40)
    dumps = []
    for _ in range(3):
        with guard.permitted():
            Identifier.objects.all().delete()
        chance.shuffle(rows)
        step = chance.choice([1, 5, 40])
        for start in range(0, len(rows), step):
            rounds.hear(table(rows[start : start + step]), at=NOW, setting=rounds.Setting())
        assert everything_stands()
        dumps.append(dump())
    assert dumps[0] == dumps[1] == dumps[2]


def test_an_old_number_still_leads_to_the_person(lake: Path) -> None:
    append([said(0, user_id="anne"), said(1, anonymous_id="x", **mailed("anne@orange.fr"))])
    rounds.once(at=NOW)
    alone = found(Kind.EMAIL, "anne@orange.fr").pk
    append([said(2, user_id="anne", **mailed("anne@orange.fr"))])
    rounds.once(at=NOW)
    assert person_of(alone) == person_of(found(Kind.USER_ID, "anne").pk) is not None


@pytest.mark.parametrize(
    "one",
    [
        {"user_id": "u1", "name": "SMS UNSUBSCR\u0130BED"},
        {"user_id": "u1", "context": {"traits": {"userId": " " * 700 + "u9"}}},
        {"user_id": "u1", "context": {"device": {"id": "\ufb03" * 200}}},
        {"user_id": "u1", "context": {"traits": {"loyaltyCard": "1" + "\ufdfa" * 4}}},
        {"user_id": "u1", "type": "identify", "traits": {"firstName": "a\x00b" * 300}},
        {"user_id": "xy" * 127, "anonymous_id": "yz" * 127},
    ],
    ids=["letters", "blanks", "ligatures", "one word", "noughts", "long"],
)
def test_hostile_events_are_heard_like_any_other(lake: Path, one: dict[str, Any]) -> None:
    append([said(0, user_id="before"), said(1, **one), said(2, user_id="after")])
    assert rounds.once(at=NOW) == 3
    assert rounds.unheard() == 0
    assert Identifier.objects.filter(value__in=("before", "after", one["user_id"])).count() == 3


def test_listeners_hear_of_whom_something_was_never_said_before(
    lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever says their name at every visit is not looked up at every visit."""
    heard: list[tuple[int, ...]] = []
    own: Registry[Any] = Registry("listener")
    own.add("test", lambda one: heard.append(one.said))
    monkeypatch.setattr(rounds, "listeners", own)
    names = ({"name": "Anne"}, {"name": "Anne"}, {"name": "Anne Roux"})
    for number, traits in enumerate(names):
        append([said(number, user_id="anne", at=number, type="identify", traits=traits)])
        rounds.once(at=NOW)
    anne = found(Kind.USER_ID, "anne").pk
    assert heard == [(anne,), (), (anne,)]
    [first] = Trait.objects.filter(value="Anne")
    assert (first.first_us, first.last_us) == (START_US, START_US + MINUTE_US)


def test_nothing_of_what_was_said_is_kept_in_mind_after_a_round(lake: Path) -> None:
    """Whoever is erased the minute after is not left in a cache."""
    traits = {"name": "Anne", "phone": "+33612345678"}
    append(
        [
            said(0, user_id="anne", type="identify", traits=traits),
            said(1, user_id="anne", **mailed("anne@orange.fr")),
        ]
    )
    assert rounds.once(at=NOW) == 2
    assert found(Kind.PHONE, "+33612345678")
    kept = [getattr(claiming, name) for name in ("_plain_traits", "_of_traits", "_of_context")]
    kept.append(claiming._context_traits)
    assert [one.cache_info().currsize for one in kept] == [0] * 4
