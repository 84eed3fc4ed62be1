"""The npm packages are pinned like the Python ones: exactly, by hash, and without an address."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.architecture.source import ROOT

PINS = ROOT / "tests" / "sdks"


def gaps(asked: dict[str, str], locked: dict[str, dict[str, Any]]) -> list[str]:
    """What is asked for by a range, not locked as asked, without its hash, or with an address."""
    found = [f"{name} is asked for as {version}" for name, version in asked.items()
             if not re.fullmatch(r"\d+\.\d+\.\d+", version)]  # fmt: skip
    for name, version in asked.items():
        if locked.get(f"node_modules/{name}", {}).get("version") != version:
            found.append(f"{name} is not locked at {version}")
    for place, package in locked.items():
        if place and not re.fullmatch(r"sha512-[\w+/]{86}==", package.get("integrity", "")):
            found.append(f"{place} has no hash")
        if "resolved" in package:
            found.append(f"{place} says where it comes from")
    return found


def test_each_package_is_pinned_by_hash_and_none_says_where_it_comes_from() -> None:
    asked = json.loads((PINS / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((PINS / "package-lock.json").read_text(encoding="utf-8"))
    assert set(asked) <= {"name", "private", "description", "license", "dependencies"}
    assert len(locked["packages"]) > len(asked["dependencies"]) >= 3
    assert gaps(asked["dependencies"], locked["packages"]) == []


HASH = "sha512-" + "a" * 86 + "=="


@pytest.mark.parametrize(
    ("asked", "package"),
    [
        ("^1.0.0", {"version": "^1.0.0", "integrity": HASH}),
        ("1.0.0", {"version": "1.0.1", "integrity": HASH}),
        ("1.0.0", {"version": "1.0.0"}),
        ("1.0.0", {"version": "1.0.0", "integrity": "sha1-x"}),
        ("1.0.0", {"version": "1.0.0", "integrity": HASH, "resolved": "https://example.org/x"}),
    ],
)
def test_a_package_that_is_not_pinned_so_is_found(asked: str, package: dict[str, str]) -> None:
    assert gaps({"x": asked}, {"": {}, "node_modules/x": package}) != []
    good = {"version": "1.0.0", "integrity": HASH}
    assert gaps({"x": "1.0.0"}, {"": {}, "node_modules/x": good}) == []
