"""A request becomes a reply: who is asked, and the providers that answer.

Promises: a chain of models comes from the config alone; the offline provider answers any request on this machine, for
nothing, the same way every time; no vendor's library is imported before it is asked. Will not do: keep replies, count
money, or decide whether a step is made again.
"""

from generator.providers.choosing import ask_for as ask_for
from generator.providers.choosing import chain_for as chain_for
from generator.providers.offline import OFFLINE as OFFLINE
from generator.providers.offline import ask as ask_offline
from generator.providers.scripted import Scripted as Scripted
from generator.providers.skeleton.material import DISCLOSURE as DISCLOSURE

__all__ = ["DISCLOSURE", "OFFLINE", "Scripted", "ask_for", "ask_offline", "chain_for"]
