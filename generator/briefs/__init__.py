"""Briefs: Markdown with front matter becomes a Brief, a Brief becomes a Plan.

Front matter, workflows and `copydesk.yml` are read here, typed text into typed values, and everything that is wrong is
told at once, at its line and column, with a mend. This room reads what people wrote and changes nothing.
"""

from generator.briefs import delivery, graph, library, located, reading
from generator.briefs.graph import plan_for, workflow_steps
from generator.briefs.library import Library, read_library
from generator.briefs.reading import brief_names, check, name_problem, parse_brief, read
from generator.briefs.writing import adopted_text, brief_text, fix_brief, rename_in_brief, wanted_inputs

EXPLANATIONS: dict[str, str] = {
    **located.EXPLANATIONS, **reading.EXPLANATIONS, **graph.EXPLANATIONS, **delivery.EXPLANATIONS,
    **library.EXPLANATIONS,
}  # fmt: skip

__all__ = [
    "EXPLANATIONS", "Library", "adopted_text", "brief_names", "brief_text", "check", "fix_brief",
    "name_problem", "parse_brief", "plan_for", "read", "read_library", "rename_in_brief", "wanted_inputs",
    "workflow_steps",
]  # fmt: skip
