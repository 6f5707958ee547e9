"""The tests inside rule files are run, and what fails is told."""

from __future__ import annotations

from typing import Any

import pytest

from dsprep import rulebook, rulefile, ruletests
from dsprep.rule import Rule
from dsprep.rulebook import Rulebook
from tests.test_rulefile import GOOD

ROWS = [
    {"prompt": "Where is LS-2041?", "completion": "There."},
    {"prompt": "And?", "completion": "LS-1000 or LS-1001."},
]
FIRST = {"row": 0, "line": 1, "field": "messages[0].content", "start": 9, "end": 16}


@pytest.fixture(scope="module")
def rule() -> Rule:
    return rulefile.parse(GOOD, "mine/rule.yaml")


@pytest.mark.parametrize("rule", rulebook.load().rules, ids=lambda rule: rule.name)
def test_the_rules_we_ship_pass(rule: Rule) -> None:
    results = list(ruletests.run(Rulebook([rule])))

    assert [(result.name, result.fault) for result in results if result.fault] == []
    assert len(results) == len(rule.tests)


@pytest.mark.parametrize(
    "expect",
    [
        [{"row": 0}, {"row": 1}, {"row": 1}],
        [FIRST, {"row": 1, "line": 2, "start": 0}, {"row": 1, "start": 11}],
        [
            {"message": "Booking number LS-2041", "match": "LS-2041", "severity": "warning"},
            {"match": "LS-1000", "related": []},
            {"match": "LS-1001"},
        ],
        [{}, {}, {}],
    ],
)
def test_a_test_passes_where_everything_asked_is_so(rule: Rule, expect: list[Any]) -> None:
    assert ruletests.fault(rule, {"name": "x", "rows": ROWS, "expect": expect}) is None


@pytest.mark.parametrize(
    ("test", "told"),
    [
        (
            {"rows": ROWS[:1], "expect": []},
            "0 findings expected, found 1: row 0 'Booking number LS-2041'",
        ),
        ({"rows": [{"prompt": "a", "completion": "b"}], "expect": [{}]}, "found 0: none"),
        ({"rows": ROWS[:1], "expect": [{}, {}]}, "2 findings expected, found 1: row 0"),
        ({"rows": ROWS[:1], "expect": [{"row": 1}]}, "finding 0: row 1 expected, found 0"),
        ({"rows": ROWS[:1], "expect": [{**FIRST, "end": 15}]}, "end 15 expected, found 16"),
        ({"rows": ROWS[:1], "expect": [{"match": "LS"}]}, "match 'LS' expected, found 'LS-2041'"),
        ({"rows": ROWS[:1], "expect": [{"related": [1]}]}, "related [1] expected, found []"),
        (
            {"rows": ROWS[:1], "expect": [{}], "config": {"patern": []}},
            "could not be run: rule XAB001 has no parameter 'patern'. Did you mean patterns?",
        ),
        ({"raw": "a,b\nx,y\n", "format": "csv", "expect": []}, "could not be run: rows.csv: "),
    ],
)
def test_a_test_that_fails_says_how(rule: Rule, test: dict[str, Any], told: str) -> None:
    fault = ruletests.fault(rule, {"name": "x", **test})

    assert fault is not None
    assert told in fault


def test_parameters_hold_for_one_test(rule: Rule) -> None:
    test = {"name": "x", "rows": ROWS, "config": {"patterns": ["There"]}, "expect": [{"row": 0}]}

    assert ruletests.fault(rule, test) is None
    assert rule.parameters["patterns"] == ["LS-\\d{4}"]


@pytest.mark.parametrize(
    ("form", "raw"),
    [
        ("jsonl", '{"prompt": "Café LS-2041", "completion": "b"}\n'),
        ("json", '[{"prompt": "Café LS-2041", "completion": "b"}]'),
        ("csv", "prompt,completion\nCafé LS-2041,b\n"),
    ],
)
def test_a_test_may_be_a_file(rule: Rule, form: str, raw: str) -> None:
    test = {"name": "x", "raw": raw, "format": form, "expect": [{"row": 0, "start": 5}]}

    assert ruletests.fault(rule, test) is None


def test_a_file_may_be_in_another_encoding() -> None:
    rule = rulebook.load().one("FMT002")
    raw = '{"prompt": "Café", "completion": "b"}\n{"prompt": "c", "completion": "d"}\n'
    test = {"name": "x", "raw": raw, "format": "jsonl+latin-1", "expect": [{"row": 0}]}

    assert ruletests.fault(rule, test) is None
    assert ruletests.fault(rule, {**test, "format": "jsonl"}) == (
        "1 findings expected, found 0: none"
    )


def test_every_test_is_run(rule: Rule) -> None:
    book = Rulebook([rule, rulebook.load().one("SIZ101")])

    results = list(ruletests.run(book))

    assert [(result.rule.code, result.name) for result in results] == [
        (one.code, test["name"]) for one in book for test in one.tests
    ]
