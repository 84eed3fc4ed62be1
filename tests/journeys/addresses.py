"""Every address that Pupitre answers, as the routes say, each with an example in the demonstration.

A route that takes arguments and has no example here fails the walk: so no page goes unseen.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from pupitre.flow.collect.simulation.campaigns import PLANS
from pupitre.flow.collect.simulation.told_messages import NEWSLETTER_NAME, NEWSLETTER_SUBJECT
from pupitre.flow.collect.simulation.words import MENTIONS, TOPICS

OF_A_SOURCE = (
    *("source_change", "source_close", "source_reopen", "plan"),
    *("key_make", "key_rotate", "key_revoke"),
)


@dataclass(frozen=True)
class Examples:
    """What the demonstration has, for the arguments of the routes.

    ``arguments`` fits any route; ``of_route`` replaces it for one, and may give several.
    """

    arguments: Mapping[str, object]
    of_route: Mapping[str, tuple[Mapping[str, object], ...]] = field(default_factory=dict)
    queries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def addresses(self) -> list[str]:
        """One address or more for every route. Raises KeyError where an example is missing."""
        found: list[str] = []
        for name, arguments in routes():
            for given in self.of_route.get(name, (self.arguments,)):
                address = reverse(name, kwargs={key: given[key] for key in arguments})
                found += [address + query for query in self.queries.get(name, ("",))]
        return list(dict.fromkeys(found))


_OF_CUSTOMERS = {
    "identify:people": ("", "?q=camille", "?q=zzz"),
    "collect:explorer": ("", "?by=source&source=tills", "?since=x"),
    "collect:live": ("", "?source=tills&paused=1"),
    "collect:quarantine": ("", "?source=tills&reason=too_old"),
}
_PROPOSAL = "SELECT max(id) FROM identify_proposal HAVING max(id) IS NOT NULL"
_PERSON = "SELECT person FROM identify_identifier WHERE person IS NOT NULL ORDER BY id LIMIT 1"


def routes() -> list[tuple[str, tuple[str, ...]]]:
    """The name of every route, with the names of its arguments."""
    return [(name, arguments) for name, arguments in _walk(get_resolver(), "") if name]


def _walk(resolver: URLResolver, space: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern, inner)
        elif isinstance(pattern, URLPattern):
            if not pattern.name:
                raise LookupError(f"a route without a name: {pattern.pattern}")
            yield f"{space}{pattern.name}", tuple(pattern.pattern.regex.groupindex)


# --- what the demonstration has -------------------------------------------------------------------


class Looked:
    """The demonstration's database, read from outside. One value, or all of a column."""

    def __init__(self, data_dir: Path) -> None:
        self._file = f"file:{data_dir / 'demo' / 'pupitre.sqlite3'}?mode=ro"

    def all(self, question: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self._file, uri=True, timeout=10)) as line:
            return [row[0] for row in line.execute(question, values)]

    def one(self, question: str, *values: object) -> Any:
        found = self.all(question, *values)
        if not found:
            raise LookupError(question)
        return found[0]


