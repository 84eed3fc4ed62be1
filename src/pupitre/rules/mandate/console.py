"""The operator's commands: prove the audit, and seat somebody when nobody is left who may."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.rules.mandate import audit
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.activities import OPERATOR
from pupitre.rules.mandate.models import Ledger, Member, Seat
from pupitre.rules.mandate.organisation.actions import Appoint

audit_commands = typer.Typer(no_args_is_help=True, help="The audit log.")
seat_commands = typer.Typer(no_args_is_help=True, help="Seats, for the operator.")
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


@audit_commands.command("verify")
def verify() -> None:
    """Prove the audit whole, or name its first broken line and exit 1."""
    with _out.status("Reading the audit"):
        proof = audit.verify()
    if not proof.whole:
        _err.print(f"[bold red]✗[/] Line {proof.broken_at}: {proof.why}.")
        raise typer.Exit(1)
    _out.print(f"[green]✓[/] The audit is whole: {proof.lines} lines.")


@audit_commands.command("witness")
def witness() -> None:
    """Start a new witness file, after a move to another machine. Verifies the chain first.

    A genuine witness that is still there has its word: it is never replaced by a shorter chain.
    """
    proof = audit.verify_chain()
    if not proof.whole:
        _err.print(f"[bold red]✗[/] Line {proof.broken_at}: {proof.why}. No witness was written.")
        raise typer.Exit(1)
    ledger = Ledger.objects.filter(pk=1).first()
    if ledger is None or not ledger.seq:
        _out.print("The audit has no line yet: there is nothing to witness.")
        return
    audit.write_witness(ledger.seq, ledger.hash, anew=True)
    _out.print(f"[green]✓[/] The witness remembers line {ledger.seq}.")


@seat_commands.command("list")
def list_seats() -> None:
    """Seats, and who holds them today."""
    day = clock.day_of(clock.now())
    for seat in Seat.objects.prefetch_related("tenures__member"):
        names = [
            tenure.member.name
            for tenure in seat.tenures.all()
            if tenure.starts <= day and (tenure.ends is None or day <= tenure.ends)
        ]
        _out.print(f"{seat.key:30} {seat.name_fr} — {', '.join(names) or 'vacant'}", markup=False)


@seat_commands.command("give")
def give_seat(
    seat: Annotated[str, typer.Argument(help="Key of the seat; `pupitre seat list` shows them.")],
    email: Annotated[str, typer.Argument(help="E-mail of the member.")],
) -> None:
    """Appoint a member to a seat from today, when nobody is left who may. It is audited."""
    at = clock.now()
    chosen = Seat.objects.filter(key=seat).first()
    member = Member.objects.filter(user__email=email.strip().lower()).first()
    if chosen is None or member is None:
        missing = f"seat {seat!r}" if chosen is None else f"member {email!r}"
        _err.print(f"[bold red]✗[/] There is no {missing}.", markup=True)
        raise typer.Exit(1)
    starts: date = clock.day_of(at)
    try:
        act(
            Appoint(member_id=member.pk, seat_id=chosen.pk, starts=starts, ends=None),
            by=OPERATOR,
            at=at,
        )
    except Invalid as invalid:
        _err.print(f"[bold red]✗[/] {invalid}")
        raise typer.Exit(1) from invalid
    _out.print(f"[green]✓[/] {member.name} holds {chosen.name_fr} from {starts}.")
