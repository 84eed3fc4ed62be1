"""From the journal to the lake: `drain → stamp → append`, each event once.

A round is written down before it begins, appended under its own name, and entered in the books in
one transaction. Killed at any point, it is done again with the same events under the same name: the
lake takes a name once, and what the books had seen before the round they have still seen.
"""

from __future__ import annotations

import gc
import logging
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from pupitre.flow.collect.drain_load import Load, prepared
from pupitre.flow.collect.intake.books import Plan, period_of
from pupitre.flow.collect.intake.home import Desk
from pupitre.flow.collect.intake.intents import settle
from pupitre.lake.contracts import LakeError, NotTheWriter
from pupitre.lake.services import Writer

TRIES_BEFORE_SPLITTING = 3
MAX_BAD_ALONE = 20  # events that cannot be appended before any that can: the lake is ill
log = logging.getLogger("pupitre.collect")


@dataclass(frozen=True, slots=True)
class Ahead:
    """The round after the one in hand."""

    plan: Plan
    load: Load


@contextmanager
def _without_collection() -> Iterator[None]:
    """A round makes a million short-lived things and no cycles: looking for some costs a third."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _name() -> str:
    return f"drain-{secrets.token_hex(12)}"


def _apart(batch: str) -> str:
    """The name under which the lake knows that a batch is taken apart. Said before a half goes in:
    done again, on a better day, the whole must not go in beside its half."""
    return f"{batch}:apart"


def _made_ready(desk: Desk, propose: Callable[[str], Plan | None]) -> Ahead | None:
    plan = propose(_name())
    return None if plan is None else Ahead(plan, prepared(desk.read(plan)))


@dataclass
class Drain:
    """One process's. ``failures`` counts how often the round in hand could not be appended."""

    desk: Desk
    failures: int = 0

    # One thread that makes the next round ready while this one is being appended.
    _ahead: Future[Ahead | None] | None = None
    _helper: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="drain ahead")
    )

    def has_work(self) -> bool:
        return self.desk.books.planned() is not None or self.desk.waiting_since_us() is not None

    def once(self, writer: Writer, *, at_us: int) -> int:
        """Move what waits, up to a bound; how many entries were moved. Raises LakeError."""
        with _without_collection():
            return self._once(writer, at_us)

    def _once(self, writer: Writer, at_us: int) -> int:
        settle(
            self.desk.books,
            period=period_of(at_us),
            made=lambda batch: writer.made(batch) is not None,
        )
        ahead, self._ahead = self._ahead, None
        plan = self.desk.books.planned()
        again = plan is not None
        if plan is not None:
            load = prepared(self.desk.read(plan))
        else:
            found = ahead.result() if ahead is not None else None
            plan = found.plan if found else self.desk.propose(_name())
            if plan is None:
                return 0
            self.desk.books.plan(plan)
            load = found.load if found else prepared(self.desk.read(plan))
        self._look_ahead(plan)
        load.without_duplicates(self.desk.books.seen(period_of(at_us), load.digests))
        self._bring(writer, plan, load, again=again)
        self.desk.finish(plan, load.round(period_of(at_us)))
        self.failures = 0
        return load.entries

    def _look_ahead(self, plan: Plan) -> None:
        """Begin to read what comes after a plan. Nothing is written down before its turn."""
        propose = self.desk.proposing(after=plan)
        if propose is not None:
            self._ahead = self._helper.submit(_made_ready, self.desk, propose)

    def _bring(self, writer: Writer, plan: Plan, load: Load, *, again: bool) -> None:
        """``again``: it was begun before, and some of its halves may be in."""
        try:
            if again and writer.made(_apart(plan.batch)) is not None:
                self._append_apart(writer, plan, load)
            elif load.table.num_rows:
                writer.append(load.table, batch=plan.batch)
        except NotTheWriter:
            raise
        except Exception:
            self.failures += 1
            if self.failures < TRIES_BEFORE_SPLITTING:
                raise
            log.exception("A round cannot be appended whole; it is taken apart")
            self._append_apart(writer, plan, load)

    def close(self) -> None:
        self._helper.shutdown(wait=True, cancel_futures=True)

    def _append_apart(self, writer: Writer, plan: Plan, load: Load) -> None:
        """Find what cannot be appended, and let the rest in.

        Halves have names of their own, made of the round's: done again they are the same halves.
        Nothing is judged unless something else went in: else it is the lake that is ill.
        """
        nothing = load.table.slice(0, 0)
        writer.append(nothing, batch=_apart(plan.batch))
        bad: list[tuple[int, str]] = []
        well = 0
        table = load.table
        spans = [(0, table.num_rows)]
        while spans:
            start, end = spans.pop()
            name, middle = f"{plan.batch}:{start}-{end}", (start + end) // 2
            if writer.made(_apart(name)) is not None:
                spans += [(start, middle), (middle, end)]
                continue
            try:
                writer.append(table.slice(start, end - start), batch=name)
                well += end - start
            except NotTheWriter:
                raise
            except Exception as error:
                if end - start == 1:
                    bad.append((start, str(error)))
                    if not well and len(bad) >= MAX_BAD_ALONE:
                        raise
                    continue
                writer.append(nothing, batch=_apart(name))
                spans += [(start, middle), (middle, end)]
        if bad and not well:
            raise LakeError("append events", "", "none of a round's events could be appended")
        for index, why in sorted(bad, reverse=True):
            load.refuse(index, why)
