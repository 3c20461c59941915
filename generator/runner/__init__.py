"""Plan to results: what to redo and why, and in what order.

Promises: a step runs after all it needs; a failure stops only what depends on it; reasons are computed from parts.
Will not do: ask, land or remember: it is handed a `make`.
"""

from generator.runner.decision import Decision, decide, differences
from generator.runner.schedule import GOES_ON, run, run_each

__all__ = ["GOES_ON", "Decision", "decide", "differences", "run", "run_each"]
