"""A provider that answers from a function: the fake that ships, for tests and for trying out a workspace.

Promises: it records every question in the order asked, so that "nothing was asked" can be asserted; what the function
raises reaches the caller. Will not do: wait, fail on its own, or reach anything.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.model import Model, Reply, Request


class Scripted:
    """An Ask that answers by `function(request, model)`, which returns a Reply or only its text."""

    def __init__(self, function: Callable[[Request, Model], str | Reply]) -> None:
        self._function = function
        self._requests: list[tuple[Request, Model]] = []

    async def __call__(self, request: Request, model: Model) -> Reply:
        """Record the question and return the function's answer."""
        self._requests.append((request, model))
        answer = self._function(request, model)
        if isinstance(answer, Reply):
            return answer
        return Reply(text=answer, provider=model.provider, model=model.model)

    @property
    def asked(self) -> tuple[str, ...]:
        """What was asked, as `brief/step`, in order."""
        return tuple(f"{request.brief}/{request.step}" for request, _ in self._requests)

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests themselves, in order."""
        return tuple(request for request, _ in self._requests)
