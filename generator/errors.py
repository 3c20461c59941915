"""One tree of errors. Every error says what is wrong, where, and how to mend it.

    CopydeskError
      UsageError         asked wrongly                                   exit 2
      BrokenError        a brief, prompt, workflow or config is broken   exit 3
        MatterError      front matter or YAML that cannot be read
      BudgetError        a cap on spending was reached                   exit 4
      ProviderError      a model is out of reach                         exit 5
        FaultError       a call that brought no reply: see providers
        StoppedError     nothing is asked any more: see providers        exit 130
      RefusedError       a law forbids it: approval, publishing          exit 1
      DiskError          a read or write that failed                     exit 1
        UnsafePathError  a path that leaves its folder                   exit 2
      StoreError         a torn record, or memory of another version     exit 1

An error never prints: doors do. Anything outside this tree is a fault of copydesk and keeps its traceback.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warn", "info"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something a machine noticed, at a place: `path` relative to the workspace, `line` and `column` from 1, 0 unknown.

    Lives at the foot of the house because errors carry findings; rooms import it from `model`, with the other nouns.
    """

    code: str
    level: Level
    message: str
    fix: str = ""
    path: str = ""
    line: int = 0
    column: int = 0


def make_error(code: str, path: str, message: str, fix: str, line: int = 1, *, column: int = 1) -> Finding:
    """Return the finding of something that must be mended, at a place: the beginning of the file unless it is given."""
    return Finding(code=code, level="error", message=message, fix=fix, path=path, line=line, column=column)


class CopydeskError(Exception):
    """What is wrong (`what`), where (`where`, a path or an address, "" if nowhere) and how to mend it (`mend`)."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  {self.mend}" if self.mend else head


class UsageError(CopydeskError):
    """The command was asked wrongly: an unknown address, a missing name."""

    exit_code = 2


class BrokenError(CopydeskError):
    """Briefs, prompts, workflows or config that cannot be used. `findings` lists everything wrong, located."""

    exit_code = 3

    def __init__(self, what: str, *, where: str = "", mend: str = "", findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(what, where=where, mend=mend)
        self.findings = findings


class MatterError(BrokenError):
    """Front matter or a YAML file that cannot be read at all; `findings` holds the place."""


class BudgetError(CopydeskError):
    """A cap on spending was reached."""

    exit_code = 4


class ProviderError(CopydeskError):
    """A model is out of reach, or no provider can answer for it."""

    exit_code = 5


class RefusedError(CopydeskError):
    """A law of copydesk forbids it: approving unseen bytes, claiming a page that the team owns."""


class DiskError(CopydeskError):
    """A read or write that failed; `where` names the file."""


class UnsafePathError(DiskError):
    """A path that would leave the folder it must stay in."""

    exit_code = 2


class StoreError(CopydeskError):
    """A record that is torn, or memory written by another version of copydesk."""
