"""The order of roles in a conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, TypeAlias

from dsprep.batch import Batch
from dsprep.finding import Hit
from dsprep.rule import Rule

PARAMETERS: Final = {
    "order": {
        "enum": ["begins-well", "has-assistant", "ends-with-assistant"],
        "description": "what the order must be like",
    },
}
REQUIRED: Final = ("order",)
ARGUMENTS: Final = ("role", "reason")

Roles: TypeAlias = tuple[str | None, ...]
Fault: TypeAlias = tuple[int | None, dict[str, Any]]
"""Position of the message at fault, null for the conversation, and the arguments."""


def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """Yield one hit a conversation; a text that nobody speaks is none."""
    messages = batch.records.messages
    starts = messages.offsets.tolist()
    for at, (start, end) in enumerate(pairwise(starts)):
        roles = tuple(messages.roles[start:end])
        if None in roles:
            continue
        for rule in rules:
            fault = _judge(rule.parameters["order"], roles)
            if fault is not None:
                position, arguments = fault
                field = None if position is None else f"messages[{position}].role"
                yield rule, Hit(at, field, arguments=arguments)


# Few orders, many conversations.
@lru_cache(maxsize=4096)
def _judge(order: str, roles: Roles) -> Fault | None:
    return _ORDERS[order](roles)


def _begins_well(roles: Roles) -> Fault | None:
    """Return the first message out of order: user first, system before all, tools called."""
    previous = None
    for at, role in enumerate(roles):
        reason = _out_of_place(role, previous, at)
        if reason:
            return at, {"role": role, "reason": reason}
        previous = role
    return None


def _out_of_place(role: str | None, previous: str | None, at: int) -> str | None:
    if role in ("system", "developer"):
        return f"{role} at position {at}; it belongs first" if at else None
    if role == "assistant" and previous in (None, "system", "developer"):
        return "assistant speaks before any user"
    if role == "tool" and previous not in ("assistant", "tool"):
        return f"tool result after {previous or 'nothing'}; it belongs behind an assistant's call"
    if role == previous and role in ("user", "assistant"):
        return f"{role} speaks twice in a row"
    return None


def _has_assistant(roles: Roles) -> Fault | None:
    if "assistant" in roles:
        return None
    return None, {"role": "", "reason": "no assistant message" if roles else "no message at all"}


def _ends_with_assistant(roles: Roles) -> Fault | None:
    """Return the last message if it is not the assistant's, where there is one."""
    if "assistant" not in roles or roles[-1] == "assistant":
        return None
    return len(roles) - 1, {"role": roles[-1], "reason": f"{roles[-1]} has the last word"}


_ORDERS: Final[dict[str, Callable[[Roles], Fault | None]]] = {
    "begins-well": _begins_well,
    "has-assistant": _has_assistant,
    "ends-with-assistant": _ends_with_assistant,
}
