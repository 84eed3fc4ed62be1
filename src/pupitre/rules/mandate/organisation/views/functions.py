"""Forms about functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.rules.mandate.activities import ORGANISATION_CHANGE
from pupitre.rules.mandate.contracts import FunctionKind
from pupitre.rules.mandate.models import Function
from pupitre.rules.mandate.organisation.forms import FunctionForm
from pupitre.rules.mandate.organisation.functions import (
    ChangeFunction,
    CreateFunction,
    RemoveFunction,
)
from pupitre.rules.mandate.organisation.offers import open_to
from pupitre.rules.mandate.organisation.rules import free_key
from pupitre.rules.mandate.organisation.views.asking import NothingToFill, form_page
from pupitre.rules.mandate.web import acting_view, asked


@acting_view(CreateFunction)
def new_function(request: HttpRequest) -> HttpResponse:
    offered = open_to(request, ORGANISATION_CHANGE)
    form = FunctionForm(request.POST or None)
    taken = Function.objects.values_list("key", flat=True)

    def build(said: Mapping[str, Any]) -> CreateFunction:
        return CreateFunction(
            function_key=free_key(said["name_en"] or said["name_fr"], taken),
            name_fr=said["name_fr"],
            name_en=said["name_en"],
            kind=FunctionKind(said["kind"]),
            parent_id=said["parent"],
        )

    if asked(request, form, build) is not None:
        return redirect("mandate:organisation")
    return form_page(
        request,
        form,
        title=_("A new function"),
        intro=_("A department, a region, a business unit: a part of the company with its seats."),
        label=_("Create the function"),
        back=reverse("mandate:organisation"),
        offer=offered,
    )


@acting_view(ChangeFunction)
def change_function(request: HttpRequest, function_id: int) -> HttpResponse:
    offered = open_to(request, ORGANISATION_CHANGE)
    function = get_object_or_404(Function, pk=function_id)
    form = FunctionForm(
        request.POST or None,
        function_id=function_id,
        initial={
            "name_fr": function.name_fr,
            "name_en": function.name_en,
            "kind": function.kind,
            "parent": function.parent_id,
        },
    )

    def build(said: Mapping[str, Any]) -> ChangeFunction:
        return ChangeFunction(
            function_id=function_id,
            name_fr=said["name_fr"],
            name_en=said["name_en"],
            kind=FunctionKind(said["kind"]),
            parent_id=said["parent"],
        )

    if asked(request, form, build) is not None:
        return redirect("mandate:organisation")
    return form_page(
        request,
        form,
        title=_("Change “%(function)s”") % {"function": function.name},
        label=_("Change the function"),
        back=reverse("mandate:organisation"),
        offer=offered,
    )


@acting_view(RemoveFunction)
def remove_function(request: HttpRequest, function_id: int) -> HttpResponse:
    offered = open_to(request, ORGANISATION_CHANGE)
    function = get_object_or_404(Function, pk=function_id)
    form = NothingToFill(request.POST if request.method == "POST" else None)
    action = RemoveFunction(function_id, function.key, function.name)
    if asked(request, form, lambda _said: action) is not None:
        return redirect("mandate:organisation")
    return form_page(
        request,
        form,
        title=_("Remove “%(function)s”?") % {"function": function.name},
        intro=_("No seat ever was in it. The audit log remembers that it existed."),
        label=_("Remove the function"),
        back=reverse("mandate:organisation"),
        offer=offered,
        danger=True,
    )
