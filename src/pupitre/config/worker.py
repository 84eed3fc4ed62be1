"""The worker: does what rooms asked to have done by the clock.

DBOS keeps, in a database of its own, which instants were due and which of them were done; a job
that was cut off by a crash is taken up again at the next start. It contacts nothing else: the
hosted console that it can report to is never configured, and its variables are ignored.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connections

from pupitre.config.lock import alone
from pupitre.core.contributions import ScheduledJob, StandingJob, scheduled_jobs, standing_jobs

# Nothing that the environment says may send our jobs' names and times to somebody's cloud. DBOS
# reads some of it when it is imported, so it must be gone by then.
for _name in [name for name in os.environ if name.startswith("DBOS")]:
    del os.environ[_name]

from dbos import DBOS, DBOSConfig  # noqa: E402

JOBS_FILE = "jobs.sqlite3"
RESTART_SECONDS = 5  # before a standing job that ended is started again
FINISH_SECONDS = 10  # how long a job under way is waited for when the worker is told to stop
log = logging.getLogger("pupitre.worker")


def jobs_address() -> str:
    """Where DBOS keeps its books: the operational PostgreSQL, or a SQLite file of its own."""
    database = settings.ENV.database_url
    if database.startswith(("postgres://", "postgresql://")):
        return str(database)
    return f"sqlite:///{settings.DATA_DIR / JOBS_FILE}"


def _workflow(job: ScheduledJob) -> Callable[[datetime, Any], None]:
    def once(due_at: datetime) -> None:
        close_old_connections()
        try:
            job.run(due_at)
        finally:
            connections.close_all()  # each job runs in a thread that may never run another

    @DBOS.workflow(name=f"job {job.name}")
    def run(due_at: datetime, _context: Any) -> None:
        log.info("%s: due at %s, begun", job.name, due_at.isoformat())
        try:
            DBOS.run_step({"name": job.name}, once, due_at)
        except Exception:
            log.exception("%s: due at %s, failed", job.name, due_at.isoformat())
            raise
        log.info("%s: due at %s, done", job.name, due_at.isoformat())

    return run


def _launch(jobs: list[ScheduledJob]) -> None:
    config: DBOSConfig = {
        "name": "pupitre",
        "system_database_url": jobs_address(),
        "application_version": "pupitre",  # a job under way survives an upgrade of Pupitre
        "executor_id": "worker",
        "log_level": "WARNING",
        "enable_otlp": False,
        "max_executor_threads": 4,
    }
    DBOS(config=config)
    workflows = {job.name: _workflow(job) for job in jobs}
    DBOS.launch()
    for kept in DBOS.list_schedules():
        if kept["schedule_name"] not in workflows:
            DBOS.delete_schedule(kept["schedule_name"])
    DBOS.apply_schedules(
        [
            {
                "schedule_name": job.name,
                "workflow_fn": workflows[job.name],
                "schedule": job.cron,
                "automatic_backfill": job.catch_up,
                "cron_timezone": settings.TIME_ZONE,
            }
            for job in jobs
        ]
    )


def _stop_with_parent(stop: threading.Event) -> None:
    """`pupitre run` holds the other end of our standard input: when it goes, so do we."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stop.set()


def _stand(job: StandingJob, stop: threading.Event) -> None:
    """Keep a standing job at work: whatever it raises, it is started again."""
    while not stop.is_set():
        try:
            job.run(stop)
        except Exception:
            log.exception("%s ended; started again in %d s", job.name, RESTART_SECONDS)
        finally:
            connections.close_all()
        stop.wait(RESTART_SECONDS)


def _stand_all(stop: threading.Event) -> list[threading.Thread]:
    threads = [
        threading.Thread(target=_stand, args=[job, stop], name=job.name, daemon=True)
        for job in standing_jobs
    ]
    for thread in threads:
        thread.start()
        log.info("%s: all the time", thread.name)
    return threads


def work(*, with_parent: bool = False) -> None:
    """Work until told to stop by SIGTERM or SIGINT. Raises AlreadyWorking."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if with_parent:
        threading.Thread(target=_stop_with_parent, args=[stop], daemon=True).start()
    jobs = list(scheduled_jobs)
    with alone(settings.DATA_DIR):
        _launch(jobs)
        try:
            log.info("At work: %d scheduled jobs, times in %s", len(jobs), settings.TIME_ZONE)
            for job in jobs:
                log.info("%s: %s", job.name, job.cron)
            standing = _stand_all(stop)
            stop.wait()
            deadline = time.monotonic() + FINISH_SECONDS
            for thread in standing:
                thread.join(max(0.0, deadline - time.monotonic()))
        finally:
            log.info("Stopping; a job under way has %d s to finish", FINISH_SECONDS)
            DBOS.destroy(workflow_completion_timeout_sec=FINISH_SECONDS)
