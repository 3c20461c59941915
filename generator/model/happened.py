"""What happened to a brief: its events, and the history they form, a graph in which each names what its writer had seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from generator.model.landed import Suggestion
from generator.model.wanted import Pairs

Verb = Literal[
    "made", "chose", "wrote", "noted", "retried", "approved", "sent-back",
    "accepted", "declined", "withdrew", "renamed",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a brief. `id` is the digest of its file, "" until it is recorded.

    `after` holds the ids of the newest events that its writer had seen. `at` is a UTC time for people to read; nothing
    is decided by it. Which other fields are set hangs on the verb:

    made       step, path (of the working copy), recipe, key, provider, model, parts (label, digest), attempt, mode, suggestions, usd, notes, text;
               of a trial: `what` is "trial", options (the models whose texts were shown), picked (the number of the one, from 1)
    chose      step, path, options (the names of all there were), picked (the numbers of those taken, from 1), draft (the
               digest of the text they stand in), text: what was chosen, byte for byte
    wrote      step, path, suggestions, text: a person's text that was brought home; `what` is "settled" if it came of
               two clones' texts that git could not merge
    noted      step, path, note, text: the block of the working copy that the note stood at, "" if it is about all of it
    retried    step, note, fresh; its id is the attempt
    approved   step, path, draft and page (digests), findings, reason, publish_on, needed (the roles that must approve, as
               the brief said then), roles (those of them the person decides for), checked (what they say they checked),
               text: the page's bytes;
               of a text that is only read by other steps: step, draft, text
    sent-back  step, path, note
    accepted   step, path, suggestions: the one that was taken over
    declined   step, path, suggestions: the one that will not be
    withdrew   path; or target: the id of the event whose note is taken back, and step
    renamed    what (brief, step, page, draft), old, new; of a draft: step, and paths of the working copy
    """

    verb: Verb
    brief: str
    id: str = ""
    step: str = ""
    at: str = ""
    by: str = ""
    after: tuple[str, ...] = ()
    recipe: str = ""
    key: str = ""
    provider: str = ""
    model: str = ""
    parts: Pairs = ()
    attempt: str = ""
    mode: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    usd: str = ""
    notes: tuple[str, ...] = ()
    note: str = ""
    fresh: bool = False
    path: str = ""
    draft: str = ""
    page: str = ""
    findings: tuple[str, ...] = ()
    reason: str = ""
    publish_on: str = ""
    what: str = ""
    old: str = ""
    new: str = ""
    target: str = ""
    options: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    text: str | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """The events of a brief, each after all that it had seen; among unordered ones the order is by id, on any machine.

    `events` carry the names in use now: a rename of a brief, step or page has been followed.
    """

    brief: str
    events: tuple[Event, ...] = ()

    def latest(self, verb: Verb, *, step: str | None = None, path: str | None = None) -> Event | None:
        """Return the last event of that verb, for that step or path if one is given."""
        for event in reversed(self.events):
            if event.verb == verb and step in (None, event.step) and path in (None, event.path):
                return event
        return None

    def made_with(self, step: str, recipe: str) -> Event | None:
        """Return the last text of the step that was made with that recipe."""
        for event in reversed(self.events):
            if event.verb == "made" and event.step == step and event.recipe == recipe:
                return event
        return None

    def newest(self, verb: Verb, *, step: str) -> tuple[Event, ...]:
        """Return the events of that verb and step that no other of them saw, in order: several, if clones wrote apart."""
        events = [event for event in self.events if event.verb == verb and event.step == step]
        if self._is_chain:
            return tuple(events[-1:])
        return tuple(each for each in events if not any(self.saw(other, each) for other in events))

    @cached_property
    def _is_chain(self) -> bool:
        return len(self.heads) < 2 and all(len(event.after) < 2 for event in self.events)

    @cached_property
    def _places(self) -> dict[str, int]:
        """A bit for each id that is met, also for those that no event here bears."""
        ids = (each for event in self.events for each in (event.id, *event.after))
        return {each: 1 << place for place, each in enumerate(dict.fromkeys(ids))}

    @cached_property
    def _before(self) -> dict[str, int]:
        """What each event comes after, as a sum of bits: to ask of every pair costs no walk."""
        places, before = self._places, {event.id: 0 for event in self.events}
        moved = True
        while moved:  # once and once more, for events in order
            moved = False
            for event in self.events:
                reached = before[event.id]
                for each in event.after:
                    reached |= places[each] | before.get(each, 0)
                if reached != before[event.id]:
                    before[event.id], moved = reached, True
        return before

    def saw(self, later: Event, earlier: Event) -> bool:
        """Whether the writer of `later` knew of `earlier`, directly or by what it came after."""
        place = self._places.get(earlier.id, 0)
        return any(each == earlier.id or self._before.get(each, 0) & place for each in later.after)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The ids that no other event names, sorted: what the next event comes after."""
        named = {each for event in self.events for each in event.after}
        return tuple(sorted(event.id for event in self.events if event.id not in named))
