"""The room of drafts: a reply meets a working copy, and no word of a person's is lost.

`split` parts a text into Markdown blocks, `units` into sentences and the like, whose words `unit_key` gives; `merge` is the law of three texts; `carry_over` keeps a person's words out of
the AI's ancestor; `land` puts the result where the working copy is, `remove` and `move` take a text from where it lies,
and `sweep` and `mend` mend what a crash or a save left over.
"""

from generator.drafts.callouts import Callout as Callout
from generator.drafts.callouts import find_callouts as find_callouts
from generator.drafts.callouts import lift_callouts as lift_callouts
from generator.drafts.callouts import limit as limit
from generator.drafts.callouts import without_callouts as without_callouts
from generator.drafts.landing import conflict_line as conflict_line
from generator.drafts.landing import land as land
from generator.drafts.landing import mend as mend
from generator.drafts.landing import move as move
from generator.drafts.landing import read_copy as read_copy
from generator.drafts.landing import remove as remove
from generator.drafts.landing import sweep as sweep
from generator.drafts.landing import take_out as take_out
from generator.drafts.landing import wait_copy as wait_copy
from generator.drafts.landing import wants_sweep as wants_sweep
from generator.drafts.markdown.blocks import split as split
from generator.drafts.markdown.options import join_options as join_options
from generator.drafts.markdown.options import parse_options as parse_options
from generator.drafts.markdown.sentences import unit_key as unit_key
from generator.drafts.merge import carry_over as carry_over
from generator.drafts.merge import human_pieces as human_pieces
from generator.drafts.merge import merge as merge
from generator.drafts.merge import units as units
from generator.drafts.offers import Places as Places
from generator.drafts.offers import take_over as take_over

__all__ = [
    "Callout",
    "Places",
    "carry_over",
    "conflict_line",
    "find_callouts",
    "human_pieces",
    "join_options",
    "land",
    "lift_callouts",
    "limit",
    "mend",
    "merge",
    "move",
    "parse_options",
    "read_copy",
    "remove",
    "split",
    "sweep",
    "take_out",
    "take_over",
    "unit_key",
    "units",
    "wait_copy",
    "without_callouts",
]
