from django.apps import AppConfig


class CollectConfig(AppConfig):
    name = "pupitre.flow.collect"
    label = "collect"

    def ready(self) -> None:
        from pupitre.flow.collect import contributing  # models must be loaded first

        contributing.contribute()
