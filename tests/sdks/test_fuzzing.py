"""Whatever comes: never a 500, never a hang, and the journal goes on.

After each round a good event still gets through to the lake, and each event that was answered for
is in the lake once or in quarantine with a reason.
"""

from __future__ import annotations

import gzip
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.intake.records import MAX_QUARANTINED_BYTES
from tests.sdks.shooting import MARKER, Answer, Shot, batch, event, pixel, shoot, shots
from tests.sdks.station import Station

pytestmark = [pytest.mark.slow, pytest.mark.once]
SOURCE = "fuzz"
SHOTS = 120  # of each round
ANSWERS = {0, 200, 400, 401, 403, 408, 413}  # 0: closed, where the client itself had hung up
REFUSALS = {reason.value for reason in Refusal}


class Round:
    """What was shot and what was said of it."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.port = station.served.port
        self.key = station.keys[SOURCE]
        self.owed: set[str] = set()  # markers of events that were answered for
        self.said: Counter[int] = Counter()

    def shoot(self, shot: Shot) -> Answer:
        answer = shoot(self.port, shot, self.key)
        assert answer.status in ANSWERS, (answer, shot)
        assert answer.status or shot.announced is not None, ("no answer", shot)
        self.said[answer.status] += 1
        found = shot.markers() if shot.path != "/v1/m" else []
        if answer.status == 200:
            self.owed.update(found)
        elif answer.code in REFUSALS and found and _kept(shot, found[0]) and _read(shot):
            self.owed.add(found[0])
        return answer

    def settle(self) -> None:
        """A good event gets through, and nothing that is owed is missing or there twice."""
        good = Shot("/v1/track", plain=(body := event()), body=body)
        assert self.shoot(good).status == 200
        self.station.at_rest()
        in_lake = Counter(
            found.decode()
            for row in self.station.rows(SOURCE)
            for found in set(MARKER.findall(_whole(row)))
        )
        held = self.station.held(SOURCE)
        in_quarantine = {found.decode() for one in held for found in MARKER.findall(one.raw)}
        assert good.markers()[0] in in_lake
        assert {one.reason for one in held} <= REFUSALS
        assert all(one.detail for one in held), "each says what was wrong"
        assert self.owed - in_lake.keys() - in_quarantine == set()
        assert [found for found, times in in_lake.items() if times > 1] == []
        assert in_lake.keys() & in_quarantine == set()


def _whole(row: dict[str, object]) -> bytes:
    return " ".join(str(value) for value in row.values()).encode("utf-8", "replace")


def _kept(shot: Shot, first: str) -> bool:
    """Whether quarantine keeps enough of the body to have the marker in it."""
    return first.encode() in shot.plain[: MAX_QUARANTINED_BYTES - 100]


def _read(shot: Shot) -> bool:
    """A body that could not be expanded was never read."""
    return not any(name == b"content-encoding" for name, _ in shot.headers)


@pytest.mark.parametrize("number", range(3))
def test_a_round_of_shots(number: int, station: Station) -> None:
    round_ = Round(station)

    @seed(number)
    @settings(
        max_examples=SHOTS,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(shot=shots())
    def fire(shot: Shot) -> None:
        round_.shoot(shot)

    fire()
    assert round_.said[200] > SHOTS / 10, round_.said
    assert round_.said[400] > SHOTS / 10, round_.said
    round_.settle()


GZIP = ((b"content-encoding", b"gzip"),)


def zipped(plain: bytes, *, cut: int = 0) -> bytes:
    whole = gzip.compress(plain)
    return whole[: len(whole) - cut]


def test_what_others_have_stumbled_over(station: Station) -> None:
    round_ = Round(station)
    good = event()
    bomb = zipped(b"0" * 60_000_000)
    bombs = zipped(bomb)
    expected = [
        (413, Shot("/v1/track", bomb, headers=GZIP)),
        (413, Shot("/v1/batch", zipped(b'{"batch":[' + b" " * 30_000_000), headers=GZIP)),
        (400, Shot("/v1/batch", bombs, headers=GZIP)),  # inside is no JSON, and not looked into
        (400, Shot("/v1/track", zipped(good, cut=4), headers=GZIP)),
        (400, Shot("/v1/track", good, headers=GZIP)),
        (400, Shot("/v1/track", b"", headers=GZIP)),
        (413, Shot("/v1/batch", plain=(many := batch([b"{}"] * 100_000)), body=many)),
        (413, Shot("/v1/batch", zipped(many), many, GZIP)),
        (413, Shot("/v1/batch", batch([b"[]"] * 100_000))),
        (400, Shot("/v1/batch", b"[" * 400_000)),
        (400, Shot("/v1/batch", b'{"batch":' * 40_000)),
        (400, Shot("/v1/track", b'{"a":' * 6_000)),
        (413, Shot("/v1/track", event(long="x" * 33_000))),
        (413, Shot("/v1/batch", b" " * 600_000)),
        (400, Shot("/v1/track", b"\xff\xfe{\x00}\x00")),
        (400, Shot("/v1/track", b"")),
        (401, Shot("/v1/track", good, headers=((b"authorization", b"Basic \xff\xfe"),))),
        (401, Shot("/v1/track", good, headers=((b"authorization", b"Bearer x"),))),
        (401, Shot("/v1/track", good, headers=((b"authorization", b"Basic " + b"A" * 6_000),))),
        (200, Shot("/v1/track", body := event(), body, ((b"user-agent", b"\xff\xc3\x28"),))),
        (200, Shot("/v1/track", body := event(), body, ((b"content-type", b"\xff/\xff"),))),
        (200, Shot("/v1/track", body := event(bell="\x00\ud800"), body)),
        (200, pixel(event(), station.keys[SOURCE])),
    ]
    said = [(status, round_.shoot(shot).status) for status, shot in expected]
    wrong = [
        (index, wanted, found) for index, (wanted, found) in enumerate(said) if wanted != found
    ]
    assert wrong == []
    for length in (1, 400, 10**7, 10**12, 10**30):
        assert round_.shoot(Shot("/v1/batch", b"{}", announced=length)).status != 200, length
    round_.settle()
