"""My desk with ten thousand open decisions, as its reader gets it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.test import Client

from benchmarks.harness import Benchmark, Denominator, Measure, database, timed
from pupitre.config import prepare
from pupitre.core import clock
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.models import Decision, Member
from pupitre.rules.mandate.testing import Company, a_company

DECISIONS = 10_000
RUNS = 200
P95_MS = 100.0


def run(scale: float) -> Iterator[Measure]:
    prepare.collect_static()
    with database():
        company = a_company()
        reader = Member.objects.get(pk=company.members["cdo"])
        client = Client(HTTP_HOST="localhost")
        client.force_login(reader.user)
        empty = timed(lambda: _page(client), runs=RUNS, warm_up=5)
        _open(company, round(DECISIONS * scale))
        full = timed(lambda: _page(client), runs=RUNS, warm_up=5)
        bare = timed(_bare_select, runs=RUNS, warm_up=5)
        yield Measure(
            question=f"My desk with {round(DECISIONS * scale)} open decisions, 95th percentile",
            value=full.p95 * 1000,
            unit="ms",
            at_most=P95_MS,
            denominator=Denominator("the same page with nothing on it", empty.p95 * 1000),
        )
        yield Measure(
            question="the same page, median",
            value=full.median * 1000,
            unit="ms",
            denominator=Denominator(
                "a bare SELECT of its 25 most urgent decisions", bare.median * 1000
            ),
        )


def _page(client: Client) -> None:
    answer = client.get("/")
    if answer.status_code != 200:
        raise RuntimeError(f"the desk answered {answer.status_code}")


def _bare_select() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, title_fr, due FROM mandate_decision WHERE state = 'open' "
            "AND activity = 'organisation.change' ORDER BY due, id LIMIT 25"
        )
        cursor.fetchall()


def _open(company: Company, count: int) -> None:
    """Decisions that wait for one seat; written beside the acts, whose cost is not in question."""
    at = clock.now()
    with guard.permitted():
        Decision.objects.bulk_create(
            (
                Decision(
                    action="benchmark",
                    activity="organisation.change",
                    payload=b"{}",
                    subject=f"subject:{number}",
                    title_fr=f"Ouvrir le siège {number}",
                    title_en=f"Open the seat {number}",
                    material="0" * 64,
                    member_id=company.members["cio"],
                    seat_id=company.seats["cio"],
                    requested_at=at - timedelta(days=5),
                    opinions_due=at - timedelta(days=2),
                    due=at + timedelta(minutes=number - count // 2),
                )
                for number in range(count)
            ),
            batch_size=1_000,
        )


BENCHMARK = Benchmark("How fast does My desk open when very much waits?", run)
