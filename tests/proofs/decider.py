"""A person's decision in a process of its own that can be killed at the nth call to its disk.

Run as `python decider.py ROOT VERB WORD.. [--die-at N]`: choose (an address and numbers), send-back (an address and a
note), accept (ids).
"""

import argparse
from pathlib import Path

from generator import app, disk
from tests.proofs.builder import Dying


def main() -> None:
    """Decide once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("verb")
    parser.add_argument("words", nargs="+")
    parser.add_argument("--die-at", type=int, default=0)
    chosen = parser.parse_args()
    first, *rest = chosen.words
    with disk.using(Dying(chosen.die_at)):
        if chosen.verb == "choose":
            app.choose(chosen.root, first, [int(each) for each in rest], by="Ada")
        elif chosen.verb == "send-back":
            app.send_back(chosen.root, first, note=rest[0], by="Ada")
        else:
            app.accept(chosen.root, chosen.words, by="Ada")


if __name__ == "__main__":
    main()
