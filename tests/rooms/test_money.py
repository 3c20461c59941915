"""Dollars as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from generator.money import dollars


@pytest.mark.parametrize(
    ("usd", "told"),
    [
        ("0", "$0.00"), ("0.5", "$0.50"), ("0.0120", "$0.012"), ("12", "$12.00"), ("3.10", "$3.10"), ("1E+3", "$1,000.00"),
        ("0.01234567", "$0.0123"), ("0.00005001", "$0.0001"), ("0.0000213", "$0.00002"), ("0E-9", "$0.00"), ("0.99996", "$1.00"),
    ],
)  # fmt: skip
def test_dollars_are_told_with_two_to_four_decimals(usd: str, told: str) -> None:
    assert dollars(usd) == dollars(Decimal(usd)) == told
