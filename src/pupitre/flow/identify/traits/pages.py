"""The pages about traits: which there are, which value of each is shown, a correction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.flow.collect.queries import source_names
from pupitre.flow.identify.models import Identifier, TraitChoice, TraitTally
from pupitre.flow.identify.traits.actions import CorrectTrait, SetTraitRule, choice_words, is_known
from pupitre.flow.identify.traits.activities import TRAIT_CORRECT, TRAIT_RULE
from pupitre.flow.identify.traits.forms import CorrectionForm, RuleForm
from pupitre.flow.identify.traits.names import CANONICAL, LABELS, label
from pupitre.flow.identify.traits.reading import Rule, rules
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.queries import offer, open_to
from pupitre.rules.mandate.web import acting_view, ask, reading_view


@dataclass(frozen=True, slots=True)
class Line:
    """A trait as the list shows it."""

    trait: str
    label: object
    synonyms: tuple[str, ...]
    people: int
    several: int
    rule: str
    sources: tuple[str, ...]


@reading_view
def traits(request: HttpRequest) -> HttpResponse:
    known = rules()
    tallies = {one.trait: one for one in TraitTally.objects.all()}
    ours = {one.key: one.synonyms for one in CANONICAL}
    order = [*ours, *sorted(set(tallies) - set(ours))]
    lines = [_line(trait, ours.get(trait, ()), tallies.get(trait), known) for trait in order]
    context = {
        "lines": lines,
        "disputed": sum(1 for line in lines if line.several),
        "met": any(line.people for line in lines),
        "counted_at": TraitTally.objects.aggregate(at=Max("at"))["at"],
        "offer": offer(request, TRAIT_RULE),
    }
    return render(request, "identify/traits.html", context)


def _line(
    trait: str, synonyms: tuple[str, ...], tally: TraitTally | None, known: Mapping[str, Rule]
) -> Line:
    rule = known.get(trait, Rule())
    return Line(
        trait,
        label(trait),
        synonyms,
        tally.people if tally else 0,
        tally.several if tally else 0,
        choice_words(rule.choice),
        rule.sources if rule.choice is TraitChoice.SOURCE else (),
    )


@acting_view(SetTraitRule)
def trait_rule(request: HttpRequest, trait: str) -> HttpResponse:
    if not is_known(trait):
        raise Http404
    offered = open_to(request, TRAIT_RULE)
    rule, names = rules().get(trait, Rule()), source_names()
    form = RuleForm(
        request.POST or None,
        known=tuple(names),
        initial={"choice": rule.choice.value, "sources": "\n".join(rule.sources)},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        trusted = said["sources"] if said["choice"] == TraitChoice.SOURCE else ()
        try:
            outcome = ask(request, SetTraitRule(trait, said["choice"], trusted))
        except Invalid as error:
            form.refuse(error)
        else:
            if isinstance(outcome, Waiting):
                return redirect("mandate:decision", outcome.decision_id)
            return redirect("identify:traits")
    context = {
        "form": form,
        "title": _("Which value of “%(trait)s” shows") % {"trait": label(trait)},
        "intro": _("All values are kept, with who said them and when; one of them is shown."),
        "label": _("Save"),
        "back": reverse("identify:traits"),
        "offer": offered,
        "sources": list(names.items()),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "identify/trait_form.html", context, status=status)


@acting_view(CorrectTrait)
def correct(request: HttpRequest, person: int) -> HttpResponse:
    """A correction asks for what is right and shows nothing of what is known."""
    offered = open_to(request, TRAIT_CORRECT)
    if not Identifier.objects.filter(pk=person, person__isnull=False).exists():
        raise Http404
    others = TraitTally.objects.exclude(trait__in=LABELS).values_list("trait", flat=True)
    form = CorrectionForm(
        request.POST or None,
        traits=[*LABELS.items(), *((trait, trait) for trait in sorted(others))],
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            ask(request, CorrectTrait(person, said["trait"], said["value"]))
        except Invalid as error:
            form.refuse(error)
        else:
            return redirect("identify:trait_correct", person)
    context = {
        "form": form,
        "title": _("Correct what is known of customer %(number)s") % {"number": person},
        "intro": _(
            "What you write is shown from now on, until a source says something new. What was said "
            "before is kept, with who said it."
        ),
        "label": _("Correct it"),
        "back": reverse("identify:traits"),
        "offer": offered,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "identify/trait_form.html", context, status=status)
