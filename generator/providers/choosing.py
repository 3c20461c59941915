"""Who is asked: a role or a model's name becomes a chain of models, a model becomes the provider that asks it.

Promises: with no model configured, `offline` answers everything; a name that is neither a role nor a model is refused
with the nearest one. Will not do: fall back from a model to offline, or reach the network.
"""

from __future__ import annotations

import difflib

from generator.errors import BrokenError
from generator.model import Ask, Config, Model
from generator.providers import offline
from generator.providers.vendors.calling import Deadlines, Vendor

DEFAULT_ROLE = "writer"
"""The role of a prompt that names none."""


def chain_for(config: Config, wanted: str) -> tuple[Model, ...]:
    """Return the models to try, in order, for a role or a model's name; "" is the role `writer`, or the first model.

    `offline` is always a model's name. Raise BrokenError, with the nearest name, for one that the config does not know,
    and for a chain that holds offline together with other models.
    """
    if not config.models:
        return (offline.OFFLINE,)
    models = {offline.OFFLINE.name: offline.OFFLINE, **{model.name: model for model in config.models}}
    roles = dict(config.roles)
    if wanted in models and wanted not in roles:
        return (models[wanted],)
    if not wanted and DEFAULT_ROLE not in roles:
        return (config.models[0],)
    role = wanted or DEFAULT_ROLE
    if role not in roles:
        raise _unknown(f"`{role}` is neither a role nor a model", role, (*roles, *models))
    for name in roles[role]:
        if name not in models:
            raise _unknown(f"the role `{role}` names `{name}`, which is not a model", name, tuple(models))
    if not roles[role]:
        raise BrokenError(f"the role `{role}` names no model", where="copydesk.yml", mend="Name one in its list.")
    chain = tuple(models[name] for name in dict.fromkeys(roles[role]))
    kinds = {model.provider == offline.OFFLINE.provider for model in chain}
    if len(kinds) > 1:
        what = f"the role `{role}` falls back from a model to offline, whose texts never stand for a model's"
        raise BrokenError(what, where="copydesk.yml", mend="Take offline out of it, or build with --offline.")
    return chain


def _unknown(what: str, name: str, known: tuple[str, ...]) -> BrokenError:
    near = difflib.get_close_matches(name, known, n=1)
    mend = f"Did you mean `{near[0]}`?" if near else f"Add it under `roles:`, as `{name}: {known[-1]}` for one."
    return BrokenError(what, where="copydesk.yml", mend=mend)


def ask_for(model: Model, *, deadlines: Deadlines = Deadlines()) -> Ask:
    """Return the provider that asks `model`; FaultError, which names the variable, if its key is missing."""
    if model.provider == offline.OFFLINE.provider:
        return offline.ask
    return Vendor(model, deadlines=deadlines)
