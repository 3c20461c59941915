"""What may be spent: every call reserves the most it can cost before it is made, and gives back what it did not.

Promises: spent and reserved together never pass a cap, however many calls are in flight; a call that does not fit waits
for those in flight, and is refused only when none is left that could give something back. Will not do: reckon a price,
or remember (it begins with what memory says was spent).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from generator.errors import BudgetError
from generator.money import dollars

SHOWN = Decimal("0.0001")
"""What dollars are shown to: an amount that is to suffice is rounded up to it."""


@dataclass(kw_only=True)
class Cap:
    """A limit in dollars: `name` as people typed it, what was `spent`, and what is `held` by calls in flight."""

    name: str
    limit: Decimal
    spent: Decimal = Decimal(0)
    held: Decimal = Decimal(0)

    @property
    def left(self) -> Decimal:
        """Return the dollars that nobody has spent or reserved."""
        return self.limit - self.spent - self.held


@dataclass(kw_only=True)
class Hold:
    """What is reserved for one call. Settle it with what the call cost; unsettled, it gives all back."""

    usd: Decimal
    cost: Decimal = Decimal(0)


@dataclass(kw_only=True)
class Budget:
    """The caps of a build: those of the run and the day, and those of briefs, asked for when a brief is first met.

    `today` says the day; when it ends, what was spent on it no longer counts for the cap of the day.
    """

    run: tuple[Cap, ...] = ()
    day: Cap | None = None
    brief: Callable[[str], Cap | None] = lambda _: None
    today: Callable[[], str] = lambda: ""
    spent: Decimal = Decimal(0)
    _briefs: dict[str, Cap | None] = field(default_factory=dict)
    _date: str = ""
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def caps(self, brief: str) -> tuple[Cap, ...]:
        """Return the caps that hold for a call of a brief."""
        if brief not in self._briefs:
            self._briefs[brief] = self.brief(brief)
        if self.day is not None and self.today() != self._date:
            self.day.spent = self.day.spent if not self._date else Decimal(0)
            self._date = self.today()
        own = self._briefs[brief]
        return (*self.run, *((self.day,) if self.day else ()), *((own,) if own else ()))

    def reserve(self, brief: str, usd: Decimal) -> Hold | asyncio.Future[None]:
        """Reserve dollars. If they do not fit yet, return what is done when some were given back: then ask again.

        BudgetError, which names the cap, if nothing in flight can change that they do not fit.
        """
        tight = [cap for cap in self.caps(brief) if cap.left < usd]
        if tight:
            stuck = next((cap for cap in tight if not cap.held), None)
            if stuck is not None:
                raise over(stuck, usd, need=usd if self.is_anew(stuck) else stuck.spent + usd)
            self._waiting.append(asyncio.get_running_loop().create_future())
            return self._waiting[-1]
        for cap in self.caps(brief):
            cap.held += usd
        return Hold(usd=usd)

    def is_anew(self, cap: Cap) -> bool:
        """Whether a cap begins at nothing with each build."""
        return any(cap is each for each in self.run)

    def settle(self, brief: str, hold: Hold) -> None:
        """Give back what a call did not cost, and let those look again who wait."""
        for cap in self.caps(brief):
            cap.held -= hold.usd
            cap.spent += hold.cost
        self.spent += hold.cost
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)


def over(cap: Cap, usd: Decimal, *, need: Decimal) -> BudgetError:
    """Return the error of a call that does not fit. `need` is the least the cap must be: if it is that, build again.

    What is told to be spent is what was by then: calls that fit may be made after it.
    """
    spent = f"with {dollars(cap.spent)} of it spent by then" if cap.spent else "nothing of it is spent"
    what = f"{cap.name} is {dollars(cap.limit)}, {spent}, and a call is only made if the {dollars(usd)} that it may cost fit"
    least = dollars(need.quantize(SHOWN, ROUND_CEILING))
    again = "Build again, and it goes on from here, for each build counts from nothing; or raise it"
    mend = again if need <= cap.limit else f"Raise it to {least} at least"
    return BudgetError(
        what, mend=f"{mend}, or let replies be shorter (config: {{max-tokens: …}}); what is left: copydesk plan"
    )


__all__ = ["Budget", "Cap", "Hold", "over"]
