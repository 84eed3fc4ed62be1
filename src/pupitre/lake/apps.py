from django.apps import AppConfig


class LakeConfig(AppConfig):
    name = "pupitre.lake"
    label = "lake"
