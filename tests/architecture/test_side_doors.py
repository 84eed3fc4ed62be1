"""No room goes around another room's doors; and each rule finds what is planted against it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey

from tests.architecture import side_doors
from tests.architecture.source import Source, nothing, planted, product, room_of

CHECKS = [
    side_doors.foreign_imports,
    side_doors.dynamic_lookups,
    side_doors.late_imports,
    side_doors.engine_imports,
    side_doors.model_signals,
]


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    found = product()
    assert len(found) > 30
    return found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_keeps_the_rule(check: object, sources: list[Source]) -> None:
    nothing([said for source in sources for said in check(source)])


def test_no_exception_outlives_its_reason(sources: list[Source]) -> None:
    nothing(side_doors.unused_late_imports(sources))


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (side_doors.foreign_imports, "from pupitre.rules.mandate.models import Seat"),
        (side_doors.foreign_imports, "import pupitre.rules.mandate.views"),
        (side_doors.foreign_imports, "from pupitre.rules.mandate import law"),
        (side_doors.foreign_imports, "from ...rules.mandate.models import Seat"),
        (side_doors.foreign_imports, "def f():\n    from pupitre.flow.collect.journal import x"),
        (side_doors.foreign_imports, "from pupitre.core.accounts.views import sign_in"),
        (
            side_doors.dynamic_lookups,
            "from django.apps import apps\napps.get_model('mandate', 'Seat')",
        ),
        (side_doors.dynamic_lookups, "seat = content_type.model_class()"),
        (side_doors.dynamic_lookups, "importlib.import_module('pupitre.' + room)"),
        (side_doors.dynamic_lookups, "__import__('duckdb')"),
        (side_doors.late_imports, "def f():\n    import json"),
        (side_doors.late_imports, "class A:\n    async def f(self):\n        from x import y"),
        (side_doors.engine_imports, "import duckdb"),
        (side_doors.engine_imports, "from pyspark.sql import SparkSession"),
        (side_doors.model_signals, "from django.db.models.signals import post_save"),
        (side_doors.model_signals, "from django.db.models import signals"),
    ],
)
def test_the_rule_finds_what_is_planted(check: object, text: str) -> None:
    assert check(planted(text)) != []


AGENDA = "src/pupitre/desk/agenda"
LATE = "class A:\n    def ready(self):\n        import x"


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (side_doors.foreign_imports, "x.py", "from pupitre.rules.mandate.contracts import Actor"),
        (side_doors.foreign_imports, "x.py", "from pupitre.rules.mandate import queries"),
        (side_doors.foreign_imports, "x.py", "from pupitre.desk.agenda.models import Initiative"),
        (side_doors.foreign_imports, "x.py", "from pupitre.core import clock"),
        (side_doors.late_imports, "apps.py", LATE),
        (side_doors.engine_imports, "../../lake/x.py", "import duckdb"),
    ],
)
def test_the_rule_lets_pass_what_may(check: object, path: str, text: str) -> None:
    path = f"{AGENDA}/{path}".replace("desk/agenda/../../", "")
    assert check(Source(path, text)) == []


def test_an_exception_without_need_is_found() -> None:
    allowed = {("src/pupitre/core/x.py", "json"): "no reason"}
    assert side_doors.unused_late_imports([planted("import json")], allowed) != []


# --- the database --------------------------------------------------------------------------------


def tables() -> dict[str, str]:
    found = {}
    for model in apps.get_models(include_auto_created=True):
        room = room_of(model.__module__)
        if room is not None:
            found[model._meta.db_table] = room
    return found


def test_no_room_names_another_rooms_table(sources: list[Source]) -> None:
    known = tables()
    assert known
    nothing([said for s in sources for said in side_doors.foreign_tables(s, known)])


def test_a_foreign_table_in_sql_is_found() -> None:
    known = {"mandate_seat": "rules.mandate", "agenda_initiative": "desk.agenda"}
    sql = 'cursor.execute("SELECT 1 FROM agenda_initiative JOIN mandate_seat USING (id)")'
    assert len(side_doors.foreign_tables(planted(sql), known)) == 1


def test_foreign_keys_stay_in_their_room_or_point_to_rules_or_to_accounts() -> None:
    complaints, seen = [], 0
    for model in apps.get_models(include_auto_created=True):
        owner = room_of(model.__module__)
        if owner is None:
            continue
        assert not any(isinstance(f, GenericForeignKey) for f in model._meta.private_fields)
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model:
                seen += 1
                target = field.related_model
                complaints.append(
                    side_doors.foreign_key_complaint(
                        f"{model.__name__}.{field.name}",
                        owner,
                        room_of(target.__module__),
                        target.__name__,
                    )
                )
    assert seen > 0
    nothing([said for said in complaints if said])


@pytest.mark.parametrize(
    ("owner", "target", "model", "may"),
    [
        ("desk.agenda", "desk.agenda", "Action", True),
        ("desk.agenda", "rules.mandate", "Seat", True),
        ("rules.mandate", "core.accounts", "User", True),
        ("rules.mandate", "core.accounts", "Invitation", False),
        ("desk.board", "desk.kpis", "Kpi", False),
        ("rules.mandate", "desk.agenda", "Initiative", False),
        ("flow.insight", "flow.identify", "Person", False),
    ],
)
def test_which_foreign_keys_may_be(owner: str, target: str, model: str, may: bool) -> None:
    complaint = side_doors.foreign_key_complaint("X.y", owner, target, model)
    assert (complaint is None) is may
