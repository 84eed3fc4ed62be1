from django.apps import AppConfig


class MandateConfig(AppConfig):
    name = "pupitre.rules.mandate"
    label = "mandate"
