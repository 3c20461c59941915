"""Slots: the words of one step, placed in the text of another, byte for byte.

Promises: a model sees a line of its own in place of such words, wherever they stand as they were placed, and copydesk puts
them there; where a person changed them in the text itself, their change stands; a reply without the line, or with two,
lands nowhere. Will not do: land, record, or decide when a step is made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from generator import drafts, steps
from generator.app.turns import choice_of, holds_options
from generator.digest import digest_text
from generator.model import Event, History, Merged, Pairs, Step, Suggestion, slot_line

RUN_LIMIT = 40
"""Blocks that words may have to be found in a text by their digest alone."""

TEXT_LIMIT = 2_000
"""Blocks of a text in which they are looked for so."""


def flowing(step: Step, text: str, history: History) -> str:
    """Return what of a step's text, its working copy, other steps are given: what a person chose of it, else all of it."""
    chose = choice_of(history, step.id) if holds_options(step) else None
    if chose is not None and chose.text is not None and chose.draft == digest_text(text):
        return chose.text
    return text


@dataclass(frozen=True, kw_only=True)
class Slots:
    """The slots of a step: their words `now`, and the text `made` of the step last, in which they stand as they were."""

    now: Pairs
    history: History
    made: Event | None = None

    @cached_property
    def placed(self) -> dict[str, str]:
        """The words as they were placed when the text was made: its parts name their digests.

        They are looked for among the texts that history has of their step, else in the text itself.
        """
        if self.made is None or self.made.text is None:
            return {}
        parts, found = dict(self.made.parts), {}
        for name, words in self.now:
            digest = parts.get(f"slot.{name}", "")
            texts = (each.text for each in reversed(self.history.events) if each.step == name and each.text is not None)
            known = chain([words], map(steps.words_of, texts), _runs(self.made.text))
            found[name] = next((each for each in known if digest_text(each) == digest), "") if digest else ""
        return found

    def mark(self, text: str) -> str:
        """Return a text with lines in place of the words, as they were placed or are now."""
        for name, words in sorted(self.now, key=lambda each: -len(each[1])):  # one may hold another
            for each in (self.placed.get(name, ""), words):
                text = steps.mark_slot(text, name, each)
        return text

    @cached_property
    def ancestor(self) -> str | None:
        """What the AI wrote last, with lines in place of the words; None if there is nothing."""
        return None if self.made is None or self.made.text is None else self.mark(self.made.text)

    def settled(self, given: str | None) -> tuple[str, ...]:
        """Return the slots whose words a person changed or took out of the copy that the model was `given`."""
        if given is None or self.ancestor is None:
            return ()
        seen, had = steps.slots_in(given), steps.slots_in(self.ancestor)
        return tuple(name for name, _ in self.now if name in had and name not in seen)

    def problem(self, reply: str, given: str | None) -> str:
        """Say which line a reply left out or wrote more than once, "" if all are as they should be."""
        found, settled = steps.slots_in(reply), self.settled(given)
        for name, words in self.now:
            count = found.count(name)
            if count > 1 and words:
                return f"wrote the line {slot_line(name)} {count} times, and the words of {name} belong in one place"
            if not count and words and name not in settled:
                return f"left out the line {slot_line(name)}, alone and outside lists and code, for the words of {name}"
        return ""

    def carry(self, reply: str, given: str | None) -> Merged:
        """Return the AI's new text with the words in their places, and what of its reply cannot be in it.

        Lines stand for the words in all three texts. If the merge lost one, or a person has settled its place and the reply
        names another, the AI's last text stands, and the reply is a suggestion.
        """
        if not self.now:
            return drafts.carry_over(given, self.made.text if self.made else None, reply)
        merged = drafts.carry_over(given, self.ancestor, reply)
        told = {name for name, words in self.now if words}
        if self.ancestor is not None and any(steps.slots_in(merged.text).count(name) != 1 for name in told):
            without = steps.fill_slots(reply, dict.fromkeys(self.settled(given), ""))
            merged = drafts.carry_over(given, self.ancestor, without)
        if self.ancestor is not None and any(steps.slots_in(merged.text).count(name) != 1 for name in told):
            whole = Suggestion(line=1, base=self.ancestor, mine=given or "", theirs=reply)
            merged = Merged(text=self.ancestor, suggestions=(whole,))
        return self._filled(merged)

    def _filled(self, merged: Merged) -> Merged:
        now = dict(self.now)
        before: Mapping[str, str] = {**now, **self.placed}
        suggestions = (
            replace(
                each, base=steps.fill_slots(each.base, before), mine=steps.fill_slots(each.mine, before),
                theirs=steps.fill_slots(each.theirs, now), before=steps.fill_slots(each.before, now),
            )
            for each in merged.suggestions
        )  # fmt: skip
        return Merged(text=steps.fill_slots(merged.text, now), suggestions=tuple(suggestions))


def _runs(text: str) -> Iterator[str]:
    """Yield what stands between any two places of a text where a block begins, without the blank lines at its end."""
    blocks = drafts.split(text)[:TEXT_LIMIT]
    for start in range(len(blocks)):
        run = ""
        for block in blocks[start : start + RUN_LIMIT]:
            run += block
            bare = run.rstrip()
            yield bare + "".join(run[len(bare) :].splitlines()[:1])