def examples(look: Looked) -> Examples:
    """An example for every argument, in the demonstration as it was built."""
    version = "SELECT number FROM mandate_matrixversion WHERE state = ? ORDER BY number DESC"
    doubtful, proposed = look.all(version, "draft")[:2]
    in_force, superseded = look.one(version, "in_force"), look.one(version, "superseded")
    latest = "SELECT max(id) FROM mandate_decision WHERE state = ?"
    open_ones = "SELECT id FROM mandate_decision WHERE state = 'open'"
    seat = look.one("SELECT id FROM mandate_seat WHERE key = 'cdo'")
    cell = f"?scope=&activity=choose-marketing-tools&seat={seat}"
    drafts: tuple[Mapping[str, object], ...] = ({"number": doubtful}, {"number": proposed})
    return Examples(
        arguments={
            "number": doubtful,
            "kind": "csv",
            "key": "cio",
            "seq": look.one("SELECT max(seq) FROM mandate_auditline"),
            "decision_id": look.one(latest, "performed"),
            "function_id": look.one("SELECT id FROM mandate_function WHERE key = 'digital'"),
            "member_id": look.one("SELECT id FROM mandate_member WHERE name = 'Julie Perrin'"),
            "delegation_id": look.one("SELECT max(id) FROM mandate_delegation"),
            "tenure_id": look.one(
                "SELECT t.id FROM mandate_tenure t JOIN mandate_seat s ON s.id = t.seat_id"
                " WHERE s.key = 'cio'"
            ),
            # What belongs to one account alone, and not to the readers of this walk.
            "session_id": 1,
            "pk": 1,
            "user_id": 1,
            "token": "not-a-token",
            "uidb36": "1",
            "provider_id": "nobody",
            "key_id": 1,  # the demonstration makes no write key: whoever makes one sees it
            "event_id": 1,
            "trait": "given_name",
            "person": (look.all(_PERSON) or [1])[0],
        },
        of_route={
            **{f"collect:{name}": ({"key": "web-shop", "key_id": 1},) for name in OF_A_SOURCE},
            "collect:source": ({"key": "web-shop"}, {"key": "marketplace"}),
            "collect:import": ({"number": look.one("SELECT max(id) FROM collect_fileimport")},),
            "account_reset_password_from_key": ({"uidb36": "1", "key": "not-a-key"},),
            **_customers(look),
            "mandate:version": ({"number": in_force}, {"number": superseded}),
            "mandate:matrix_export": ({"number": in_force, "kind": "csv"},),
            "mandate:draft": drafts,
            "mandate:propose": ({"number": proposed}, {"number": doubtful}),
            "mandate:decision": tuple(
                {"decision_id": look.one(latest, state)} for state in ("performed", "refused")
            )
            + tuple({"decision_id": number} for number in look.all(open_ones)),
            "mandate:speak": ({"decision_id": look.one(latest, "open")},),
            "mandate:starting_point": ({"key": "committee-led"},),
            "mandate:activity": ({"key": "connect-channel"},),
            "mandate:activity_retire": ({"key": "connect-channel"},),
            "mandate:activity_back": ({"key": "connect-channel"},),
            "mandate:seat": ({"key": "cio"}, {"key": "payments"}, {"key": "advisers"}),
            "mandate:member": (
                {"member_id": look.one("SELECT id FROM mandate_member WHERE name = 'Paul Ndiaye'")},
            ),
        },
        queries={
            "mandate:matrix": ("", f"?seat={seat}", "?only=enforced&seats=all", "?q=zzz"),
            "mandate:compare": ("", f"?from={superseded}&to={in_force}"),
            "mandate:draft_cell": (cell,),
            "mandate:draft_row": (cell,),
            "mandate:chart": ("", "?as=list"),
            "mandate:audit": ("", "?text=zzz"),
            **_OF_CUSTOMERS,
        },
    )


def _customers(look: Looked) -> dict[str, tuple[Mapping[str, object], ...]]:
    """Routes about customers: one, two that are likely one, whose word of theirs counts."""
    found = {
        ("person", "person_join", "person_separate"): look.all(_PERSON),
        ("proposal", "proposal_open", "proposal_answer"): look.all(_PROPOSAL),
    }
    return {
        f"identify:{name}": ({"number": (there or [1])[0]},)
        for names, there in found.items()
        for name in names
    } | {"identify:consent_source": ({"key": "web-shop"}, {"key": "service-desk"})}


def own_words(look: Looked) -> list[str]:
    """What the company and its customers wrote in the language of their own, longest first."""
    written = {NEWSLETTER_NAME, NEWSLETTER_SUBJECT, *(plan.title for plan in PLANS)}
    written.update(text for _topic, texts in TOPICS for text in texts)
    written.update(text for _mood, text in MENTIONS)
    for question in (
        "SELECT comment FROM mandate_voice",
        "SELECT comment FROM mandate_decision",
        "SELECT outcome_note FROM mandate_decision",
        "SELECT note FROM mandate_matrixversion",
        "SELECT why FROM collect_source",
        "SELECT reason FROM identify_consentsource",
        "SELECT json_extract(CAST(payload AS TEXT), '$.why') FROM mandate_decision"
        " WHERE action = 'collect.OpenSource'",
    ):
        written.update(" ".join(text.split()) for text in look.all(question) if text)
    return sorted(written, key=len, reverse=True)
