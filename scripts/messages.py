"""`make messages`: collect what is to be translated into each room's locale/.

Sorted by what is said, without line numbers and without what the code no longer says, so that a
change of a string is a change of its lines and no others. Further arguments are catalogues whose
translations fill what is empty here: `python -m scripts.messages more.po`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

LANGUAGE = "fr"  # English is what the code says
PACKAGE = Path(__file__).resolve().parent.parent / "src" / "pupitre"
HEADER = "# French of Pupitre. SPDX-License-Identifier: Apache-2.0"
PLURAL = "nplurals=2; plural=(n > 1);"


def homes(package: Path) -> list[Path]:
    """Folders that keep translations of their own: the package, and each room with an apps.py."""
    return [package, *sorted(path.parent for path in package.rglob("apps.py"))]


def collect(package: Path) -> dict[Path, Path]:
    """Run makemessages over a package, in place; home → its catalogue, where it has one."""
    for home in homes(package):
        (home / "locale" / LANGUAGE / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "django", "makemessages", "--locale", LANGUAGE]
    command += ["--no-obsolete", "--no-wrap", "--add-location=never"]
    command += ["--extension=html,txt,py,svg", "--ignore=*/tests/*", "--ignore=migrations"]
    subprocess.run(  # noqa: S603
        command,
        cwd=package,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    found = {}
    for home in homes(package):
        path = home / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
        if path.exists():
            found[home] = path
    return found


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def write(path: Path, catalogue: Catalog) -> None:
    """Sorted, unwrapped, with a header that does not change from day to day."""
    tidy = Catalog(locale=LANGUAGE, header_comment=HEADER, charset="utf-8")
    for message in sorted((m for m in catalogue if m.id), key=_order):
        tidy.add(
            message.id,
            message.string,
            context=message.context,
            flags=message.flags,
            auto_comments=message.auto_comments,
            user_comments=message.user_comments,
        )
    text = BytesIO()
    write_po(text, tidy, width=0, omit_header=True)
    head = f'{HEADER}\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    head += f'"Content-Transfer-Encoding: 8bit\\n"\n"Language: {LANGUAGE}\\n"\n'
    head += f'"Plural-Forms: {PLURAL}\\n"\n\n'
    path.write_text(head + text.getvalue().decode().strip() + "\n", encoding="utf-8")


def _order(message: Message) -> tuple[str, str]:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return text, message.context or ""


def fill(catalogue: Catalog, more: Iterable[Catalog]) -> int:
    """Put in the translations that others have for what is empty here; how many.

    A guess by resemblance («fuzzy») is worth nothing to a reader: it counts as empty.
    """
    filled = 0
    others = list(more)
    for message in catalogue:
        if not message.id:
            continue
        if message.fuzzy:
            message.flags.discard("fuzzy")
            message.string = ("", "") if message.pluralizable else ""
        if is_translated(message):
            continue
        for other in others:
            theirs = other.get(_key(message), message.context)
            # The same singular with another plural, or with none, is another message.
            if theirs is not None and theirs.id == message.id and is_translated(theirs):
                message.string = theirs.string
                filled += 1
                break
    return filled


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def is_translated(message: Message) -> bool:
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return bool(strings) and all(strings)


def main(arguments: list[str]) -> int:
    more = [read(Path(name)) for name in arguments]
    missing = 0
    for home, path in collect(PACKAGE).items():
        catalogue = read(path)
        filled = fill(catalogue, more)
        write(path, catalogue)
        empty = [m for m in catalogue if m.id and not is_translated(m)]
        missing += len(empty)
        name = home.relative_to(PACKAGE.parent)
        sys.stdout.write(
            f"{name}: {len(catalogue)} said, {filled} filled, {len(empty)} to translate\n"
        )
        for message in empty:
            sys.stdout.write(f"  {_key(message)!r}\n")
    for home in homes(PACKAGE):
        folder = home / "locale" / LANGUAGE / "LC_MESSAGES"
        if folder.exists() and not any(folder.iterdir()):
            os.removedirs(folder)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
