"""What the content security policy would block, or what would get around escaping, in templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from tests.architecture.source import Source, room_of

_COMMENTS = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.S)
_TEMPLATE_TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.S)
_TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.S)
_ATTRIBUTE = re.compile(r"""([^\s=<>"'/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+))?""")
_RAW = re.compile(r"\|\s*(?:safe|safeseq)\b|\{%\s*autoescape\s+off")

# Templates that print HTML which was made elsewhere, and why it can be trusted.
RAW_ALLOWED: dict[str, str] = {}


def complaints(path: str, text: str, raw_allowed: Mapping[str, str] = RAW_ALLOWED) -> list[str]:
    """One line for each inline script, style, handler, or unescaped value."""
    bare = _COMMENTS.sub(_blank, text)
    found = []
    if path.endswith(".txt"):
        return []  # plain text: nothing in it is markup
    if path not in raw_allowed:
        found += [
            (match.start(), f"{match.group()} prints unescaped") for match in _RAW.finditer(bare)
        ]
    for tag in _TAG.finditer(_TEMPLATE_TAGS.sub(_blank, bare)):
        found += [(tag.start(), said) for said in _in_tag(path, tag)]
    return [f"{path}:{text.count(chr(10), 0, at) + 1}: {said}" for at, said in found]


def _blank(match: re.Match[str]) -> str:
    """Spaces in its place, so that lines and neighbours stay where they are."""
    return re.sub(r"[^\n]", " ", match.group())


def _in_tag(path: str, tag: re.Match[str]) -> list[str]:
    name = tag[1].lower()
    attributes = {a[1].lower(): (a[2] or "").strip("\"'") for a in _ATTRIBUTE.finditer(tag[2])}
    said = []
    # E-mail programs know no stylesheet, and the copy that a customer takes away has none beside
    # it: there, and only there, style is written in.
    in_mail = "/mail/" in path
    if name == "style" and not in_mail and not path.endswith("/rights/copy.html"):
        said.append("<style>: rules belong in a stylesheet")
    if (
        name == "script"
        and "src" not in attributes
        and attributes.get("type") != "application/json"
    ):
        said.append("<script> without src: behaviour belongs in a file")
    if "style" in attributes and not in_mail:
        said.append("style=: use a class")
    for attribute, value in attributes.items():
        if re.fullmatch(r"on[a-z]+", attribute) or attribute.startswith(("hx-on", "data-hx-on")):
            said.append(f"{attribute}=: an inline handler")
        if value.lower().lstrip().startswith("javascript:"):
            said.append(f"{attribute}=javascript: an inline script")
    return said


_IN_PYTHON = re.compile(
    r"<script\b|<style\b|<[a-z][^>]*\sstyle\s*=|<[a-z][^>]*\son[a-z]+\s*=", re.I
)


def in_python(source: Source) -> list[str]:
    """The same, in HTML that Python code writes."""
    return [
        f"{source.path}:{node.lineno}: {match.group()!r} in a string: use a template and a class"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for match in _IN_PYTHON.finditer(node.value)
    ]


_REFERENCE = re.compile(r"""\{%\s*(?:include|extends)\s+["']([^"']+)["']""")


# Templates that every room may build on, beside core's, and why.
SHARED = {"accounts/mail/base.html": "the one frame of every e-mail"}


def foreign_templates(path: str, text: str, rooms: Mapping[str, str]) -> list[str]:
    """Templates of other rooms that one includes or extends. ``rooms``: template name → room."""
    own = room_of(path.removeprefix("src/").split("/templates/")[0].replace("/", "."))
    return [
        f"{path}: {name} is a template of {rooms[name]}"
        for name in _REFERENCE.findall(_COMMENTS.sub(_blank, text))
        if name not in SHARED and rooms.get(name, own) not in (own, "core")
    ]
