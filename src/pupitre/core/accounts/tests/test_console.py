"""The operator's commands, as typed."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from typer.testing import CliRunner

from pupitre.core.accounts import services
from pupitre.core.accounts.console import account_commands
from pupitre.core.accounts.events import AccountEvent
from pupitre.core.accounts.tests.conftest import browser
from pupitre.core.contributions import cli_groups, scheduled_jobs


def typed(*words: str):
    return CliRunner().invoke(account_commands, list(words))


def followed(printed: str):
    address = urlsplit(printed.strip())
    assert f"{address.scheme}://{address.netloc}" == "http://127.0.0.1:8000"
    return browser().get(address.path, follow=True)


def test_the_link_opens_an_account_that_waits(db, heard):
    services.create_account(email="new.member@ardoise.example", language="en")
    answer = typed("link", " New.Member@ardoise.example ")
    assert answer.exit_code == 0
    assert "You are invited" in followed(answer.stdout).content.decode()
    assert AccountEvent.WAY_IN_GIVEN in heard.kinds()


def test_the_link_replaces_the_password_of_an_open_account(person, heard):
    answer = typed("link", person.email)
    assert "Choose a new password." in followed(answer.stdout).content.decode()
    assert heard.only(AccountEvent.WAY_IN_GIVEN).user == person


def test_lost_factors_are_taken_away(person, heard):
    TOTP.activate(person, generate_totp_secret())
    assert "1 gone" in typed("forget-factors", person.email).stdout
    assert "had no second factor" in typed("forget-factors", person.email).stdout
    assert heard.only(AccountEvent.TOTP_REMOVED).user == person


@pytest.mark.parametrize("command", ["link", "forget-factors"])
def test_an_account_that_is_not_there_or_closed_is_said_and_fails(person, command):
    services.close_account(user=person)
    for address in (person.email, "nobody@ardoise.example"):
        answer = typed(command, address)
        assert answer.exit_code == 1
        assert "No open account" in answer.output


def test_the_house_knows_the_commands_and_the_daily_job():
    assert cli_groups["account"] is account_commands
    assert scheduled_jobs["accounts.sessions"].cron == "40 3 * * *"
