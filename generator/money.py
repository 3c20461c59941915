"""Dollars as people read them; everything else keeps them exact.

Promises: two decimals at least, four at most, and what is less than all of these still shows its first digit. Will not
do: reckon.
"""

from __future__ import annotations

from decimal import Decimal


def dollars(usd: Decimal | str) -> str:
    """Return an amount like $0.50, $0.0123 or, where it is tiny, $0.00002. `usd` is dollars."""
    exact = Decimal(usd)
    near = exact.quantize(Decimal("0.0001"))
    if exact and not near:
        near = Decimal(f"{exact:.0e}")
    whole, _, decimals = f"{near:f}".partition(".")
    return f"${int(whole):,}.{decimals.rstrip('0'):0<2}"
