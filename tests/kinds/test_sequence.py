"""The order of roles, sequence by sequence."""

from __future__ import annotations

from typing import Any

import pytest

from dsprep.record import Message, Record

ROLES = {
    "s": "system",
    "d": "developer",
    "u": "user",
    "a": "assistant",
    "t": "tool",
    "x": "narrator",
}
NO_ASSISTANT = "no assistant message"


def judged(find: Any, rule: Any, roles: str) -> Any:
    """Return field and reason of the hit on a sequence of roles, None where there is none."""
    record = Record([Message("x", role=ROLES[letter]) for letter in roles])
    hits = [(hit.field, hit.arguments["reason"]) for _, hit in find([record], rule)]
    assert len(hits) <= 1
    return hits[0] if hits else None


@pytest.mark.parametrize(
    "roles",
    ["ua", "sua", "dua", "uaua", "suauaua", "u", "su", "uata", "uatta", "uatua", "uatuata", "s", "",
     "uat", "uax", "xua", "uxa"],
)  # fmt: skip
def test_begins_well(make_rule: Any, find: Any, roles: str) -> None:
    assert judged(find, make_rule("sequence", order="begins-well"), roles) is None


@pytest.mark.parametrize(
    ("roles", "at", "reason"),
    [
        ("a", 0, "assistant speaks before any user"),
        ("au", 0, "assistant speaks before any user"),
        ("sa", 1, "assistant speaks before any user"),
        ("da", 1, "assistant speaks before any user"),
        ("uu", 1, "user speaks twice in a row"),
        ("uaa", 2, "assistant speaks twice in a row"),
        ("suaauu", 3, "assistant speaks twice in a row"),
        ("us", 1, "system at position 1; it belongs first"),
        ("ssu", 1, "system at position 1; it belongs first"),
        ("sdu", 1, "developer at position 1; it belongs first"),
        ("uas", 2, "system at position 2; it belongs first"),
        ("t", 0, "tool result after nothing; it belongs behind an assistant's call"),
        ("ut", 1, "tool result after user; it belongs behind an assistant's call"),
        ("st", 1, "tool result after system; it belongs behind an assistant's call"),
        ("uatut", 4, "tool result after user; it belongs behind an assistant's call"),
    ],
)
def test_does_not_begin_well(make_rule: Any, find: Any, roles: str, at: int, reason: str) -> None:
    """The first message out of order is named, one finding a conversation."""
    rule = make_rule("sequence", order="begins-well")

    assert judged(find, rule, roles) == (f"messages[{at}].role", reason)


@pytest.mark.parametrize(
    ("roles", "found"),
    [
        *(("ua", None), ("a", None), ("uau", None), ("sauu", None)),
        *(("u", (None, NO_ASSISTANT)), ("sut", (None, NO_ASSISTANT))),
        ("", (None, "no message at all")),
    ],
)
def test_has_an_assistant(make_rule: Any, find: Any, roles: str, found: Any) -> None:
    assert judged(find, make_rule("sequence", order="has-assistant"), roles) == found


@pytest.mark.parametrize(
    ("roles", "found"),
    [
        *(("ua", None), ("a", None), ("uata", None)),
        *(("u", None), ("", None)),  # has-assistant speaks of these
        ("uau", ("messages[2].role", "user has the last word")),
        ("uat", ("messages[2].role", "tool has the last word")),
        ("uas", ("messages[2].role", "system has the last word")),
    ],
)
def test_ends_with_the_assistant(make_rule: Any, find: Any, roles: str, found: Any) -> None:
    assert judged(find, make_rule("sequence", order="ends-with-assistant"), roles) == found


def test_a_text_that_nobody_speaks_is_no_conversation(make_rule: Any, find: Any) -> None:
    rules = [
        make_rule("sequence", order=order)
        for order in ("begins-well", "has-assistant", "ends-with-assistant")
    ]

    assert find([Record([Message("Once upon a time")])], *rules) == []
