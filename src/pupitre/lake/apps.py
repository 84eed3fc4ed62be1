from django.apps import AppConfig


class LakeConfig(AppConfig):
    name = "pupitre.lake"
    label = "lake"

    def ready(self) -> None:
        from pupitre.lake import contributing

        contributing.contribute()
