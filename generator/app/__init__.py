"""What the program can do. Doors open here and nowhere else.

Promises: each verb of the command line is one function of this package; a verb's rooms are imported when it is first
called, so that a build with nothing to do imports next to nothing. Will not do: print, parse words, or decide by itself.
"""

from __future__ import annotations

import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.app.answers import json_of as json_of
    from generator.app.authorship import blame as blame
    from generator.app.builds import BuildOptions as BuildOptions
    from generator.app.builds import build as build
    from generator.app.callouts import withdraw_note as withdraw_note
    from generator.app.choices import choose as choose
    from generator.app.choices import choose_again as choose_again
    from generator.app.choices import options as options
    from generator.app.choices import words_chosen as words_chosen
    from generator.app.decisions import approve as approve
    from generator.app.decisions import checklist as checklist
    from generator.app.decisions import person as person
    from generator.app.decisions import retry as retry
    from generator.app.decisions import send_back as send_back
    from generator.app.decisions import withdraw as withdraw
    from generator.app.library import eject as eject
    from generator.app.library import prompt as prompt
    from generator.app.library import prompts as prompts
    from generator.app.library import workflow as workflow
    from generator.app.library import workflows as workflows
    from generator.app.looks import find_root as find_root
    from generator.app.looks import look as look
    from generator.app.looks import look_published as look_published
    from generator.app.merges import leave_marks as leave_marks
    from generator.app.merges import merge_files as merge_files
    from generator.app.merges import set_up as set_up
    from generator.app.merges import settle as settle
    from generator.app.merges import wants_driver as wants_driver
    from generator.app.merges import write_merged as write_merged
    from generator.app.offers import accept as accept
    from generator.app.offers import decline as decline
    from generator.app.offers import suggestions as suggestions
    from generator.app.publications import adopt as adopt
    from generator.app.publications import publish as publish
    from generator.app.renames import rename as rename
    from generator.app.reporting import report as report
    from generator.app.reports import history as history
    from generator.app.reports import plan as plan
    from generator.app.reports import show as show
    from generator.app.reports import status as status
    from generator.app.reports import verify as verify
    from generator.app.spending import costs as costs
    from generator.app.spending import models as models
    from generator.app.storytelling import story as story
    from generator.app.trials import pick as pick
    from generator.app.trials import trial as trial
    from generator.app.watches import watch as watch
    from generator.app.writing import answering as answering
    from generator.app.writing import check as check
    from generator.app.writing import explain as explain
    from generator.app.writing import fix as fix
    from generator.app.writing import init as init
    from generator.app.writing import new as new
    from generator.app.writing import wanted as wanted

_FAMILIES = {
    "answers": ("json_of",),
    "authorship": ("blame",),
    "builds": ("BuildOptions", "build"),
    "callouts": ("withdraw_note",),
    "choices": ("choose", "choose_again", "options", "words_chosen"),
    "decisions": ("approve", "checklist", "person", "retry", "send_back", "withdraw"),
    "renames": ("rename",),
    "library": ("eject", "prompt", "prompts", "workflow", "workflows"),
    "looks": ("find_root", "look", "look_published"),
    "merges": ("leave_marks", "merge_files", "set_up", "settle", "wants_driver", "write_merged"),
    "offers": ("accept", "decline", "suggestions"),
    "publications": ("adopt", "publish"),
    "reporting": ("report",),
    "reports": ("history", "plan", "show", "status", "verify"),
    "spending": ("costs", "models"),
    "storytelling": ("story",),
    "trials": ("pick", "trial"),
    "watches": ("watch",),
    "writing": ("answering", "check", "explain", "fix", "init", "new", "wanted"),
}
_HOMES = {verb: family for family, verbs in _FAMILIES.items() for verb in verbs}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    # What is imported lives as long as the process: looking through it for garbage would be a quarter of the time.
    gc.disable()
    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    finally:
        gc.freeze()
        gc.enable()
