"""Whether a step is made again, how, and why.

Promises: the answer hangs on the recipe, what history says was made, and whether a working copy is there; never on a
clock. A reason is the difference between two lists of parts. Will not do: read or write anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from generator.model import Event, Part, Request

SETTINGS = frozenset({"prompt", "builtin", "model", "setting"})
"""Kinds of part whose change asks for a new text; a change of any other asks for an update."""

COUNTED = {"passage": "{} of its sources", "finding": "{} of its checks"}
"""Kinds of part that are counted, not named: there are many of them."""

WORDS = {
    "brief": "the brief's {}", "fact": "the fact {}", "with": "the setting {}", "upstream": "the text of {}", "slot": "what is placed of {}",
    "context": "the context file {}", "note": "note {}", "finding": "the finding {}",
    "prompt": "the prompt {}", "builtin": "the built-in prompt {}", "model": "the model", "setting": "the setting {}", "attempt": "a retry",
}  # fmt: skip

OTHERS = frozenset({"the model changed", "the model is new", "copydesk words the request in another way"})
"""Differences that there are whenever another model is asked."""

UPGRADED = {"builtin": "a built-in prompt", "check": "what a check says", "model": "the offline skeleton"}
"""Kinds of part that are copydesk's own, and their names."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to do with a step.

    reuse    it is up to date                    restore  it is, but its working copy is missing
    keep     a person's text, or a model's that offline may not replace
    hold     only a built-in prompt, a check, the skeleton or the wording of copydesk changed: waits for `--upgrade`
    make     ask for a new text                  update   ask for the smallest change
    """

    action: Literal["reuse", "restore", "keep", "hold", "make", "update"]
    reasons: tuple[str, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether a text is wanted, from memory or a model."""
        return self.action in ("make", "update")


def decide(
    request: Request, *, made: Event | None, retried: Event | None, present: bool, upgrade: bool, settled: bool = False
) -> Decision:
    """Decide about a step.

    `made` is the latest text made of it, `retried` the latest wish for another, `present` whether its working copy is
    there, `upgrade` whether changed built-in prompts may be followed, `settled` whether all that its text is for was chosen.
    """
    if made is None:
        if present and retried is None:
            return Decision(action="keep", reasons=("a person wrote it; `retry` asks for a draft beside it",))
        return Decision(action="make", reasons=("not made yet",))
    standing: Literal["reuse", "restore"] = "reuse" if present else "restore"
    missing = () if present else ("its working copy is missing",)
    if made.recipe == request.recipe:
        return Decision(action=standing, reasons=missing)
    changed = changed_labels(dict(made.parts), request.parts)
    kinds = {label.partition(".")[0] for label in changed}
    offline = all(model.provider == "offline" for model in request.chain)
    if made.provider != "offline" and offline:
        changes = [each for each in differences(dict(made.parts), request.parts) if each not in OTHERS]
        since = f", though {' and '.join(changes)}" if changes else ""
        reason = f"{made.model} wrote it, and offline text never replaces a model's{since}"
        return Decision(action="keep" if present else "restore", reasons=(reason, *missing))
    own = {kind for kind in UPGRADED if offline or kind != "model"}
    # What is found changes with the checks, and with the terms, sources and wishes that they hold a text against.
    ours = kinds - {"finding"} if "check" in kinds else kinds
    if ours <= own and not upgrade:
        what = " and ".join(UPGRADED[kind] for kind in UPGRADED if kind in kinds)
        what = f"{what} changed with this version of copydesk" if what else "the wording of the request changed"
        reason = f"only {what}; `build --upgrade` follows it"
        return Decision(action="hold" if present else "restore", reasons=(reason, *missing))
    if settled and "attempt" not in kinds:
        reason = "what was chosen from it stands; `choose --again` asks for new options"
        return Decision(action="keep" if present else "restore", reasons=(reason, *missing))
    fresh = bool(kinds & SETTINGS) or not kinds or ("attempt" in kinds and retried is not None and retried.fresh)
    return Decision(action="make" if fresh else "update", reasons=differences(dict(made.parts), request.parts))


def changed_labels(before: Mapping[str, str], parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Return the labels that were added, removed or given another text, in the order of `parts`, removed ones last."""
    now = {part.label: part.digest for part in parts}
    added = [label for label, digest in now.items() if before.get(label) != digest]
    return (*added, *(label for label in before if label not in now))


def differences(before: Mapping[str, str], parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Say in plain words how `parts` differ from the labels and digests a text was made from; passages are counted."""
    labels = changed_labels(before, parts)
    now = {part.label for part in parts}
    said: list[str] = []
    counted = dict.fromkeys(COUNTED, 0)
    for label in labels:
        kind, _, name = label.partition(".")
        if kind == "check":
            continue
        if kind in counted:
            counted[kind] += 1
            continue
        word = WORDS.get(kind, kind + " {}").format(name)
        if kind in ("attempt", "note"):
            said.append(f"{word} asks for it" if label in now else f"{word} was taken back")
        else:
            said.append(
                f"{word} {'changed' if label in before and label in now else 'is new' if label in now else 'is gone'}"
            )
    for kind, count in counted.items():
        if count:
            said.append(f"{COUNTED[kind].format(f'{count} {kind}' + ('s' if count > 1 else ''))} changed")
    return tuple(said) or ("copydesk words the request in another way",)
