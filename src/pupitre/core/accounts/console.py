"""The operator's commands on accounts: a way in when no e-mail gets through or a phone is lost."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from pupitre.core.accounts import services
from pupitre.core.accounts.models import User

account_commands = typer.Typer(no_args_is_help=True, help="Accounts, for the operator.")
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False)
Address = Annotated[str, typer.Argument(help="E-mail address of the account.")]


@account_commands.command("link")
def link(email: Address) -> None:
    """Print the link that opens an account, or that replaces its password. It works once."""
    user = _account(email)
    _out.print(services.way_in(user=user), markup=False)


@account_commands.command("forget-factors")
def forget_factors(email: Address) -> None:
    """Take away the app, passkeys and codes of somebody who lost them. It is audited."""
    user = _account(email)
    gone = services.forget_second_factors(user=user)
    if not gone:
        _out.print(f"{user.email} had no second factor.", markup=False)
        return
    _out.print(f"[green]✓[/] {gone} gone. {user.email} signs in with the password alone.")


def _account(email: str) -> User:
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        _err.print(f"[bold red]✗[/] No open account has the address {email!r}.")
        raise typer.Exit(1)
    return user
