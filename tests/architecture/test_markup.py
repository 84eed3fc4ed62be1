"""Templates hold no inline script or style, and nothing that goes around escaping."""

from __future__ import annotations

import pytest

from tests.architecture import markup
from tests.architecture.source import PACKAGE, ROOT, nothing, planted, product, room_of


def templates() -> dict[str, str]:
    """Path → text of every template, tests' own left out."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(PACKAGE.rglob("templates/**/*"))
        if path.is_file() and "/tests/" not in path.as_posix()
    }


def test_the_templates_keep_the_content_security_policy() -> None:
    found = templates()
    assert len(found) > 10
    nothing([said for path, text in found.items() for said in markup.complaints(path, text)])


def test_no_code_writes_inline_scripts_or_styles() -> None:
    nothing([said for source in product() for said in markup.in_python(source)])


def test_no_exception_outlives_its_reason() -> None:
    found = templates()
    for path in markup.RAW_ALLOWED:
        assert markup.complaints(path, found.get(path, ""), {}) != []


def test_templates_include_only_those_of_their_room_and_of_core() -> None:
    rooms = {}
    for path in templates():
        folder, name = path.removeprefix("src/").split("/templates/")
        rooms[name] = room_of(folder.replace("/", ".")) or "core"
    said = [
        s for path, text in templates().items() for s in markup.foreign_templates(path, text, rooms)
    ]
    nothing(said)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<script\n  type='module'>x</script>",
        "<style>p {}</style>",
        '<p class="a" style="color: red">',
        "<p style=color:red>",
        '<p {% if a > b %}x{% endif %} style="{{ x }}">',
        '<button onclick="go()">',
        "<body ONLOAD='x'>",
        '<div hx-on:click="x">',
        '<div hx-on--after-swap="x">',
        '<a href="javascript:void(0)">',
        "{{ name|safe }}",
        "{{ name | safe }}",
        "{% autoescape off %}",
    ],
)
def test_what_is_planted_is_found(text: str) -> None:
    (said,) = markup.complaints("src/pupitre/core/templates/core/x.html", f"<p>\n{text}")
    assert said.startswith("src/pupitre/core/templates/core/x.html:2: ")


@pytest.mark.parametrize(
    "text",
    [
        '<script src="{% static "core/house.js" %}" defer></script>',
        '<script type="application/json" id="points">[1]</script>',
        '<rect fill="var(--ink)" stroke="red" width="3"/>',
        "{# style='x' <script> #}",
        "{% comment %}<style>{% endcomment %}",
        "<p>once upon = a time, style = ours</p>",
        '<input name="onset" data-style="x">',
    ],
)
def test_what_may_be_passes(text: str) -> None:
    assert markup.complaints("src/pupitre/core/templates/core/x.html", text) == []


def test_an_email_may_carry_its_style_but_no_script() -> None:
    path = "src/pupitre/core/accounts/templates/accounts/mail/x.html"
    assert markup.complaints(path, '<style></style><p style="margin: 0">') == []
    assert markup.complaints(path, "<script>x</script>") != []


def test_a_text_may_do_without_escaping() -> None:
    path = "src/pupitre/core/accounts/templates/accounts/mail/x.txt"
    assert markup.complaints(path, "{% autoescape off %}{{ name }}") == []


def test_html_written_by_code_is_found() -> None:
    assert markup.in_python(planted("x = '<p style=\"color:red\">'")) != []
    assert markup.in_python(planted("x = '<script>go()</script>'")) != []
    assert markup.in_python(planted("x = '<p class=\"a\">'")) == []


def test_a_template_of_another_room_is_found() -> None:
    rooms = {"mandate/_row.html": "rules.mandate", "core/base.html": "core"}
    path = "src/pupitre/desk/agenda/templates/agenda/page.html"
    assert markup.foreign_templates(path, "{% extends 'core/base.html' %}", rooms) == []
    assert markup.foreign_templates(path, '{% include "mandate/_row.html" with a=b %}', rooms) != []
