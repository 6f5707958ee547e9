"""A record that the target cannot hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dsprep import targets
from dsprep.batch import Batch
from dsprep.finding import Hit
from dsprep.rule import Rule

PARAMETERS: Final = {
    "target": {"type": "string", "description": "name of the target; none where it is empty"}
}
REQUIRED: Final = ("target",)
ARGUMENTS: Final = ("target", "reason")


def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """Yield one hit a record that would have to be changed or cut."""
    for rule in rules:
        if name := rule.parameters["target"]:
            for at, reason in targets.load(name).unfit(batch.records):
                yield rule, Hit(at, arguments={"target": name, "reason": reason})
