"""A request becomes a reply: who is asked, how often, how fast and for how much, and the providers that answer.

Promises: a chain of models comes from the config alone; the offline provider answers any request on this machine, for
nothing, the same way every time; no vendor's library is imported before it is asked; no call is made that could pass a
cap. Will not do: decide whether a step is made again, or land what was said.
"""

from generator.providers.asking import AskFor as AskFor
from generator.providers.asking import Caller as Caller
from generator.providers.asking import Patience as Patience
from generator.providers.asking import StoppedError as StoppedError
from generator.providers.asking import unpriced as unpriced
from generator.providers.budget import Budget as Budget
from generator.providers.budget import Cap as Cap
from generator.providers.budget import over as over
from generator.providers.choosing import ask_for as ask_for
from generator.providers.choosing import chain_for as chain_for
from generator.providers.offline import OFFLINE as OFFLINE
from generator.providers.offline import ask as ask_offline
from generator.providers.prices import Price as Price
from generator.providers.scripted import Scripted as Scripted
from generator.providers.skeleton.material import DISCLOSURE as DISCLOSURE
from generator.providers.vendors.calling import Deadlines as Deadlines
from generator.providers.vendors.calling import dialect as dialect
from generator.providers.vendors.calling import key_variable as key_variable
from generator.providers.vendors.faults import FaultError as FaultError
from generator.providers.vendors.saying import input_bytes as input_bytes
from generator.providers.vendors.saying import saying_of as saying_of

__all__ = [
    "DISCLOSURE",
    "OFFLINE",
    "AskFor",
    "Budget",
    "Caller",
    "Cap",
    "Deadlines",
    "FaultError",
    "Patience",
    "Price",
    "Scripted",
    "StoppedError",
    "ask_for",
    "ask_offline",
    "chain_for",
    "dialect",
    "input_bytes",
    "key_variable",
    "over",
    "saying_of",
    "unpriced",
]
