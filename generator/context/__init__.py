"""Trusted files become passages: sources that may be cited, and the brand's voice that goes into every prompt.

Promises: a passage has an id that hangs on its file's name and its place in it, and the lines where it stands; nothing
outside the workspace is read; whatever cannot be read is told, all of it at once. Will not do: fetch, call a model, or
judge what a source says.
"""

from generator.context.files import EXPLANATIONS as EXPLANATIONS
from generator.context.files import input_paths as input_paths
from generator.context.files import read_context as read_context
from generator.context.files import read_passages as read_passages
from generator.context.ranking import estimate_tokens as estimate_tokens
from generator.context.ranking import pack as pack

__all__ = ["EXPLANATIONS", "estimate_tokens", "input_paths", "pack", "read_context", "read_passages"]
