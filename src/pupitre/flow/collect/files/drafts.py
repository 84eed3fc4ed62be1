"""A file that somebody sent, before they have said how it is to be read."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from pupitre.flow.collect.files.records import folder, stored_path

_TOKEN = re.compile(r"[0-9a-f]{32}")
FILE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Draft:
    token: str
    file: str  # its name, as people know it
    source: str
    digest: str
    member_id: int  # who sent it: nobody else sees it

    @property
    def path(self) -> Path:
        return stored_path(self.token)


def keep(*, parts: Iterable[bytes], file: str, source: str, member_id: int) -> Draft:
    """Write an upload down as it comes."""
    token = secrets.token_hex(16)
    path = stored_path(token)
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.mkdir(mode=0o700)
    digest = hashlib.sha256()
    with path.open("wb") as kept:
        path.chmod(0o600)
        for part in parts:
            digest.update(part)
            kept.write(part)
    name = PurePath(file.replace("\\", "/")).name[-FILE_CHARACTERS:] or "file"
    draft = Draft(token, name, source, digest.hexdigest(), member_id)
    told = {"file": name, "source": source, "digest": draft.digest, "member_id": member_id}
    (path.parent / "draft.json").write_text(json.dumps(told), encoding="utf-8")
    return draft


def find(*, token: str, member_id: int) -> Draft | None:
    if not _TOKEN.fullmatch(token) or not stored_path(token).is_file():
        return None
    try:
        text = (stored_path(token).parent / "draft.json").read_text(encoding="utf-8")
    except OSError:
        return None
    draft = Draft(token=token, **json.loads(text))
    return draft if draft.member_id == member_id else None
