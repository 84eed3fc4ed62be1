"""Models and migrations say the same."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import migrations, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ModelState, ProjectState


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(said.getvalue())


def test_a_model_without_its_migration_would_be_found() -> None:
    before, after = ProjectState(), ProjectState()
    after.add_model(
        ModelState("agenda", "Initiative", [("id", models.BigAutoField(primary_key=True))])
    )
    changes = MigrationAutodetector(before, after)._detect_changes()
    (made,) = changes["agenda"]
    assert isinstance(made.operations[0], migrations.CreateModel)
