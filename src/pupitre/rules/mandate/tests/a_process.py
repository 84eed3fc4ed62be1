"""Somebody at work in a process of their own, for ``test_together``.

``python -m pupitre.rules.mandate.tests.a_process JSON``: it says that it is ready, waits for a
line, then approves every decision that it was given and starts as many drafts, and says as JSON
what came of it. Any exception that is no answer ends it with a traceback.
"""

from __future__ import annotations

import json
import sys

import django


def main(given: str) -> None:
    django.setup()
    from django.db import connection

    from pupitre.core.errors import Invalid
    from pupitre.rules.mandate import deciding
    from pupitre.rules.mandate.acting import act
    from pupitre.rules.mandate.contracts import Actor, Performed, Refused
    from pupitre.rules.mandate.matrix.actions import StartDraft
    from pupitre.rules.mandate.testing import NOON

    asked = json.loads(given)
    by = Actor(asked["member"], asked["seat"])
    done, started = [], []
    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for decision_id in asked["decisions"]:
        try:
            decision = deciding.approve(decision_id=decision_id, by=by, at=NOON)
            done += [decision_id] if decision.state == "performed" else []
        except (Refused, Invalid):
            pass  # somebody was faster: that is an answer
        outcome = act(StartDraft(copy_of=1), by=by, at=NOON)
        started += [outcome.result] if isinstance(outcome, Performed) else []
    sys.stdout.write(json.dumps({"done": done, "started": started}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
