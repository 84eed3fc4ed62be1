"""What the doctor and /health look at."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from pupitre.core.contributions import Unhealthy
from pupitre.lake import reading
from pupitre.lake.connect import quoted
from pupitre.lake.contracts import LakeError, Sql
from pupitre.lake.place import Place, here
from pupitre.lake.upkeep import SMALL_BYTES

FREE_BYTES = 1_000_000_000
SMALL_FILES = 5_000  # fifty times what upkeep lets come together
_LOOK = Sql(
    "look at the catalogue",
    "SELECT (SELECT id FROM ducklake_current_snapshot('lake')), count(*), "
    f"count(*) FILTER (WHERE file_size_bytes < {SMALL_BYTES}) "
    "FROM {catalogue}.ducklake_data_file WHERE end_snapshot IS NULL",
)


def catalogue() -> str:
    place = here()
    try:
        [(snapshot, files, small)] = reading.look(place, _LOOK)
    except LakeError as error:
        raise Unhealthy(
            error.why.splitlines()[0],
            "Start the database of PUPITRE_LAKE_CATALOGUE, or correct it."
            if place.on_postgres
            else f"Let the user that runs Pupitre read and write {place.folder}.",
        ) from error
    if small > SMALL_FILES:
        raise Unhealthy(f"{small} small files", "pupitre lake upkeep; and see that a worker runs")
    where = "PostgreSQL" if place.on_postgres else str(place.catalogue_file)
    return f"{where}: snapshot {snapshot}, {files} files"


def storage() -> str:
    """Events can be written, and there is room for them."""
    place = here()
    if place.data_folder is None:
        return _object_storage(place)
    seen = [_room(place.data_folder)]
    if place.data_folder.parent != place.folder:
        seen.append(_room(place.folder))
    return "; ".join(seen)


def _room(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".look-") as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise Unhealthy(
            f"{folder}: {error.strerror or error}", "Let the user that runs Pupitre write there."
        ) from error
    if free < FREE_BYTES:
        raise Unhealthy(
            f"{folder}: {free / 1e9:.1f} GB free, less than {FREE_BYTES / 1e9:.0f} GB",
            "Make room: no event is taken in on a full disk.",
        )
    return f"{folder}, {free / 1e9:.0f} GB free"


def _object_storage(place: Place) -> str:
    nothing = quoted(f"{place.data_path}.look*")  # asked for by a listing, which is short
    try:
        reading.look(place, Sql("look at the store", f"SELECT count(*) FROM glob({nothing})"))
    except LakeError as error:
        raise Unhealthy(
            error.why.splitlines()[0], "Check PUPITRE_LAKE_DATA and PUPITRE_LAKE_S3_…."
        ) from error
    return f"{place.data_path} answers"
