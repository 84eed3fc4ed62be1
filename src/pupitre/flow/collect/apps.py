from django.apps import AppConfig


class CollectConfig(AppConfig):
    name = "pupitre.flow.collect"
    label = "collect"
