"""The pages about sources: who sees what, in which language, and what their forms do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from pupitre.flow.collect.models import WriteKey
from pupitre.flow.collect.sources.reading import read_book, source_named
from pupitre.flow.collect.tests.sources_kit import (
    a_company_with_sources_in_its_matrix,
    a_key,
    a_source,
    decided,
    lake_of_our_own,
    some_events,
    words,
)
from pupitre.rules.mandate.models import AuditLine, Decision
from pupitre.rules.mandate.testing import NOON, SEATS, Company, set_letters
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["lake_of_our_own", "noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock")]
RAW = ("collect:live", "collect:quarantine")


@pytest.fixture
def company() -> Company:
    return a_company_with_sources_in_its_matrix()


def opening(company: Company, **changed: object) -> dict[str, object]:
    form: dict[str, object] = {
        "name_fr": "Boutique en ligne",
        "name_en": "Web shop",
        "why": "Savoir où l’on renonce.",
        "channel": "web",
        "owner": company.seats["crm"],
        "allowed_origins": "https://WWW.ardoise.example/\nhttps://m.ardoise.example",
    }
    return form | changed


class TestOpening:
    def test_marketing_asks_and_it_reads_why_before_it_says_yes(self, company: Company) -> None:
        marketing, it = signed_in(company, "cmo"), signed_in(company, "cio", language="fr")
        page = marketing.get(reverse("collect:source_new"))
        assert "Ask for it" in words(page)
        assert "CIO" in words(page)  # whose yes it will wait for
        answer = marketing.post(reverse("collect:source_new"), opening(company))
        decision = Decision.objects.get()
        assert answer["Location"] == decision.page_url
        about = it.get(decision.url)
        assert "Savoir où l’on renonce." in words(about)
        assert "https://www.ardoise.example" in words(about)
        assert "Boutique en ligne" in words(it.get(reverse("collect:sources")))
        decided(company, decision.pk, yes="cio")
        source = source_named(key="web-shop")  # from the English name
        assert source is not None
        assert source.allowed_origins == (
            "https://www.ardoise.example",
            "https://m.ardoise.example",
        )
        assert it.get(decision.url).status_code == 200

    def test_a_form_that_makes_no_sense_comes_back(self, company: Company) -> None:
        page = signed_in(company, "cmo").post(
            reverse("collect:source_new"),
            opening(company, allowed_origins="ardoise.example", why="x"),
        )
        assert page.status_code == 422
        assert "ardoise.example" in words(page)
        assert not Decision.objects.exists()

    @pytest.mark.parametrize("seat", [s for s in SEATS if s not in ("cio", "cmo")])
    def test_others_are_told_whom_to_ask(self, company: Company, seat: str) -> None:
        for answer in (
            signed_in(company, seat).get(reverse("collect:source_new")),
            signed_in(company, seat).post(reverse("collect:source_new"), opening(company)),
        ):
            assert answer.status_code == 403
            assert "CIO" in words(answer)
        assert "Open a source" not in words(
            signed_in(company, seat).get(reverse("collect:sources"))
        )


class TestKeys:
    @pytest.fixture(autouse=True)
    def source(self, company: Company) -> None:
        a_source(company)

    def shown(self, text: str) -> str:
        found = re.search(r'id="secret"><code>([\w-]{32})</code>', text)
        assert found is not None
        return found.group(1)

    def test_it_is_in_one_answer_and_in_no_other_page(self, company: Company) -> None:
        ops = signed_in(company, "ops")
        answer = ops.post(reverse("collect:key_make", args=["web-shop"]), {"label": "Le site"})
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        key = self.shown(answer.content.decode())
        assert read_book().find(key, at=NOON) is not None
        for page in (
            ops.get(reverse("collect:source", args=["web-shop"])),
            ops.get(reverse("collect:sources")),
            ops.get(reverse("mandate:audit")),
            ops.get(reverse("mandate:desk")),
        ):
            assert page.status_code == 200
            assert key not in page.content.decode()
        source = words(ops.get(reverse("collect:source", args=["web-shop"])))
        assert key[:6] in source
        assert "Le site" in source

    def test_whoever_may_only_ask_sees_it_and_waits(self, company: Company) -> None:
        answer = signed_in(company, "cdo").post(
            reverse("collect:key_make", args=["web-shop"]), {"label": ""}
        )
        key = self.shown(answer.content.decode())
        assert "Others must agree first" in words(answer)
        assert read_book().find(key, at=NOON) is None
        decision = Decision.objects.filter(state="open").get()
        approver = signed_in(company, "ops")
        for page in (approver.get(decision.page_url), approver.get(decision.url)):
            assert key not in page.content.decode()
        approver.post(
            reverse("mandate:speak", args=[decision.pk]), {"verb": "approve", "round": "1"}
        )
        assert read_book().find(key, at=NOON) is not None

    def test_it_is_replaced_with_an_overlap(self, company: Company) -> None:
        old = a_key(company)
        address = reverse("collect:key_rotate", args=["web-shop", WriteKey.objects.get().pk])
        ops = signed_in(company, "ops")
        assert "7" in ops.get(address).content.decode()
        new = self.shown(ops.post(address, {"overlap_days": "3"}).content.decode())
        book = read_book()
        just_before = NOON + timedelta(days=3, seconds=-1)
        assert book.find(old.text, at=just_before) is not None
        assert book.find(old.text, at=NOON + timedelta(days=3)) is None
        assert book.find(new, at=NOON + timedelta(days=3)) is not None
        assert ops.post(address, {"overlap_days": "91"}).status_code == 422

    def test_it_is_revoked(self, company: Company) -> None:
        key = a_key(company)
        address = reverse("collect:key_revoke", args=["web-shop", WriteKey.objects.get().pk])
        ops = signed_in(company, "ops")
        assert ops.get(address).status_code == 200
        assert read_book().find(key.text, at=NOON) is not None  # looking changed nothing
        assert ops.post(address)["Location"] == reverse("collect:source", args=["web-shop"])
        assert read_book().find(key.text, at=NOON) is None
        assert "no longer taken" in words(ops.get(reverse("collect:source", args=["web-shop"])))

    def test_others_make_none(self, company: Company) -> None:
        for seat in ("cmo", "cio", "dpo"):
            page = signed_in(company, seat).post(
                reverse("collect:key_make", args=["web-shop"]), {"label": ""}
            )
            assert page.status_code == 403
        assert not WriteKey.objects.exists()


class TestChanging:
    def test_closing_and_reopening(self, company: Company) -> None:
        a_source(company)
        it = signed_in(company, "cio")
        it.post(reverse("collect:source_close", args=["web-shop"]))
        assert "has been closed" in words(it.get(reverse("collect:source", args=["web-shop"])))
        assert "One closed source" in words(it.get(reverse("collect:sources")))
        it.post(reverse("collect:source_reopen", args=["web-shop"]))
        source = source_named(key="web-shop")
        assert source is not None
        assert source.open

    def test_the_form_says_how_things_are(self, company: Company) -> None:
        a_source(company)
        it, address = signed_in(company, "cio"), reverse("collect:source_change", args=["web-shop"])
        page = it.get(address).content.decode()
        assert "https://www.ardoise.example" in page
        assert "Savoir où l’on renonce." in page
        form = opening(company, name_fr="Le site", owner=company.seats["cdo"], allowed_origins="")
        assert it.post(address, form)["Location"] == reverse("collect:source", args=["web-shop"])
        source = source_named(key="web-shop")
        assert source is not None
        assert (source.name.fr, source.allowed_origins) == ("Le site", ())


class TestWhoReadsEvents:
    @pytest.mark.parametrize("name", RAW)
    @pytest.mark.parametrize("seat", list(SEATS))
    def test_seats_that_answer_for_them(self, company: Company, name: str, seat: str) -> None:
        """Accountable, responsible or consulted in one of five; told afterwards is too little."""
        page = signed_in(company, seat).get(reverse(name))
        if seat in ("ceo", "crm", "brand"):
            assert page.status_code == 403
            assert "customers’ own data" in words(page)
            assert "DPO" in words(page)
        else:
            assert page.status_code == 200
            assert "no-store" in page["Cache-Control"]

    @pytest.mark.parametrize("name", RAW)
    def test_the_owner_of_a_source_too(self, company: Company, name: str) -> None:
        a_source(company)  # owned by crm
        assert signed_in(company, "crm").get(reverse(name)).status_code == 200

    def test_a_letter_opens_and_its_loss_closes(self, company: Company) -> None:
        client = signed_in(company, "brand")
        set_letters(company, "quarantine.replay", "brand", "I")
        assert client.get(reverse("collect:live")).status_code == 403
        set_letters(company, "quarantine.replay", "brand", "C")
        assert client.get(reverse("collect:live")).status_code == 200
        set_letters(company, "quarantine.replay", "brand", "")
        assert client.get(reverse("collect:live")).status_code == 403

    def test_in_french(self, company: Company) -> None:
        page = signed_in(company, "ceo", language="fr").get(reverse("collect:live"))
        assert "données des clients" in words(page)


@pytest.mark.usefixtures("lake_of_our_own")
def test_every_page_speaks_both_languages_and_acts_on_nothing(company: Company) -> None:
    a_source(company)
    a_key(company)
    some_events("web-shop", "Order Completed", 3, {"total": 3})
    key = WriteKey.objects.get().pk
    lines = AuditLine.objects.exclude(verb="noted").count()  # signing in is noted
    pages = [
        reverse("collect:sources"),
        reverse("collect:source", args=["web-shop"]),
        reverse("collect:plan", args=["web-shop"]),
        reverse("collect:explorer"),
        reverse("collect:live"),
        reverse("collect:quarantine"),
    ]
    by_seat = {
        "cio": [
            *pages,
            reverse("collect:source_new"),
            reverse("collect:source_change", args=["web-shop"]),
            reverse("collect:source_close", args=["web-shop"]),
        ],
        "ops": [
            reverse("collect:key_make", args=["web-shop"]),
            reverse("collect:key_rotate", args=["web-shop", key]),
            reverse("collect:key_revoke", args=["web-shop", key]),
        ],
    }
    for seat, addresses in by_seat.items():
        for address in addresses:
            french = signed_in(company, seat, language="fr").get(address)
            english = signed_in(company, seat).get(address)
            assert french.status_code == english.status_code == 200, address
            assert 'lang="fr"' in french.content.decode()[:200]
            assert words(french) != words(english)
    assert AuditLine.objects.exclude(verb="noted").count() == lines


def test_what_is_not_there(company: Company) -> None:
    client = signed_in(company, "cio")
    for address in ("/sources/nowhere/", "/sources/nowhere/plan/", "/quarantine/1/"):
        assert client.get(address).status_code == 404
