from django.apps import AppConfig


class MandateConfig(AppConfig):
    name = "pupitre.rules.mandate"
    label = "mandate"

    def ready(self) -> None:
        from pupitre.rules.mandate import contributing, guard  # models must be loaded first

        guard.install()
        contributing.contribute()
