"""From the bytes of a body to text that every engine can keep: expanded, bounded, mended."""

from __future__ import annotations

import re
import zlib

import msgspec

from pupitre.flow.collect.receiving.limits import MAX_BODY_BYTES

GZIP = 16 + zlib.MAX_WBITS
_BOM = b"\xef\xbb\xbf"
# Escapes that JSON allows and engines do not: NUL, and half of a surrogate pair. The first pattern
# finds whether there may be any, fast; the second walks all escapes, so that "\\\\u0000", which is
# a backslash before a word, stays what it is.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair
    rb"|u(?P<bad>0000|[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
REPLACEMENT = "�"


class Bomb(ValueError):
    """It expands beyond the bound."""


class Broken(ValueError):
    """It cannot be expanded."""


class Unpacked(msgspec.Struct, frozen=True, gc=False):
    body: bytes
    mended: bool


def expand(body: bytes, encoding: str) -> bytes:
    """Undo a content encoding, bounded. Raises Bomb or Broken."""
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise Broken(f"content-encoding {encoding[:40]!r} is not read; gzip is")
    parts: list[bytes] = []
    left, rest = MAX_BODY_BYTES, body
    while rest:
        member = zlib.decompressobj(GZIP)
        try:
            part = member.decompress(rest, left + 1)
        except zlib.error as error:
            raise Broken(f"gzip: {error}") from None
        left -= len(part)
        if left < 0:
            raise Bomb
        if not member.eof:
            raise Broken("gzip: it ends too soon")
        parts.append(part)
        rest = member.unused_data
    return parts[0] if len(parts) == 1 else b"".join(parts)


def mend(body: bytes) -> Unpacked:
    """UTF-8 without NUL or lone surrogates; what was either is U+FFFD now."""
    if body.startswith(_BOM):
        body = body[len(_BOM) :]
    mended = False
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            body, mended = body.decode(errors="replace").encode(), True
    if _SUSPECT.search(body):
        replaced = _ESCAPE.sub(_sound, body)
        body, mended = replaced, mended or replaced != body
    return Unpacked(body, mended)


def _sound(escape: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if escape["bad"] else escape[0]
