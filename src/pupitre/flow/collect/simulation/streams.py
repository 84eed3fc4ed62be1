"""Chance that can be repeated: one named stream for each purpose of each block of people.

A stream depends on the seed, its name and the number of the block, never on what was drawn before
it elsewhere: any block can be made alone, by any process, and a new purpose moves no other.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
COMPANY = 2**31 - 1  # the block of what belongs to nobody in particular


def stream(seed: int, name: str, block: int = COMPANY) -> np.random.Generator:
    sequence = np.random.SeedSequence([seed, zlib.crc32(name.encode()), block])
    return np.random.Generator(np.random.PCG64(sequence))


def mixed(values: Ints, salt: int) -> npt.NDArray[np.uint64]:
    """SplitMix64: another number for each number, never twice the same (a bijection of 64 bits)."""
    with np.errstate(over="ignore"):
        z = values.astype(np.uint64) + np.uint64(salt % 2**64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))
