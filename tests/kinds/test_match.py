"""Patterns: spans in code points, exceptions, overlaps, and many rules in one pass."""

from __future__ import annotations

from typing import Any

import pytest

from dsprep.kinds import match
from dsprep.record import Message, Record


@pytest.mark.parametrize(
    ("text", "patterns", "excepted", "spans"),
    [
        ("a1 b2", [r"\d"], [], [(1, 2), (4, 5)]),
        ("🙂é1", [r"\d"], [], [(2, 3)]),
        ("v1.2 and 1.2", [r"1\.2"], [r"v1\.2"], [(9, 12)]),
        ("1.2", [r"1\.2"], [r"1\.2"], []),
        ("ab12", ["b1"], ["12"], [(1, 3)]),
        ("ab12", ["b1"], ["ab", "12"], [(1, 3)]),
        ("abc", ["abc"], ["b"], [(0, 3)]),
        ("aaaa", ["aa"], [], [(0, 2), (2, 4)]),
        ("abcd", ["bc", "bc"], [], [(1, 3)]),
        ("abcd", ["ab", "bc", "cd"], [], [(0, 2), (2, 4)]),
        ("xab ab", ["ab"], ["xab"], [(4, 6)]),
        ("xabc", ["ab", "bc"], ["xab"], [(2, 4)]),
        ("abc", ["z"], [], []),
        ("", ["a"], [], []),
        ("a\nb", ["a.b"], [], []),
        ("a\nb", ["(?s)a.b"], [], [(0, 3)]),
    ],
)
def test_finds_spans_outside_the_exceptions_and_overlapping_ones_once(
    make_rule: Any, text: str, patterns: list[str], excepted: list[str], spans: list[Any]
) -> None:
    rule = make_rule("match", "messages", **{"patterns": patterns, "except": excepted})

    assert match.spans(rule, text) == spans


def test_of_matches_that_begin_together_the_longest_counts(make_rule: Any) -> None:
    """What a rule with `mask` matches is hidden: the rest of the longer one would be shown."""
    rule = make_rule("match", "messages", patterns=["key", "key: [0-9]+"])

    assert match.spans(rule, "key: 1234") == [(0, 9)]


TURNS = [
    Message("sys one", role="system"),
    Message("user one", role="user"),
    Message(None, role="assistant", tool_calls='[{"function":{"arguments":"one"}}]'),
    Message("tool one", role="tool"),
    Message("answer one", role="assistant"),
    Message(None, role="user"),
]


@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        ("messages[role=system]", ["messages[0].content"]),
        ("messages[role=user]", ["messages[1].content"]),
        ("messages[role=tool]", ["messages[3].content"]),
        ("messages[role=assistant]", ["messages[2].tool_calls", "messages[4].content"]),
        ("completion", ["messages[4].content"]),
        ("label", ["label"]),
        ("record", [None]),
        ("messages", ["messages[2].tool_calls", *(f"messages[{n}].content" for n in (0, 1, 3, 4))]),
    ],
)
def test_looks_at_its_scope_alone(
    make_rule: Any, find: Any, scope: str, fields: list[str | None]
) -> None:
    records = [Record([Message("two")]), Record(TURNS, label="one")]

    hits = [hit for _, hit in find(records, make_rule("match", scope, patterns=["one"]))]

    assert {hit.field for hit in hits} == set(fields)
    assert {hit.index for hit in hits} == {1}
    assert all(hit.text[hit.start : hit.end] == "one" for hit in hits)


def test_judges_many_rules_in_one_pass(make_rule: Any, find: Any) -> None:
    rules = [
        make_rule("match", "messages", "X00001", patterns=["a", "b"]),
        make_rule("match", "messages", "X00002", patterns=["b"]),
        make_rule("match", "completion", "X00003", patterns=["b", "c"]),
        make_rule("match", "messages", "X00004", **{"patterns": ["b"], "except": ["b"]}),
    ]
    records = [
        Record([Message("b a", role="user"), Message("c", role="assistant")]),
        Record([Message("z")]),
        Record([Message("b", role="assistant")]),
    ]

    found = [(code, hit.index, hit.start) for code, hit in find(records, *rules)]

    assert sorted(found) == [
        ("X00001", 0, 0),
        ("X00001", 0, 2),
        ("X00001", 2, 0),
        ("X00002", 0, 0),
        ("X00002", 2, 0),
        ("X00003", 0, 0),
        ("X00003", 2, 0),
    ]
