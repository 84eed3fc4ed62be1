from django.apps import AppConfig


class IdentifyConfig(AppConfig):
    name = "pupitre.flow.identify"
    label = "identify"

    def ready(self) -> None:
        from pupitre.flow.identify import contributing  # models must be loaded first

        contributing.contribute()
