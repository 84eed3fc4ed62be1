"""Functions and files stay short enough to be read from top to bottom."""

from __future__ import annotations

from tests.architecture import sizes
from tests.architecture.source import PACKAGE, ROOT, nothing, planted, python_files

FOLDERS = ("src/pupitre", "tests", "benchmarks", "scripts")
READ_TOO = ("*.html", "*.js")


def texts() -> dict[str, str]:
    found = {source.path: source.text for source in python_files(*FOLDERS)}
    for pattern in READ_TOO:
        for path in PACKAGE.rglob(pattern):
            found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
    return found


def test_functions_are_short() -> None:
    sources = python_files(*FOLDERS)
    nothing([said for source in sources for said in sizes.long_functions(source)])


def test_files_are_short() -> None:
    found = texts()
    assert len(found) > 60
    nothing([said for path, text in found.items() for said in sizes.long_file(path, text)])


def test_no_exception_outlives_its_reason() -> None:
    nothing(sizes.stale_exceptions(texts(), python_files(*FOLDERS)))
    assert len(sizes.LONGER_FILES) + len(sizes.LONGER_FUNCTIONS) <= 8, "a short list, it was said"


def test_a_function_at_its_limit_passes_and_one_line_more_does_not() -> None:
    def of(lines: int) -> str:
        return "class A:\n    def long(self):\n" + "        x = 1\n" * (lines - 1)

    assert sizes.long_functions(planted(of(sizes.FUNCTION_LINES))) == []
    (said,) = sizes.long_functions(planted(of(sizes.FUNCTION_LINES + 1)))
    assert "A.long" in said


def test_a_function_inside_another_is_measured_too() -> None:
    inner = "        def inner():\n" + "            x = 1\n" * sizes.FUNCTION_LINES
    said = sizes.long_functions(planted(f"def outer():\n    if True:\n{inner}"))
    assert [line.split(":")[2] for line in said] == ["outer", "outer.inner"]


def test_a_file_at_its_limit_passes_and_one_line_more_does_not() -> None:
    at = "x = 1\n" * sizes.FILE_LINES
    assert sizes.long_file("src/pupitre/core/x.py", at) == []
    assert sizes.long_file("src/pupitre/core/x.py", at + "x = 1\n") != []
    assert (
        sizes.long_file("src/pupitre/core/x.py", at + "x = 1\n", {"src/pupitre/core/x.py": "why"})
        == []
    )


def test_an_exception_for_what_is_short_is_found() -> None:
    text = "def f():\n    pass\n"
    source = planted(text)
    stale = sizes.stale_exceptions(
        {source.path: text}, [source], {source.path: "", "gone.py": ""}, {f"{source.path}::f": ""}
    )
    assert len(stale) == 3
