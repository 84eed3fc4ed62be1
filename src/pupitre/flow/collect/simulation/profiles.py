"""What each system knows of a person and sends along: traits, and the context of an event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from pupitre.flow.collect.simulation import words
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.devices import fields
from pupitre.flow.collect.simulation.people import People
from pupitre.flow.collect.simulation.rows import Ledger
from pupitre.flow.collect.simulation.streams import mixed
from pupitre.flow.collect.simulation.text import (
    decimal,
    hexadecimal,
    join,
    pick,
    quote,
    strings,
    whole,
)
from pupitre.flow.collect.simulation.typing_errors import Spelling, spelling


@dataclass(frozen=True)
class Profiles:
    """Places of the first person's text in each book; the others follow in order."""

    account: int  # traits as the person typed them
    guest: int  # traits of an order without an account
    till: int  # traits as a shop assistant typed them
    kiosk: int  # traits at a kiosk: the card
    alone: int  # context of a till that knows nobody
    card: int  # context of a till that read the card
    receipt: int  # context of a till that was given an e-mail address
    mailbox: int  # context of an e-mail: the address
    second_mailbox: int
    mobile: int  # context of an SMS: the number
    caller: int  # context of the service desk: the number, as the exchange shows it
    landline: int  # the same, from the household's line
    social: int  # context of a mention: handle and network
    mail_id: int  # anonymous ids of mailboxes, of telephones, of cards, of handles
    phone_id: int
    card_id: int
    handle_id: int
    typed: Spelling  # by shop assistants
    own: Spelling  # by themselves, as guests


def external(kind: str, value: object, library: str, extra: object = "") -> object:
    """A context that names somebody by an identifier of another system."""
    return join(
        f'{{"library":{{"name":"{library}"}},"externalIds":[{{"collection":"users",'
        f'"encoding":"none","id":"',
        value,
        f'","type":"{kind}"}}]',
        extra,
        "}",
    )


def with_trait(library: str, key: str, value: object) -> object:
    return join(f'{{"library":{{"name":"{library}"}},"traits":{{"{key}":', value, "}}")


def postal(folk: People) -> object:
    prefix = pick(strings(code for _, code, _, _ in words.TOWNS), folk.town)
    return join(prefix, decimal((mixed(folk.household_number, 3) % np.uint64(90)), 2))


def profiles(scenario: Scenario, block: int, folk: People, ledger: Ledger) -> Profiles:
    typed = spelling(scenario, block, folk, "tills")
    own = spelling(scenario, block, folk, "guests")
    town = pick(strings(name for name, *_ in words.TOWNS), folk.town)
    address = join('{"city":', quote(town), ',"country":"FR","postalCode":"', postal(folk), '"}')
    home_mail = pc.coalesce(folk.shared_email, typed.email)  # a household's, where it has one
    card_text = pc.fill_null(folk.card, "")
    handle = pc.fill_null(folk.handle, "")
    network = pick(strings(words.NETWORKS), folk.network)
    add, put = ledger.traits.add, ledger.contexts.add

    def ids(salt: int, prefix: str) -> int:
        code = mixed(folk.number, scenario.seed % 2**31 + salt)
        return ledger.anons.add(join(prefix, hexadecimal(code, 16)))

    return Profiles(
        account=add(
            fields(
                ("email", quote(folk.email)),
                ("firstName", quote(folk.first_name)),
                ("lastName", quote(folk.surname)),
                ("phone", quote(folk.phone)),
                ("birthYear", whole(folk.birth_year)),
                ("address", address),
            )
        ),
        guest=add(
            fields(
                ("email", quote(pc.coalesce(folk.second_email, own.email))),
                ("firstName", quote(own.first_name)),
                ("lastName", quote(own.surname)),
                ("phone", quote(own.phone)),
                ("address", address),
            )
        ),
        till=add(
            fields(
                ("email", quote(home_mail)),
                ("firstName", quote(typed.first_name)),
                ("lastName", quote(typed.surname)),
                ("phone", quote(typed.phone)),
                ("loyaltyCard", quote(folk.card)),
            )
        ),
        kiosk=add(fields(("loyaltyCard", quote(folk.card)))),
        alone=put(strings(['{"library":{"name":"tills"}}'])),
        card=put(external("loyalty_card", card_text, "tills")),
        receipt=put(with_trait("tills", "email", quote(home_mail))),
        mailbox=put(with_trait("email-tool", "email", quote(folk.email))),
        second_mailbox=put(
            with_trait("email-tool", "email", quote(pc.coalesce(folk.second_email, folk.email)))
        ),
        mobile=put(with_trait("email-tool", "phone", quote(folk.phone))),
        caller=put(with_trait("service-desk", "phone", quote(folk.phone))),
        landline=put(
            with_trait("service-desk", "phone", quote(pc.coalesce(folk.landline, folk.phone)))
        ),
        social=put(
            external("handle", handle, "social-listening", join(',"network":"', network, '"'))
        ),
        mail_id=ids(11, "mail-"),
        phone_id=ids(12, "tel-"),
        card_id=ledger.anons.add(join("card-", card_text)),
        handle_id=ids(13, "social-"),
        typed=typed,
        own=own,
    )
