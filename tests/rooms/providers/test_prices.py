"""What calls cost."""

from decimal import Decimal

import pytest

from generator.model import Message, Model, Reply, Request
from generator.providers.prices import Price
from generator.providers.vendors.saying import input_bytes

OWN = (("input", Decimal(2)), ("output", Decimal(10)), ("cached-input", Decimal("0.5")))


def model(provider: str = "openai", name: str = "gpt-5-mini", **more: object) -> Model:
    return Model(name="m", provider=provider, model=name, **more)  # type: ignore[arg-type]


def request(text: str, tokens: int = 100) -> Request:
    message = Message(role="user", text=text)
    return Request(
        brief="b",
        step="s",
        uses="u",
        chain=(model(),),
        messages=(message,),
        parts=(),
        config=(("max-tokens", str(tokens)),),
    )


def test_the_list_and_the_config() -> None:
    listed, own = Price(model()), Price(model(price=OWN))
    assert listed.version.startswith("genai-prices ")
    assert own.version == "copydesk.yml"
    assert listed.usd(input_tokens=1_000_000, output_tokens=0) > 0
    assert own.usd(input_tokens=1_000_000, output_tokens=1_000_000, cached_tokens=400_000) == Decimal("11.4")
    assert str(own.usd(input_tokens=5, output_tokens=0)) == "0.00001"


def test_what_nobody_prices_costs_nothing_and_is_not_known() -> None:
    local = Price(model(name="llama3.2", base_url="http://localhost:11434/v1"))
    assert (local.known, local.version, local.usd(input_tokens=9, output_tokens=9)) == (False, "", Decimal(0))
    unheard = Price(model(name="unheard-of"))
    assert not unheard.known
    offline = Price(model(provider="offline", name="skeleton"))
    assert offline.known
    assert offline.version == ""
    free = Price(model(base_url="http://localhost/v1", price=(("input", Decimal(0)), ("output", Decimal(0)))))
    assert free.known


def test_a_reply_is_priced_by_its_tokens_and_writing_to_a_cache_is_dearer() -> None:
    own = Price(model(provider="anthropic", name="claude-sonnet-4-5", price=OWN[:2]))
    reply = Reply(
        text="",
        provider="anthropic",
        model="x",
        input_tokens=1_000,
        output_tokens=10,
        cached_tokens=300,
        written_tokens=400,
    )
    assert own.cost(reply) == (Decimal(300) * 2 + 300 * 2 + 400 * Decimal("2.5") + 10 * 10) / 1_000_000


@pytest.mark.parametrize("text", ["short", "x" * 5_000, "čeština 中文 🙂 " * 200])
@pytest.mark.parametrize(
    "price",
    [
        Price(model()),
        Price(model(name="gpt-5.6")),
        Price(model(provider="anthropic", name="claude-sonnet-4-5")),
        Price(model(price=OWN)),
    ],
)
def test_what_is_reserved_is_never_less_than_the_price(price: Price, text: str) -> None:
    size = len(text.encode())
    most = price.most(request(text, tokens=700))
    for written in (0, size):
        worst = Reply(
            text="",
            provider="p",
            model="m",
            input_tokens=size,
            output_tokens=700,
            written_tokens=written,
        )
        assert price.cost(worst) <= most


@pytest.mark.parametrize("way", [{}, {"written_tokens": 1}, {"cached_tokens": 1}])
@pytest.mark.parametrize(
    ("base_url", "name"),
    [("https://openrouter.ai/api/v1", "google/gemini-3-flash-preview"), ("", "gpt-5-mini"), ("", "gpt-5.6")],
)
def test_no_way_to_count_the_input_is_dearer_than_what_is_reserved(
    base_url: str, name: str, way: dict[str, int]
) -> None:
    price, asked = Price(model(name=name, base_url=base_url)), request("word " * 2_000)
    size = input_bytes(asked)
    assert price.known
    spread = dict.fromkeys(way, size)
    assert price.usd(input_tokens=size, output_tokens=100, **spread) <= price.most(asked)
