"""How rare a value is: sharing "Ouedraogo" says more than sharing "Martin" (Winkler, 2000)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HALF = 0.5  # of an unseen bearer: Krichevsky and Trofimov, 1981


def borne_by_others(records: pa.Table, columns: Iterable[str]) -> dict[str, pa.Table]:
    """For each column a table of its values and `tf_<column>`: the share of *other* people, beside
    the two who are compared, that bear the value.

    The two are left out because, where they are one person, that person's value would be counted
    as its own coincidence: in a small file a number that only they have would look common.
    """
    return {column: _shares(records[column], column) for column in columns}


def _shares(values: pa.ChunkedArray, column: str) -> pa.Table:
    counted = pc.value_counts(values.drop_null())
    each, bearers = counted.field("values"), counted.field("counts")
    borne = np.asarray(bearers, dtype=np.float64)
    people = max(float(borne.sum()), 1.0)
    shares = np.minimum((np.maximum(borne - 2, 0) + HALF) / people, 1.0)
    return pa.table({column: each, f"tf_{column}": shares, "bearers": bearers})


def same_by_chance(shares: pa.Table, column: str) -> float:
    """The probability that two different people bear the same value of the column."""
    borne = shares["bearers"].to_numpy().astype(np.float64)
    return float((borne / borne.sum() * shares[f"tf_{column}"].to_numpy()).sum())


def with_shares(records: pa.Table, shares: Mapping[str, pa.Table]) -> pa.Table:
    """The records with a `tf_<column>` beside each column; null for values that nobody bears."""
    for column, table in shares.items():
        at = pc.index_in(records[column], value_set=table[column], skip_nulls=True)
        records = records.append_column(f"tf_{column}", table[f"tf_{column}"].take(at))
    return records
