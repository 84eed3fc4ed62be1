"""Killed at any moment, the audit is whole and goes on."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.once
def test_killed_while_it_acts_the_chain_holds_and_goes_on(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PUPITRE_", "DATABASE_URL"))}
    environment = {**kept, "PUPITRE_DATA_DIR": str(tmp_path / "var")}
    command = [sys.executable, "-m", "pupitre.rules.mandate.tests.acting_until_killed"]
    moments = random.Random(20261120)  # noqa: S311
    done = 0
    for turn in range(5):
        process = subprocess.Popen(
            [*command, *(["--migrate"] if turn == 0 else [])],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            start = process.stdout.readline()
            assert start, process.communicate()[1]
            found = json.loads(start)
            assert found["why"] == ""
            assert done <= found["lines"] == found["ledger"]  # what was reported done is kept
            assert found["witness"] <= found["ledger"]
            assert found["ledger"] - found["witness"] <= 1  # at most the act that died
            first = process.stdout.readline()
            assert first == f"{found['lines'] + 1}\n", first  # the chain goes on where it ended
            time.sleep(moments.uniform(0.05, 0.6))
        finally:
            process.kill()
            rest, _complaints = process.communicate()
        whole = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        done = int((whole or [first])[-1])
    assert done > 5
