"""The audit can be added to, and nothing else: the database itself refuses the rest."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from pupitre.rules.mandate.append_only import install, remove


def forwards(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    install(editor.connection)


def backwards(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    remove(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("mandate", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
