from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "pupitre.core"
    label = "core"
