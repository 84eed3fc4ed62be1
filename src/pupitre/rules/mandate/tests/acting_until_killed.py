"""A program that acts without end, for a test that kills it: `python -m …acting_until_killed`.

The first line that it prints is what the audit proves at its start, and what the witness holds;
each further one is the number of a line whose act was reported as done.
"""

from __future__ import annotations

import json
import os
import sys

import django


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "pupitre.config.settings"
    django.setup()
    from django.core.management import call_command

    from pupitre.core import clock
    from pupitre.rules.mandate import audit
    from pupitre.rules.mandate.acting import act
    from pupitre.rules.mandate.contracts import Actor, Performed
    from pupitre.rules.mandate.models import Ledger, Member
    from pupitre.rules.mandate.personal import SetDigest
    from pupitre.rules.mandate.testing import a_company

    if "--migrate" in sys.argv:
        call_command("migrate", verbosity=0)
        a_company()
    member = Member.objects.order_by("pk")[0].pk
    proof, remembered = audit.verify(), audit._remembered()
    ledger = Ledger.objects.get(pk=1)
    found = {
        "lines": proof.lines,
        "why": proof.why,
        "ledger": ledger.seq,
        "witness": remembered[0] if remembered else 0,
    }
    say(json.dumps(found))
    for number in range(100_000):
        action = SetDigest(member_id=member, wanted=number % 2 == 0)
        outcome = act(action, by=Actor(member), at=clock.now())
        assert isinstance(outcome, Performed)
        say(str(outcome.line))


if __name__ == "__main__":
    main()
