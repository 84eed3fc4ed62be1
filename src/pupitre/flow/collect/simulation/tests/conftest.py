"""One company, made once, for the tests that only look at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pupitre.flow.collect.simulation import block, truth
from pupitre.flow.collect.simulation.block import Block
from pupitre.flow.collect.simulation.contracts import BLOCK_PEOPLE, Scenario

# Two blocks, the second one smaller: what crosses blocks shows.
COMPANY = Scenario(people=BLOCK_PEOPLE + 1_500, months=12, seed=11)


@pytest.fixture(scope="session")
def company() -> Scenario:
    return COMPANY


@pytest.fixture(scope="session")
def blocks() -> tuple[Block, ...]:
    return tuple(block.make(COMPANY, number) for number in range(COMPANY.blocks))


@pytest.fixture(scope="session")
def first(blocks: tuple[Block, ...]) -> Block:
    return blocks[0]


@pytest.fixture(scope="session")
def true(first: Block) -> Mapping[str, Any]:
    return truth.of_block(COMPANY, first)
