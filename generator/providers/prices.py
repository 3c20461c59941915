"""What a call costs, in dollars: prices of the public list, overridden in copydesk.yml.

The list is that of the `genai-prices` package, as it is installed: no network. Promises: what is reserved for a call is
never less than the price of it, as long as the vendor counts no more tokens than bytes were sent; the version of the
price is told with every cost. Will not do: guess the price of a model that the list does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from importlib import import_module
from typing import Any

from generator.model import Model, Reply, Request
from generator.providers.vendors.saying import input_bytes, saying_of

MILLION = Decimal(1_000_000)
OWN = "copydesk.yml"
"""The version of a price that the config gives."""


def _list() -> Any:
    """Return the list, imported when the first model needs it: a fifth of a second."""
    return import_module("genai_prices")


def tidy(usd: Decimal) -> Decimal:
    """Return dollars without zeros that say nothing, and never in powers of ten."""
    return Decimal(f"{usd.normalize():f}")


@dataclass(frozen=True)
class Price:
    """The price of one model. Ask `usd` what a number of tokens costs."""

    model: Model

    @cached_property
    def _own(self) -> dict[str, Decimal]:
        return dict(self.model.price)

    @cached_property
    def _listed(self) -> Any:
        """The list, if it knows the model and the config does not price it; else None."""
        if self._own or self.model.provider == "offline":
            return None
        prices = _list()
        where = (
            {"provider_api_url": self.model.base_url} if self.model.base_url else {"provider_id": self.model.provider}
        )
        try:
            prices.calc_price(prices.Usage(input_tokens=1), self.model.model, **where)
        except LookupError:
            return None
        return lambda **tokens: prices.calc_price(prices.Usage(**tokens), self.model.model, **where).total_price

    @property
    def version(self) -> str:
        """Whose price it is: "genai-prices 0.2", "copydesk.yml", or "" if none is known."""
        if self._own:
            return OWN
        if self._listed is None:
            return ""
        return f"genai-prices {_list().__version__}"

    @property
    def known(self) -> bool:
        """Whether there is a price; offline always has one: nothing."""
        return self.model.provider == "offline" or bool(self.version)

    def usd(self, *, input_tokens: int, output_tokens: int, cached_tokens: int = 0, written_tokens: int = 0) -> Decimal:
        """Return dollars; 0 if no price is known. `input_tokens` include those read from and written to a cache.

        A price of the config's without `cached-input` takes the full one for what came from the cache. What is written to
        a cache costs a quarter more, with every vendor that asks money for it (docs.claude.com, prompt caching;
        genai-prices, of OpenAI's models from gpt-5.6 on).
        """
        if self._own:
            full = self._own["input"]
            more = full * Decimal("1.25")
            plain = max(0, input_tokens - cached_tokens - written_tokens)
            cost = plain * full + cached_tokens * self._own.get("cached-input", full) + written_tokens * more
            return tidy((cost + output_tokens * self._own["output"]) / MILLION)
        if self._listed is None:
            return Decimal(0)
        found: Decimal = self._listed(
            input_tokens=input_tokens, output_tokens=output_tokens, cache_read_tokens=cached_tokens,
            cache_write_tokens=written_tokens,
        )  # fmt: skip
        return tidy(found)

    def cost(self, reply: Reply) -> Decimal:
        """Return what a reply cost, by the tokens that the vendor counted."""
        return self.usd(
            input_tokens=reply.input_tokens, output_tokens=reply.output_tokens, cached_tokens=reply.cached_tokens,
            written_tokens=reply.written_tokens,
        )  # fmt: skip

    def most(self, request: Request) -> Decimal:
        """Return what is reserved for a call: its bytes as tokens, and a reply of `max-tokens`.

        Whether the input is dearest as it is, written to a cache or read from one, hangs on the vendor: the dearest counts.
        """
        size, most = input_bytes(request), saying_of(request).max_tokens
        ways: tuple[dict[str, int], ...] = ({}, {"written_tokens": size}, {"cached_tokens": size})
        return max(self.usd(input_tokens=size, output_tokens=most, **way) for way in ways)
