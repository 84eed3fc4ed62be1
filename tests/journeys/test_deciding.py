"""Decisions, from where people stand: between two meetings, in a shop, before a plane."""

from __future__ import annotations

import re

import pytest

from tests.journeys.people import (
    AT_A_DESK,
    IN_THE_SHOP,
    ON_A_PHONE,
    PLAIN,
    PLAIN_PHONE,
    People,
    Person,
    Reading,
)

TRY_NEW = "activity:try-something-new-in-ten-days"
SHOW_STOCK = "activity:show-shop-stock-online"


def decision(person: Person, subject: str) -> int:
    return int(person.look.one("SELECT max(id) FROM mandate_decision WHERE subject = ?", subject))


def state(person: Person, number: int) -> str:
    return str(person.look.one("SELECT state FROM mandate_decision WHERE id = ?", number))


def waiting(person: Person) -> int:
    """How many things wait, as the navigation says on every page."""
    menu = person.page.locator("nav.menu" if person.reading.narrow else ".rail nav")
    figure = menu.locator(".count")
    found = re.search(r"\d+", figure.first.inner_text()) if figure.count() else None
    return int(found.group()) if found else 0


@pytest.mark.parametrize("reading", [ON_A_PHONE, PLAIN_PHONE, AT_A_DESK], ids=str)
def test_approving_one_and_refusing_another(people: People, reading: Reading) -> None:
    claire = people("Claire Delmas", reading)
    new, stock = decision(claire, TRY_NEW), decision(claire, SHOW_STOCK)
    before = waiting(claire)
    claire.finds_it_sound("desk")
    claire[f'a[href$="/decisions/{stock}/"]'].first.click()
    claire.reads("La première question que l’on nous pose au téléphone.")  # the opinion
    claire.finds_it_sound("decision")
    claire.opens("/")
    claire[f'form[action$="/decisions/{new}/speak/"] [value="approve"]'].click()
    claire.is_at("/")
    assert state(claire, new) == "performed"
    assert waiting(claire) == before - 1
    claire.finds_it_sound("approved")
    refusing = f'details:has(form[action$="/decisions/{stock}/speak/"])'
    claire[f"{refusing} > summary"].click()
    claire.finds_it_sound("refusing")
    claire[f"{refusing} textarea"].fill("   ")  # a reason of blanks is none
    claire[f"{refusing} button"].click()
    assert state(claire, stock) == "open"
    assert claire['.finding.error[role="alert"]'].count() == 1
    claire.finds_it_sound("no-reason")
    claire.opens("/")
    claire[f"{refusing} > summary"].click()
    claire[f"{refusing} textarea"].fill("Pas avant d’avoir compté deux fois.")
    claire[f"{refusing} button"].click()
    claire.is_at("/")
    assert state(claire, stock) == "refused"
    assert waiting(claire) == before - 2
    claire.opens(f"/decisions/{stock}/")
    claire.reads("Pas avant d’avoir compté deux fois.")
    claire.finds_it_sound("refused")
    paul = people("Paul Ndiaye", reading)  # who asked reads why
    paul.opens(f"/decisions/{stock}/")
    paul.reads("Pas avant d’avoir compté deux fois.")


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE], ids=str)
def test_an_opinion_is_given_and_then_it_can_be_decided(people: People, reading: Reading) -> None:
    mireille, claire = people("Mireille Faure", reading), people("Claire Delmas", reading)
    export = decision(claire, "audit")
    mireille.opens(f"/decisions/{export}/")
    assert mireille['[value="carry_out"]'].count() == 0  # those consulted come first
    claire[f'a[href*="/decisions/{export}/"]'].last.click()
    claire.finds_it_sound("opinion-asked")
    claire.says("opine", export, verdict="for", because="Oui, pour l’audit annuel.")
    claire.is_at(f"/decisions/{export}/")
    claire.finds_it_sound("opinion-given")
    mireille.opens("/")
    mireille.finds_it_sound("desk-of-the-dpo")
    mireille.says("carry_out", export)
    assert state(mireille, export) == "performed"
    mireille.reads("Oui, pour l’audit annuel.")


@pytest.mark.parametrize("reading", [AT_A_DESK, PLAIN_PHONE], ids=str)
def test_a_request_is_withdrawn_by_whoever_asked(people: People, reading: Reading) -> None:
    claire = people("Claire Delmas", reading)
    studies = decision(claire, "seat:studies")
    claire.says("withdraw", studies)
    claire.is_at(f"/decisions/{studies}/")
    assert state(claire, studies) == "withdrawn"
    claire.finds_it_sound("withdrawn")
    odile = people("Odile Renaud", reading)
    odile.opens(f"/decisions/{studies}/")
    assert odile["form"].count() == 0, "one can still speak of what was withdrawn"


@pytest.mark.parametrize("reading", [IN_THE_SHOP, PLAIN], ids=str)
def test_away_the_deputy_decides_in_the_name_of_the_seat(people: People, reading: Reading) -> None:
    bastien = people("Bastien Roche", reading)
    claire = people("Claire Delmas", reading)
    new = decision(claire, TRY_NEW)
    bastien.opens(f"/decisions/{new}/")
    assert bastien['[value="approve"]'].count() == 0
    claire.opens("/organisation/delegate/")
    claire.finds_it_sound("away")
    bastien_id = claire.look.one("SELECT id FROM mandate_member WHERE name = 'Bastien Roche'")
    claire[f'[name="deputy"][value="{bastien_id}"]'].check(force=True)
    claire['[name="until"]'].first.check(force=True)
    claire.presses()
    claire.is_at("/")
    bastien.opens("/")
    bastien.finds_it_sound("deputy-s-desk")
    bastien[f'form[action$="/decisions/{new}/speak/"] [value="approve"]'].click()
    bastien.is_at("/")
    assert state(bastien, new) == "performed"
    bastien.opens(f"/decisions/{new}/")
    bastien.reads("Bastien Roche")
    # And when she is back she ends it, and he is refused.
    claire.opens("/organisation/seats/cmo/")
    claire['a[href*="/deputy/"]'].first.click()
    claire.finds_it_sound("end-delegation")
    claire.presses('form[method="post"] .acts button')
    claire.is_at("/organisation/seats/cmo/")
    stock = decision(claire, SHOW_STOCK)
    bastien.opens(f"/decisions/{stock}/")
    assert bastien['[value="approve"]'].count() == 0
