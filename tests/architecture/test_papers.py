"""Commands, settings, versions and pins are what the documents say."""

from __future__ import annotations

import re
import subprocess
import tempfile
import tomllib
from pathlib import Path

import pytest
import typer
from typer.main import get_command

import pupitre
from pupitre.config.cli import app
from pupitre.config.environment import Environment, variable
from tests.architecture import papers
from tests.architecture.source import ROOT, nothing

OPERATORS = ROOT / "docs" / "operators"
REQUIREMENTS = ROOT / "requirements"
# Where this checkout stands. A temporary folder is nobody's own, and examples speak of it.
HERE = ROOT if ROOT.parent == Path(tempfile.gettempdir()) else ROOT.parent


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def defaults() -> dict[str, str]:
    """Variable → default, as the tables print them."""
    found = {}
    for name, field in Environment.model_fields.items():
        default = field.default
        if hasattr(default, "get_secret_value"):
            default = default.get_secret_value()
        found[variable(name)] = str(default).lower() if isinstance(default, bool) else str(default)
    return found


def test_every_command_and_option_is_documented_and_exists() -> None:
    real = papers.command_tree(get_command(app))
    assert "pupitre run" in real
    nothing(
        papers.command_gaps(real, papers.documented_commands(read("docs/operators/commands.md")))
    )


def test_every_setting_is_documented_with_its_default() -> None:
    documented = papers.documented_settings(read("docs/operators/settings.md"))
    nothing(papers.setting_gaps(defaults(), documented))


def test_every_setting_says_what_it_means() -> None:
    for name, field in Environment.model_fields.items():
        assert field.description, name


def test_the_changelog_has_this_version_first() -> None:
    versions = re.findall(r"^## (\S+)", read("CHANGELOG.md"), re.M)
    assert versions[0] in (pupitre.__version__, "Unreleased")
    assert pupitre.__version__ in versions


def test_the_version_is_said_once() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert project["version"] == pupitre.__version__
    assert project["license"] == "Apache-2.0"


@pytest.mark.parametrize("name", ["run", "test"])
def test_everything_is_pinned_with_hashes_and_nothing_else_is_there(name: str) -> None:
    pinned = papers.pins(read("requirements", f"{name}.txt"))
    asked = papers.wanted(read("requirements", f"{name}.in"))
    assert len(pinned) > len(asked) > 10
    nothing(papers.pin_gaps(asked, pinned))


def test_what_is_tested_is_what_runs() -> None:
    running, testing = (
        papers.pins(read("requirements", f"{name}.txt")) for name in ("run", "test")
    )
    assert {name: pin for name, pin in testing.items() if name in running} == running


def test_nothing_says_where_packages_come_from_nor_names_a_machine() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    complaints, seen = [], 0
    for name in filter(None, tracked):
        path = ROOT / name
        if not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        seen += 1
        complaints += papers.private_words(name, text, f"{HERE}/")
    assert seen > 60
    nothing(complaints)


# --- the rules find what is planted --------------------------------------------------------------


def small() -> typer.Typer:
    made, audit = typer.Typer(), typer.Typer()

    @made.command()
    def run(port: int = 1, worker: bool = True) -> None: ...

    @made.command(hidden=True)
    def secret() -> None: ...

    @audit.command()
    def verify(path: str) -> None: ...

    made.add_typer(audit, name="audit")
    return made


DOCUMENTED = """
## `pupitre run`
Takes `--port`, `--worker` and `--no-worker`.
### `pupitre audit verify PATH`
"""


def test_a_command_tree_is_read_whole() -> None:
    assert papers.command_tree(get_command(small())) == {
        "pupitre run": {"--port", "--worker", "--no-worker"},
        "pupitre audit verify": frozenset(),
    }
    assert (
        papers.command_gaps(
            papers.command_tree(get_command(small())), papers.documented_commands(DOCUMENTED)
        )
        == []
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("### `pupitre audit verify PATH`", ""),
        ("`--no-worker`", ""),
        ("`--port`", "`--port` and `--gate`"),
        ("## `pupitre run`", "## `pupitre ran`"),
    ],
)
def test_a_document_that_differs_is_found(before: str, after: str) -> None:
    real = papers.command_tree(get_command(small()))
    assert before in DOCUMENTED
    assert papers.command_gaps(real, papers.documented_commands(DOCUMENTED.replace(before, after)))


def test_settings_that_differ_are_found() -> None:
    table = "| `PUPITRE_PORT` | `8000` | Port. |\n| `PUPITRE_HOST` | | Host. |\n"
    documented = papers.documented_settings(table)
    assert documented == {"PUPITRE_PORT": "8000", "PUPITRE_HOST": ""}
    assert papers.setting_gaps(documented, documented) == []
    assert papers.setting_gaps({**documented, "PUPITRE_NEW": ""}, documented) != []
    assert papers.setting_gaps({"PUPITRE_PORT": "8000"}, documented) != []
    assert papers.setting_gaps({**documented, "PUPITRE_PORT": "1"}, documented) != []


HASH = "a" * 64


@pytest.mark.parametrize(
    "line",
    [
        "--index-url somewhere",
        "django @ https://example.org/django.whl",
        "-e .",
        "django>=5 \\",
        "--hash=md5:abc",
    ],
)
def test_a_line_that_is_no_pin_is_found(line: str) -> None:
    with pytest.raises(ValueError, match="neither a pin nor a hash"):
        papers.pins(f"django==5.2 \\\n    --hash=sha256:{HASH}\n{line}\n")


def test_a_pin_without_hash_or_missing_is_found() -> None:
    pinned = papers.pins(f"django==5.2 \\\nbabel==2.1 \\\n    --hash=sha256:{HASH}\n    # via x\n")
    assert papers.pin_gaps({"django", "babel"}, pinned) == ["django has no hash"]
    assert papers.pin_gaps({"typer"}, {"babel": ("2.1", 1)}) == [
        "typer is asked for and not pinned"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "see /ho" + "me/anna/x",
        "cd /roo" + "t/.cache",
        "from pyp" + "i.org",
        "--index-ur" + "l=https://x",
    ],
)
def test_a_private_word_is_found(line: str) -> None:
    assert papers.private_words("a.md", f"first\n{line}\n") != []
    assert papers.private_words("a.md", "/usr/bin/chromium, /tmp/x, /var/lib/pupitre\n") == []
    assert papers.private_words("a.md", "in /srv/checkout/x\n", "/srv/checkout/") != []
