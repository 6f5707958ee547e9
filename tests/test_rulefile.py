"""One rule file: what is in it becomes a rule, what is wrong with it is told with its line."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from dsprep import kinds, rulefile
from dsprep.errors import RuleInvalid

SHIPPED = sorted((Path(__file__).parent.parent / "rules").rglob("*.yaml"))
PUBLISHED = jsonschema.Draft202012Validator(json.loads(json.dumps(rulefile.schema())))
GOOD = """\
schema: 1
code: XAB001
name: booking-number
summary: A text holds a booking number
why: It leads to a customer.
severity: warning
kind: match
scope: messages
patterns: ['LS-\\d{4}']
message: Booking number {match}
help: Write LS-0000 instead.
tests:
  - name: a number
    rows: [{prompt: Where is LS-2041?, completion: There.}]
    expect: [{row: 0, field: "messages[0].content"}]
"""


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def without(key: str) -> str:
    return "".join(line for line in GOOD.splitlines(True) if not line.startswith(f"{key}:"))


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "rule.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# -- what is right ------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_the_rules_we_ship_have_no_fault(path: Path) -> None:
    assert rulefile.faults_of(path) == []


def test_there_are_rules() -> None:
    assert len(SHIPPED) > 25


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_the_published_schema_accepts_the_rules_we_ship(path: Path) -> None:
    content = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)

    assert [error.message for error in PUBLISHED.iter_errors(content)] == []


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_a_file_is_named_after_its_rule(path: Path) -> None:
    assert rulefile.read(path).name == path.stem


def test_a_file_is_a_rule() -> None:
    rule = rulefile.parse(GOOD, "mine/rule.yaml")

    assert (rule.code, rule.name, rule.kind, rule.family) == (
        "XAB001",
        "booking-number",
        "match",
        "XAB",
    )
    assert rule.parameters == {"scope": "messages", "patterns": ["LS-\\d{4}"]}
    assert (rule.scope, rule.origin) == ("messages", "mine/rule.yaml")
    assert (rule.status, rule.default, rule.fix, rule.mask) == ("stable", True, "none", False)
    assert (list(rule.tags), list(rule.links)) == ([], [])


def test_what_a_file_says_wins_over_what_is_usual() -> None:
    more = "status: preview\ndefault: false\nfix: safe\nmask: true\ntags: [a]\nlinks: [b]\n"

    rule = rulefile.parse(GOOD + more, "")

    assert (rule.status, rule.default, rule.fix, rule.mask) == ("preview", False, "safe", True)
    assert (list(rule.tags), list(rule.links)) == (["a"], ["b"])


@pytest.mark.parametrize(
    "message", ["no names", "{match}", "'{match}' {match}", "{{match}}", "{{{match}}}"]
)
def test_a_message_may_hold_what_its_kind_fills_in(message: str) -> None:
    text = changed("Booking number {match}", f'"{message}"')

    assert rulefile.parse(text, "").message == message


# -- what is wrong ------------------------------------------------------------------

FAULTS = {
    "an unknown key": (changed("why: ", "wy: "), 5, "unknown key 'wy'. Did you mean why?"),
    "an unknown key like no other": (GOOD + "qqq: 1\n", 16, "unknown key 'qqq'."),
    "a parameter of another kind": (GOOD + "max-ratio: 2\n", 16, "unknown key 'max-ratio'."),
    "a key that is no text": (GOOD + "1: 2\n", 16, "unknown key 1."),
    "an unknown key of a test": (
        changed("    rows: ", "    row: "),
        14,
        "unknown key 'row'. Did you mean rows",
    ),
    "an unknown key of what a test expects": (
        changed("{row: 0, field:", "{row: 0, feld:"),
        15,
        "unknown key 'feld'. Did you mean field?",
    ),
    "an unknown kind": (
        changed("kind: match", "kind: mach"),
        7,
        "unknown kind 'mach'. Did you mean match?",
    ),
    "a kind like no other": (changed("kind: match", "kind: qqq"), 7, "Known are absent, allowed"),
    "a kind that is no text": (changed("kind: match", "kind: [match]"), 7, "unknown kind"),
    "no kind": (without("kind"), 1, "the key 'kind' is missing. Known are absent, allowed"),
    "a missing key": (without("why"), 1, "rule: 'why' is a required property"),
    "a missing parameter": (without("patterns"), 1, "rule: 'patterns' is a required property"),
    "no tests": (GOOD[: GOOD.index("tests:")] + "tests: []\n", 12, "tests: "),
    "a test without a name": (
        changed("- name: a number\n    rows:", "- rows:"),
        13,
        "tests[0]: 'name' is a required property",
    ),
    "a test without rows": (
        changed("    rows: [{prompt: Where is LS-2041?, completion: There.}]\n", ""),
        13,
        "tests[0]: either 'rows' or 'raw' is required",
    ),
    "a test with rows twice": (
        GOOD + "    raw: x\n",
        13,
        "tests[0]: either 'rows' or 'raw' is required",
    ),
    "a test of no format": (
        GOOD + "    format: parquet\n",
        16,
        "tests[0].format: 'parquet' does not match",
    ),
    "a wrong type": (changed("severity: warning", "severity: [1]"), 6, "severity: [1] is not one"),
    "a wrong type within": (
        changed("['LS-\\d{4}']", "[a, 5]"),
        9,
        "patterns[1]: 5 is not of type 'string'",
    ),
    "a pattern RE2 refuses": (
        changed("'LS-", "'(LS-"),
        9,
        "patterns[0]: '(LS-\\\\d{4}': missing )",
    ),
    "a pattern only Python knows": (changed("'LS-", "'(?=L)LS-"), 9, "invalid perl operator"),
    "a pattern of nothing": (changed("'LS-\\d{4}'", "'x*'"), 9, "it matches the empty text"),
    "an exception RE2 refuses": (GOOD + "except: [a, '[']\n", 16, "except[1]: '['"),
    "an unknown severity": (
        changed("severity: warning", "severity: warn"),
        6,
        "severity: 'warn' is not one of ['error', 'warning', 'info']",
    ),
    "an unknown scope": (changed("scope: messages", "scope: message"), 8, "scope: 'message'"),
    "another version": (changed("schema: 1", "schema: 2"), 1, "schema: 1 was expected"),
    "a code of another form": (changed("XAB001", "xab001"), 2, "code: 'xab001' does not match"),
    "a name of another form": (changed("booking-number\n", "Booking\n"), 3, "name: 'Booking'"),
    "an empty text": (changed("It leads to a customer.", "''"), 5, "why: "),
    "an unknown name in the message": (
        changed("{match}", "{mach}"),
        10,
        "unknown name {mach} in message. Did you mean match?",
    ),
    "a number in the message": (changed("{match}", '"{0}"'), 10, "unknown name {0} in message."),
    "an attribute in the message": (
        changed("{match}", "{match.__class__}"),
        10,
        "unknown name {match.__class__} in message.",
    ),
    "a form in the message": (
        changed("{match}", '"{match:>999}"').replace("Booking number ", ""),
        10,
        "{match} in message: the name stands alone",
    ),
    "a conversion in the message": (changed("{match}", "{match!r}"), 10, "the name stands alone"),
    "a brace in the message": (changed("{match}", "{"), 10, "write {{ and }} for braces"),
    "a key twice": (GOOD + "why: again\n", 16, "key 'why' stands here twice"),
    "a key twice within": (
        changed("{row: 0, field:", "{row: 0, row: 1, field:"),
        15,
        "key 'row' stands here twice",
    ),
    "broken YAML": (changed("patterns: [", "patterns: [["), 10, "did not find expected"),
    "a tab": (changed("    rows:", "\t  rows:"), 14, "found a tab character"),
    "another document": (GOOD + "---\na: 1\n", 16, "found another document"),
    "a Python object": (
        changed("It leads to a customer.", "!!python/object/apply:os.getcwd []"),
        5,
        "could not determine a constructor",
    ),
    "a reference": (
        changed("summary: A text", "summary: &a A text").replace("It leads to a customer.", "*a"),
        5,
        "*a: write the value out",
    ),
    "nested without end": (GOOD + "tags: " + "[" * 200_000, 16, "nested more than 64 levels deep"),
    "not a mapping": ("- a\n- b\n", 1, "a rule file holds keys and values"),
    "plain text": ("hello\n", 1, "a rule file holds keys and values"),
    "nothing": ("", 1, "a rule file holds keys and values"),
    "bytes that are not UTF-8": (GOOD.encode() + b"tags: [caf\xe9]\n", 16, "is not UTF-8"),
}


@pytest.mark.parametrize(("text", "line", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_with_its_line(
    tmp_path: Path, text: str | bytes, line: int, told: str
) -> None:
    path = written(tmp_path, text)

    faults = rulefile.faults_of(path)

    assert any(fault.startswith(f"{path}:{line}: ") and told in fault for fault in faults), faults
    assert not any("\n" in fault for fault in faults)


@pytest.mark.parametrize(("text", "line", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_a_file_with_a_fault_is_no_rule(
    tmp_path: Path, text: str | bytes, line: int, told: str
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(RuleInvalid) as raised:
        rulefile.read(path)

    assert str(raised.value) == rulefile.faults_of(path)[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"a: \x00\n", "control characters are not allowed"),
        (b"a: 2020-13-45\n", "month must be in 1..12"),
    ],
)
def test_what_yaml_refuses_without_a_line_is_told(tmp_path: Path, text: bytes, told: str) -> None:
    path = written(tmp_path, text)

    (fault,) = rulefile.faults_of(path)

    assert fault.startswith(f"{path}: ")
    assert told in fault


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuleInvalid, match=r"gone\.yaml: No such file or directory"):
        rulefile.read(tmp_path / "gone.yaml")


def test_every_fault_of_a_file_is_told(tmp_path: Path) -> None:
    text = changed("why: ", "wy: ").replace("help: ", "hlp: ").replace("{match}", "{mach}")
    path = written(tmp_path, text)

    assert rulefile.faults_of(path) == [
        f"{path}:11: unknown key 'hlp'. Did you mean help?",
        f"{path}:5: unknown key 'wy'. Did you mean why?",
        f"{path}:1: rule: 'why' is a required property",
        f"{path}:1: rule: 'help' is a required property",
        f"{path}:10: unknown name {{mach}} in message. Did you mean match?",
    ]


def test_a_fault_does_not_repeat_a_long_value(tmp_path: Path) -> None:
    path = written(tmp_path, changed("severity: warning", f"severity: {'x' * 100_000}"))

    assert len(rulefile.faults_of(path)[0]) < len(str(path)) + 300


@pytest.mark.parametrize("name", kinds.names())
def test_what_a_kind_requires_it_knows(name: str) -> None:
    kind = kinds.load(name)

    assert set(kind.REQUIRED) <= set(kind.PARAMETERS)
    assert not set(kind.PARAMETERS) & set(rulefile.COMMON)
