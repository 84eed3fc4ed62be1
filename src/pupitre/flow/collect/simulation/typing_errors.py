"""How the same person is spelt elsewhere: keyboards, haste, habits. Truth keeps who it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from pupitre.flow.collect.simulation import words
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.people import ACCENTS, People
from pupitre.flow.collect.simulation.streams import Flags, stream

EMAIL_SLIPS, PHONE_SLIPS, NAME_SLIPS = 0.08, 0.04, 0.10


@dataclass(frozen=True)
class Spelling:
    """One person's names and identifiers as somebody typed them, with where they went wrong."""

    first_name: Any
    surname: Any
    email: Any
    phone: Any
    wrong_email: Flags
    wrong_phone: Flags


def slip(text: str, kind: int, where: float) -> str:
    """One error of a hand: two letters swapped, one dropped, doubled, or its neighbour's."""
    spots = [n for n in range(len(text) - 1) if text[n].isalpha() and text[n + 1].isalpha()]
    if not spots:
        return text + text[-1:]
    at = spots[int(where * len(spots))]
    if kind == 0 and text[at] != text[at + 1]:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[: at + 1] + text[at:]
    near = words.NEIGHBOURS.get(text[at].lower(), "x")
    return text[:at] + (near.upper() if text[at].isupper() else near) + text[at + 1 :]


def wrong_mail(text: str, kind: int, where: float) -> str:
    """An error in the name or in the domain, never in the digits: those would be another's."""
    name, _, domain = text.partition("@")
    if kind == 3:
        for right, wrong in words.DOMAIN_SLIPS:
            if right in domain:
                return f"{name}@{domain.replace(right, wrong)}"
    letters = name.rstrip("0123456789")
    return f"{slip(letters, kind % 3, where)}{name[len(letters) :]}@{domain}"


def restyled(text: str, style: int) -> str:
    """Capitals, no accents: what a till or a form does to a name."""
    return (
        text.upper().translate(str.maketrans("ÉÈÊËÀÂÎÏÔÛÜÇÑ", "EEEEAAIIOUUCN"))
        if style
        else (text.lower().translate(ACCENTS).title())
    )


def respaced(phone: str, style: int) -> str:
    """The same French number as people write it."""
    local = "0" + phone.removeprefix("+33")
    if style == 0:
        return " ".join(local[n : n + 2] for n in range(0, 10, 2))
    return (local, ".".join(local[n : n + 2] for n in range(0, 10, 2)), "0033" + local[1:])[
        style - 1
    ]


def wrong_phone(phone: str, where: float) -> str:
    """One digit dropped: it reaches nobody, so it is nobody else's either."""
    at = 4 + int(where * (len(phone) - 4))
    return phone[:at] + phone[at + 1 :]


def changed(array: Any, mask: Flags, values: list[str]) -> Any:
    if not values:
        return array
    return pa.compute.replace_with_mask(array, pa.array(mask), pa.array(values, pa.string()))


def spelling(scenario: Scenario, block: int, folk: People, by: str) -> Spelling:
    """As typed by some department, once for each person."""
    chance = stream(scenario.seed, f"spelling {by}", block)
    count = len(folk)
    throws = chance.random((6, count))
    kinds, where = chance.integers(4, size=(4, count)), chance.random((4, count))
    mail, phone = throws[0] < EMAIL_SLIPS, throws[1] < PHONE_SLIPS
    slipped, styled = throws[2] < NAME_SLIPS, throws[3] < 0.3
    spaced = ~phone & (throws[4] < 0.6)

    def chosen(array: Any, mask: Flags) -> list[tuple[int, str]]:
        return list(
            zip(np.flatnonzero(mask), array.filter(pa.array(mask)).to_pylist(), strict=True)
        )

    emails = [wrong_mail(t, kinds[0, n], where[0, n]) for n, t in chosen(folk.email, mail)]
    phones = changed(
        folk.phone, phone, [wrong_phone(t, where[1, n]) for n, t in chosen(folk.phone, phone)]
    )
    surnames = changed(
        folk.surname,
        slipped,
        [slip(t, kinds[2, n], where[2, n]) for n, t in chosen(folk.surname, slipped)],
    )
    return Spelling(
        first_name=changed(
            folk.first_name,
            styled,
            [restyled(t, kinds[3, n] % 2) for n, t in chosen(folk.first_name, styled)],
        ),
        surname=changed(
            surnames, styled, [restyled(t, kinds[3, n] % 2) for n, t in chosen(surnames, styled)]
        ),
        email=changed(folk.email, mail, emails),
        phone=changed(
            phones, spaced, [respaced(t, kinds[1, n]) for n, t in chosen(phones, spaced)]
        ),
        wrong_email=mail,
        wrong_phone=phone,
    )
