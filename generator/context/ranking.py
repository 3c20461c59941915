"""What fits: passages packed to a budget of tokens, those that speak of the question first.

Promises: within the budget nothing is left out and nothing moves; over it, passages are taken by rank and given back in
their own order; the same input gives the same packing on any machine. Will not do: call a model, or cut a passage.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from generator.model import Passage

FENCE_TOKENS = 24
"""What the fence around a passage costs, about."""

K1, B = 1.2, 0.75
"""BM25's usual constants (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3.4)."""

_WORD = re.compile(r"\w+")


def estimate_tokens(text: str) -> int:
    """Return about how many tokens `text` is: a quarter of its UTF-8 bytes, which errs high for English prose."""
    return math.ceil(len(text.encode()) / 4)


def pack(passages: tuple[Passage, ...], query: str, budget_tokens: int) -> tuple[Passage, ...]:
    """Return the passages that fit `budget_tokens`, in their order; by rank against `query` where not all do."""
    costs = [estimate_tokens(passage.text + passage.heading) + FENCE_TOKENS for passage in passages]
    if sum(costs) <= budget_tokens:
        return passages
    scores = _scores([f"{passage.heading} {passage.text}" for passage in passages], query)
    kept: set[int] = set()
    left = budget_tokens
    for index in sorted(range(len(passages)), key=lambda each: (-scores[each], each)):
        if costs[index] <= left:
            kept.add(index)
            left -= costs[index]
    return tuple(passage for index, passage in enumerate(passages) if index in kept)


def _scores(texts: list[str], query: str) -> list[float]:
    """BM25 of each text for the query's words, rounded so that no machine's arithmetic changes an order."""
    counts = [Counter(_WORD.findall(text.lower())) for text in texts]
    lengths = [count.total() for count in counts]
    mean = sum(lengths) / len(lengths) or 1
    scores = [0.0] * len(texts)
    for word in sorted(set(_WORD.findall(query.lower()))):
        having = sum(1 for count in counts if word in count)
        weight = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        for index, count in enumerate(counts):
            often = count[word]
            if often:
                scores[index] += weight * often * (K1 + 1) / (often + K1 * (1 - B + B * lengths[index] / mean))
    return [round(score, 6) for score in scores]
