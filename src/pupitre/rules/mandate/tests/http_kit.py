"""What the HTTP tests of the desk and of decisions share: requests asked, and what pages say."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from pupitre.core.bilingual import Bilingual
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import MATRIX_AMEND, ORGANISATION_CHANGE, SEAT_APPOINT
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject, Waiting
from pupitre.rules.mandate.models import Decision, Function
from pupitre.rules.mandate.testing import NOON, Company


@dataclass(frozen=True)
class Rechristen(Action):
    """Give the IT function another name: easy to see, and to make impossible (an empty one)."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    name: str

    def subject(self) -> Subject:
        return Subject("function:it", Bilingual("DSI", "IT"), "/organisation/")

    def title(self) -> Bilingual:
        return Bilingual(f"Renommer la DSI en {self.name}", f"Rename IT to {self.name}")

    def check(self, *, at: datetime) -> None:
        if Function.objects.filter(name_fr=self.name).exists():
            raise Invalid("Another function has this name.", field="name")

    def material(self) -> object:
        return Function.objects.values_list("name_en", flat=True).get(key="it")

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        Function.objects.filter(key="it").update(name_fr=self.name)


@dataclass(frozen=True)
class RechristenTogether(Rechristen):
    """The same, if marketing and IT both agree."""

    activity: ClassVar[Activity] = MATRIX_AMEND
    name: str = "Ensemble"


@dataclass(frozen=True)
class RechristenAfterAdvice(Rechristen):
    """The same, if those who are consulted about appointments have been heard."""

    activity: ClassVar[Activity] = SEAT_APPOINT
    name: str = "Conseillée"


def asked(company: Company, action: Action, *, by: str, at: datetime = NOON) -> Decision:
    outcome = act(action, by=company.actor(by), at=at)
    assert isinstance(outcome, Waiting)
    return Decision.objects.get(pk=outcome.decision_id)


def say(
    client: Client, decision: Decision, verb: str, *, htmx: bool = False, **more: object
) -> HttpResponse:
    address = reverse("mandate:speak", args=[decision.pk])
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(address, {"verb": verb, **more}, headers=headers)


def words(response: HttpResponse) -> str:
    """The page as it is read: no marks, no entities, single spaces."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def section(response: HttpResponse, heading: str) -> str:
    """What stands under the section that this id names, as it is read; "" where there is none."""
    page = response.content.decode()
    found = re.search(
        rf'<section[^>]*aria-labelledby="{heading}".*?</section>', page, flags=re.DOTALL
    )
    inner = found.group(0) if found else ""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", inner)))


def forms(response: HttpResponse) -> list[dict[str, str]]:
    """Every form that posts a voice: its hidden fields and the values of its buttons."""
    page = response.content.decode()
    found = []
    for inner in re.findall(r'<form[^>]*action="/decisions/\d+/speak/".*?</form>', page, re.DOTALL):
        fields = {
            html.unescape(name): html.unescape(value)
            for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', inner)
            if name != "csrfmiddlewaretoken"
        }
        found.append(fields)
    return found
