"""A company of nine seats in memory, healthy under HEALTHY: tests change one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain, FunctionKind, Span
from pupitre.rules.mandate.law import Incumbency, Law, MemberFacts, SeatFacts

DAY = date(2026, 11, 20)
SINCE = Span(date(2026, 1, 1))

CEO, CMO, CIO, CDO, CRM, DPO, BRAND, OPS, COMMS = range(1, 10)
# seat id → (key, function kind, French, English, superior, leads its function)
SEATS: Mapping[int, tuple[str, FunctionKind, str, str, int | None, bool]] = {
    CEO: ("ceo", FunctionKind.COMMITTEE, "Directrice générale", "Chief executive", None, True),
    CMO: ("cmo", FunctionKind.MARKETING, "Directrice marketing", "Marketing director", CEO, True),
    CIO: ("cio", FunctionKind.IT, "DSI", "CIO", CEO, True),
    CDO: ("cdo", FunctionKind.DIGITAL, "Directeur digital", "Digital officer", CEO, True),
    CRM: ("crm", FunctionKind.RELATIONS, "Relation client", "Customer relations", CMO, True),
    DPO: ("dpo", FunctionKind.DATA, "Déléguée aux données", "Data protection officer", CEO, True),
    BRAND: ("brand", FunctionKind.MARKETING, "Cheffe de marque", "Brand manager", CMO, False),
    OPS: ("ops", FunctionKind.IT, "Production informatique", "IT operations", CIO, False),
    COMMS: ("comms", FunctionKind.COMMUNICATION, "Communication", "Communication", CEO, True),
}

TOOLS = Activity(
    "choose-tools", Bilingual("Choisir les outils", "Choose tools"), Domain.TECHNOLOGY, joint=True
)
AMEND = Activity(
    "matrix.amend",
    Bilingual("Modifier la matrice", "Amend the matrix"),
    Domain.PROCESS,
    joint=True,
    four_eyes=True,
    enforced=True,
)
ERASE = Activity(
    "person.erase", Bilingual("Effacer une personne", "Erase a person"), Domain.DATA, enforced=True
)
CRISIS = Activity(
    "answer-crisis", Bilingual("Répondre à une crise", "Answer a crisis"), Domain.CUSTOMER
)
ACTIVITIES = {a.key: a for a in (TOOLS, AMEND, ERASE, CRISIS)}
ENFORCED = (AMEND.key, ERASE.key)

Rows = Mapping[tuple[str, str], Mapping[int, str]]
HEALTHY: Rows = {
    ("", TOOLS.key): {CMO: "A", CIO: "R", BRAND: "R", CDO: "C", COMMS: "I"},
    ("", AMEND.key): {CMO: "A", CIO: "R", CEO: "I"},
    ("", ERASE.key): {DPO: "A", OPS: "R", CRM: "I"},
    ("", CRISIS.key): {COMMS: "AR", CRM: "R", CEO: "I"},
}


def a_law(
    rows: Rows = HEALTHY, *, activities: Mapping[str, Activity] = MappingProxyType(ACTIVITIES)
) -> Law:
    """Member n holds seat n. Every seat is occupied."""
    return Law(
        epoch=1,
        matrix_id=1,
        matrix_number=7,
        seats={
            number: SeatFacts(
                id=number,
                key=key,
                name=Bilingual(fr, en),
                function_id=list(FunctionKind).index(kind),
                function=Bilingual(kind.value, kind.value),
                kind=kind,
                heads=heads,
                superior_id=superior,
                holders=(Incumbency(number, SINCE),),
            )
            for number, (key, kind, fr, en, superior, heads) in SEATS.items()
        },
        members={number: MemberFacts(number, f"Member {number}") for number in SEATS},
        activities=activities,
        rows=rows,
    )


def with_seat(law: Law, number: int, **changes: object) -> Law:
    """The same law with one seat changed."""
    seat = replace(law.seats[number], **changes)  # type: ignore[arg-type]
    return replace(law, seats={**law.seats, number: seat})


def with_row(rows: Rows, activity: str, *, scope: str = "", **letters: str) -> Rows:
    """The same rows with cells changed, by seat key: ``with_row(rows, "x", cmo="A", cio="")``."""
    ids = {facts[0]: number for number, facts in SEATS.items()}
    row = dict(rows.get((scope, activity), {}))
    for key, given in letters.items():
        row.pop(ids[key], None)
        if given:
            row[ids[key]] = given
    return {**rows, (scope, activity): row}
