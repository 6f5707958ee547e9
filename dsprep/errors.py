"""What dsprep raises when it cannot do what was asked.

    DsprepError          one line for the user, exit code 2
    ├── UsageError       an option, config key, rule or column that does not exist
    ├── InputError       a file that is missing, unreadable or not what it claims
    │   └── ShapeUnclear the columns do not say what is prompt and what is completion
    ├── RuleInvalid      a rule file that breaks the schema or its own tests
    ├── RuleCrashed      a fault in a rule, never in the data
    └── VerifyFailed     a receipt that does not match the files

Bad rows are not exceptions: they are findings.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DsprepError(Exception):
    """What dsprep cannot do, in one line that says what, where and what to do."""


class UsageError(DsprepError):
    """An option, config key, rule or column that does not exist or does not fit."""


class InputError(DsprepError):
    """A file that is missing, unreadable or not what it claims to be."""


class ShapeUnclear(InputError):
    """Columns that do not say which of them is the prompt and which the completion."""


class RuleInvalid(DsprepError):
    """A rule file that breaks the schema or its own tests."""


class RuleCrashed(DsprepError):
    """A fault in a rule or kind, never in the data."""

    def __init__(self, rule: str, fault: str, file: str | None, row: int | None) -> None:
        super().__init__(rule, fault, file, row)
        self.rule = rule
        self.fault = fault
        self.file = file  # null where the data set as a whole was judged
        self.row = row  # null where no row crashes it alone

    def behind(self, rows: int) -> RuleCrashed:
        """Return the same, its row counted behind some rows of the file."""
        row = None if self.row is None else self.row + rows
        return RuleCrashed(self.rule, self.fault, self.file, row)

    def __str__(self) -> str:
        row = "?" if self.row is None else self.row
        place = "the data set" if self.file is None else f"{self.file} row {row}"
        told = f"rule {self.rule} raised {self.fault.replace(': ', f' at {place}: ', 1)}"
        return f"{told}. This is a fault in the rule, not in the data."


class VerifyFailed(DsprepError):
    """A receipt that does not match the files it speaks of."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean X or Y?" for the nearest known words, or nothing."""
    folded = {candidate.casefold(): candidate for candidate in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=2, cutoff=0.6)
    if not near:
        return ""
    return " Did you mean " + " or ".join(folded[match] for match in near) + "?"
