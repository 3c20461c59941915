"""The nouns, frozen: what crosses from one room to another.

Promises: a value never changes after it is made, compares by content, and holds tuples, not lists. Mappings are tuples
of pairs, in the order typed. Texts are `str` with line ends as they were. Will not do: touch disk, clock or network.
"""

from generator.errors import Finding as Finding
from generator.model.asked import REFUSALS as REFUSALS
from generator.model.asked import SLOT as SLOT
from generator.model.asked import Ask as Ask
from generator.model.asked import Ending as Ending
from generator.model.asked import Help as Help
from generator.model.asked import Memory as Memory
from generator.model.asked import Message as Message
from generator.model.asked import Part as Part
from generator.model.asked import Passage as Passage
from generator.model.asked import Reply as Reply
from generator.model.asked import Request as Request
from generator.model.asked import slot_line as slot_line
from generator.model.happened import Event as Event
from generator.model.happened import History as History
from generator.model.happened import Verb as Verb
from generator.model.landed import Landing as Landing
from generator.model.landed import Make as Make
from generator.model.landed import Merged as Merged
from generator.model.landed import Option as Option
from generator.model.landed import Outcome as Outcome
from generator.model.landed import Result as Result
from generator.model.landed import Suggestion as Suggestion
from generator.model.wanted import Brief as Brief
from generator.model.wanted import Check as Check
from generator.model.wanted import Config as Config
from generator.model.wanted import Deliverable as Deliverable
from generator.model.wanted import DeliverableKind as DeliverableKind
from generator.model.wanted import Model as Model
from generator.model.wanted import Pairs as Pairs
from generator.model.wanted import Plan as Plan
from generator.model.wanted import Step as Step
