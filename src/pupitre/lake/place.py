"""Where the lake lies and how much it may take: the settings, as the lake reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

CATALOGUE_SCHEMA = "lake"  # of the catalogue's tables in PostgreSQL


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """How to reach S3-compatible storage. Empty fields are left to the engine's defaults."""

    key_id: str = ""
    secret: str = ""
    region: str = ""
    endpoint: str = ""  # https://host:port, for stores other than Amazon's


@dataclass(frozen=True, slots=True)
class Place:
    """One lake."""

    folder: Path  # for the catalogue, the lock and what spills; on this machine
    catalogue: str = ""  # postgresql://…; empty: a SQLite file in the folder
    data: str = ""  # s3://… or a path; empty: data/ in the folder
    store: ObjectStore = ObjectStore()
    memory_mb: int = 1024
    spill_mb: int = 8192
    keep_days: int = 30

    @property
    def catalogue_file(self) -> Path:
        return self.folder / "catalogue.sqlite"

    @property
    def on_postgres(self) -> bool:
        return bool(self.catalogue)

    @property
    def catalogue_tables(self) -> str:
        """Where SQL finds the catalogue's own tables, once the lake is attached."""
        return f"__ducklake_metadata_lake.{CATALOGUE_SCHEMA if self.on_postgres else 'main'}"

    @property
    def data_path(self) -> str:
        path = self.data or str(self.folder / "data")
        return path.rstrip("/") + "/"

    @property
    def data_folder(self) -> Path | None:
        """Where the Parquet files are, if they are on this machine."""
        return None if "://" in self.data else Path(self.data_path)

    @property
    def spill_folder(self) -> Path:
        return self.folder / "spill"


def here() -> Place:
    """The lake of this Pupitre."""
    env = settings.ENV
    return Place(
        folder=Path(settings.DATA_DIR) / "lake",
        catalogue=env.lake_catalogue.get_secret_value(),
        data=env.lake_data,
        store=ObjectStore(
            key_id=env.lake_s3_key_id,
            secret=env.lake_s3_secret.get_secret_value(),
            region=env.lake_s3_region,
            endpoint=env.lake_s3_endpoint,
        ),
        memory_mb=env.lake_memory_mb,
        spill_mb=env.lake_spill_mb,
        keep_days=env.lake_keep_days,
    )
