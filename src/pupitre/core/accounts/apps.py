from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "pupitre.core.accounts"
    label = "accounts"
