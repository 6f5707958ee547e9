"""A rule: one thing that may be wrong, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from dsprep.finding import Severity

Status: TypeAlias = Literal["preview", "stable", "deprecated"]
Fix: TypeAlias = Literal["safe", "unsafe", "none"]


@dataclass(frozen=True, eq=False)
class Rule:
    """What one file under rules/ says. Equal only to itself, so that it can be a key."""

    code: str
    name: str
    summary: str
    why: str
    severity: Severity
    kind: str
    message: str
    help: str
    parameters: Mapping[str, Any] = field(default_factory=dict)  # the kind's own
    scope: str | None = None  # part of the record that is judged
    status: Status = "stable"
    default: bool = True  # judged without being asked for
    fix: Fix = "none"
    mask: bool = False  # excerpts hide what matched
    tags: Sequence[str] = ()
    links: Sequence[str] = ()
    tests: Sequence[Mapping[str, Any]] = ()
    origin: str = ""  # file the rule came from, relative to its rule folder

    @property
    def family(self) -> str:
        """The three letters of the code."""
        return self.code[:3]

    def with_parameters(self, parameters: Mapping[str, Any]) -> Rule:
        """Return the rule with some of its parameters replaced."""
        merged = {**self.parameters, **parameters}
        return replace(self, parameters=merged, scope=merged.get("scope", self.scope))

    def with_severity(self, severity: Severity) -> Rule:
        """Return the rule with another severity."""
        return replace(self, severity=severity)
