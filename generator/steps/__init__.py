"""What each kind of step asks: prompts, and a brief, its sources and its upstream texts filled into them.

Promises: what is filled in is data, it starts no role, closes no fence and is never read as a template; only what a
prompt uses becomes a part of its request; the same inputs give the same request on any machine. Will not do: ask a
model, read sources, or decide when a step is made again.
"""

from generator.steps.citing import finish as finish
from generator.steps.citing import unknown_citations as unknown_citations
from generator.steps.composing import compose as compose
from generator.steps.files import EXPLANATIONS as EXPLANATIONS
from generator.steps.files import Prompt as Prompt
from generator.steps.files import Prompts as Prompts
from generator.steps.files import built_in as built_in
from generator.steps.files import built_in_names as built_in_names
from generator.steps.files import check_prompts as check_prompts
from generator.steps.files import ejected_text as ejected_text
from generator.steps.files import read_prompts as read_prompts
from generator.steps.files import text_of as text_of
from generator.steps.helping import fill_slots as fill_slots
from generator.steps.helping import help_for as help_for
from generator.steps.helping import mark_slot as mark_slot
from generator.steps.helping import slots_in as slots_in
from generator.steps.helping import words_of as words_of
from generator.steps.rendering import rendered as rendered
from generator.steps.rendering import repair_of as repair_of

__all__ = [
    "EXPLANATIONS",
    "Prompt",
    "Prompts",
    "built_in",
    "built_in_names",
    "check_prompts",
    "compose",
    "ejected_text",
    "fill_slots",
    "finish",
    "help_for",
    "mark_slot",
    "read_prompts",
    "rendered",
    "repair_of",
    "slots_in",
    "text_of",
    "unknown_citations",
    "words_of",
]
