"""What lands in the lake: its shape, its JSON, its amounts, its funnels."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pupitre.flow.collect import stamping
from pupitre.flow.collect.simulation import rows, writing
from pupitre.flow.collect.simulation.block import Block
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.lake.contracts import EVENT_NAMES, EVENT_SCHEMA

SECRETS = ("caused_by", "purchase_rate", "dropout", "expected_", "household", "order_lift")


def test_rows_have_the_shape_of_the_lake(first: Block) -> None:
    table = writing.plain(first.table)
    table.validate(full=True)
    assert table.schema == EVENT_SCHEMA
    for field in EVENT_SCHEMA:
        if not field.nullable:
            assert table[field.name].null_count == 0, field.name


@pytest.mark.parametrize("column", ["properties", "traits", "context", "extra"])
def test_json_columns_hold_json_objects(first: Block, column: str) -> None:
    texts = pc.unique(first.table[column]).to_pylist()
    assert all(isinstance(json.loads(text), dict) for text in texts)
    assert column == "extra" or len(texts) > 10


def test_free_text_is_there_with_everything_that_json_escapes(first: Block) -> None:
    opened = first.table.filter(pc.equal(first.table["name"], "Case Opened"))
    said = [json.loads(text) for text in opened["properties"].to_pylist()]
    assert {one["topic"] for one in said} >= {"delivery", "defect", "privacy", "praise"}
    assert any('"' in one["text"] for one in said)
    assert any("\n" in one["text"] for one in said)
    assert any("order_id" in one for one in said)
    assert any("order_id" not in one for one in said)


def test_amounts_are_those_that_the_collector_would_read(first: Block) -> None:
    table = first.table
    amounts, currencies = stamping.money(table["type"].to_pylist(), table["properties"].to_pylist())
    assert table["amount"].combine_chunks().equals(amounts)
    assert table["currency"].to_pylist() == currencies
    assert pc.sum(table["amount"]).as_py() > 0


def test_an_order_is_the_sum_of_its_lines(first: Block) -> None:
    orders = first.table.filter(pc.equal(first.table["name"], rows.ORDER))
    assert orders.num_rows > 1_000
    for text, amount in zip(
        orders["properties"].to_pylist(), orders["amount"].to_pylist(), strict=True
    ):
        said = json.loads(text)
        lines = sum(round(one["price"] * 100) * one["quantity"] for one in said["products"])
        assert lines == round(said["total"] * 100) == round(amount * 100)


def test_everything_that_was_asked_for_is_there(first: Block) -> None:
    table = first.table
    assert set(pc.unique(table["source"]).to_pylist()) == set(rows.SOURCES)
    assert set(pc.unique(table["type"]).to_pylist()) == {
        "track", "identify", "page", "screen", "alias", "group",
    }  # fmt: skip
    channels = set(pc.unique(table["channel"]).to_pylist())
    assert channels == {"web", "app", "store", "service", "email", "sms", "social"}
    many = Counter(table["name"].to_pylist())
    for name in (
        "Order Completed", "Order Refunded", "Product Viewed", "Checkout Started", "Case Opened",
        "Case Closed", "Email Sent", "Email Opened", "Email Link Clicked", "Email Bounced",
        "Unsubscribed", "SMS Sent", "Brand Mentioned", "Consent Given", "Consent Refused",
        "Consent Withdrawn", "Stock Checked", "Signed Up",
    ):  # fmt: skip
        assert many[name] > 10, name


def test_the_four_times_agree(first: Block) -> None:
    original, sent, received, corrected = (
        first.table[f"{name}_at"].cast(pa.int64()).to_numpy()
        for name in ("original", "sent", "received", "corrected")
    )
    assert (corrected == received - (sent - original)).all()
    assert (sent >= original).all()
    # Wrong clocks and late applications exist; the corrected time is right all the same.
    assert (np.abs(original - corrected) > 60_000_000).mean() > 0.005
    assert (received - corrected > 3_600_000_000).sum() > 10
    truth = first.laid.events.at
    assert (corrected - truth < 1_000_000).all()
    assert (corrected >= truth).all()


def test_nothing_lies_outside_the_simulated_time(company: Scenario, first: Block) -> None:
    at = first.table["corrected_at"]
    assert pc.min(at).as_py() >= datetime.combine(company.first, datetime.min.time())
    assert pc.max(at).as_py() < datetime.combine(company.until, datetime.min.time())


def test_months_are_sorted_for_one_identitys_timeline(first: Block) -> None:
    began = 0
    for month, count in first.laid.months:
        part = first.table.slice(began, count)
        began += count
        assert set(pc.unique(pc.strftime(part["corrected_at"], "%Y-%m")).to_pylist()) == {month}
        identities = part["identity"].to_pylist()
        assert all(a <= b for a, b in pairwise(identities))
    assert began == first.table.num_rows


def test_paid_visits_are_whole_funnels(first: Block) -> None:
    """Seen, put in the cart, checked out, paid: in this order, on one device."""
    table = first.table.select(["anonymous_id", "name", "corrected_at", "source"])
    web = table.filter(
        pc.and_(
            pc.is_in(table["source"], pa.array(["web-shop", "app"])),
            pc.is_in(
                table["name"],
                pa.array(["Product Viewed", "Product Added", "Checkout Started", rows.ORDER]),
            ),
        )
    ).sort_by([("anonymous_id", "ascending"), ("corrected_at", "ascending")])
    names, anons = web["name"].to_pylist(), web["anonymous_id"].to_pylist()
    paid = [n for n, name in enumerate(names) if name == rows.ORDER]
    assert len(paid) > 1_000
    whole = sum(
        names[n - 1] == "Checkout Started"
        and names[n - 2] == "Product Added"
        and anons[n - 3] == anons[n]
        for n in paid
    )
    # Two windows of one browser may be open at once, now and then.
    assert whole / len(paid) > 0.95
    assert names.count("Checkout Started") > len(paid) * 1.2


def test_truth_is_not_among_the_events(first: Block) -> None:
    for column in ("properties", "traits", "context", "extra"):
        texts = " ".join(pc.unique(first.table[column]).to_pylist())
        for word in SECRETS:
            assert word not in texts
    assert first.table.column_names == list(EVENT_NAMES)
