"""All rules there are: found, named, selected, configured, explained."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dsprep import rulebook
from dsprep.errors import RuleInvalid, UsageError
from dsprep.rule import Rule
from dsprep.rulebook import Rulebook
from tests.test_rulefile import GOOD, changed

BOOK = rulebook.load()
RULES = {rule.code: rule for rule in BOOK}
# DESIGN.md, section 5, and what stands there as fixed from the start.
FAMILIES = [
    *("FMT", "SCH", "CHT", "TXT", "DUP", "LEK", "TOK", "LBL"),
    *("LNG", "PII", "SEC", "PRF", "SIZ", "SPL", "TGT", "DSP"),
]
NAMES = {
    "FMT001": "unparsable-row",
    "FMT002": "invalid-utf8",
    "FMT003": "byte-order-mark",
    "FMT005": "duplicate-key",
    "FMT006": "non-finite-number",
    "FMT008": "ragged-row",
    "FMT009": "lone-surrogate",
    "SCH001": "missing-field",
    "SCH002": "wrong-type",
    "SCH004": "mixed-shapes",
    "SCH005": "empty-dataset",
    "SCH006": "literal-null",
    "CHT101": "role-order",
    "CHT102": "empty-turn",
    "CHT103": "no-assistant-turn",
    "CHT104": "ends-with-user",
    "CHT106": "unknown-role",
    "TXT101": "mojibake",
    "DUP101": "exact-duplicate",
    "DUP102": "conflicting-completion",
    "TOK101": "over-length",
    "LBL101": "label-conflict",
    "LBL201": "imbalance",
    "LBL202": "rare-label",
    "PII101": "email-address",
    "SEC101": "private-key",
    "SIZ101": "too-few-examples",
    "TGT301": "not-expressible",
}


def codes(rules: Sequence[Rule] | Rulebook) -> set[str]:
    return {rule.code for rule in rules}


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


# -- the rules we ship --------------------------------------------------------------


def test_codes_and_names_are_those_agreed_on() -> None:
    assert NAMES.items() <= {rule.code: rule.name for rule in BOOK}.items()


def test_codes_are_of_known_families() -> None:
    assert {rule.family for rule in BOOK} <= set(FAMILIES)
    assert all(re.fullmatch(r"[A-Z]{3}\d{3}", rule.code) for rule in BOOK)


def test_codes_and_names_are_unique() -> None:
    assert len(codes(BOOK)) == len({rule.name for rule in BOOK}) == len(BOOK.rules)


def test_no_word_means_two_things() -> None:
    tags = {tag for rule in BOOK for tag in rule.tags}

    assert not tags & {word for rule in BOOK for word in (rule.code, rule.name)}


def test_rules_are_sorted() -> None:
    assert [rule.code for rule in BOOK] == sorted(RULES)


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.code)
def test_each_rule_has_a_failing_and_a_clean_example(rule: Rule) -> None:
    assert any(test["expect"] for test in rule.tests)
    assert any(not test["expect"] for test in rule.tests)


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.code)
def test_each_rule_tells_why_and_what_to_do(rule: Rule) -> None:
    assert len(rule.why) > 40
    assert len(rule.help) > 20
    assert not rule.summary.endswith(".")


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.code)
def test_each_rule_comes_from_a_file_of_its_name(rule: Rule) -> None:
    assert re.fullmatch(rf"rules/[a-z]+/{rule.name}\.yaml", rule.origin)


def test_private_are_those_that_mask() -> None:
    assert codes(BOOK.private) == {code for code in RULES if code[:3] in ("PII", "SEC")}


# -- names --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("DUP101", {"DUP101"}),
        ("exact-duplicate", {"DUP101"}),
        ("dup101", {"DUP101"}),
        ("DUP1", {"DUP101", "DUP102"}),
        ("LBL2", {"LBL201", "LBL202"}),
        ("tokens", {"TOK101"}),
        ("ALL", set(RULES)),
        ("all", set(RULES)),
    ],
)
def test_a_word_names_rules(word: str, named: set[str]) -> None:
    assert codes(BOOK.named(word)) == named


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("DUP11", "DUP101"),
        ("exact-duplicat", "exact-duplicate"),
        ("Exact-Duplicates", "exact-duplicate"),
        ("dupe", "duplicate"),
        ("privacys", "privacy"),
        ("qqq", "`dsprep rules list`"),
        ("", "`dsprep rules list`"),
    ],
)
def test_an_unknown_word_says_what_was_meant(word: str, meant: str) -> None:
    with pytest.raises(UsageError) as raised:
        BOOK.named(word)

    assert str(raised.value).startswith(f"unknown rule {word!r}.")
    assert meant in str(raised.value)


def test_one_rule_is_one() -> None:
    assert BOOK.one("TOK") == RULES["TOK101"]
    with pytest.raises(UsageError, match=r"'DUP' names 2 rules: DUP101, DUP102\. Name one\."):
        BOOK.one("DUP")


def test_a_tag_like_the_name_names_a_rule_once(tmp_path: Path) -> None:
    put(tmp_path, "rule.yaml", GOOD + "tags: [booking-number, travel, travel]\n")

    book = rulebook.load([tmp_path])

    assert book.one("booking-number").code == book.one("travel").code == "XAB001"


# -- selection ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "extend", "ignore", "chosen"),
    [
        ((), (), (), set(RULES)),
        (("DUP",), (), (), {"DUP101", "DUP102"}),
        (("DUP101", "tokens"), (), (), {"DUP101", "TOK101"}),
        (("DUP",), (), ("DUP102",), {"DUP101"}),
        (("DUP102",), (), ("DUP",), set()),
        (("DUP102",), ("TOK",), (), {"DUP102", "TOK101"}),
        (("DUP102",), ("TOK",), ("TOK",), {"DUP102"}),
        ((), (), ("ALL",), set()),
        (("ALL",), (), ("FMT",), {code for code in RULES if code[:3] != "FMT"}),
        ("DUP101", "TOK101", "DUP102", {"DUP101", "TOK101"}),  # a string is one word
    ],
)
def test_rules_are_selected(
    select: Sequence[str], extend: Sequence[str], ignore: Sequence[str], chosen: set[str]
) -> None:
    assert codes(BOOK.select(select, extend, ignore)) == chosen


@pytest.mark.parametrize("line", ["default: false", "status: preview"])
def test_some_rules_run_on_request_only(tmp_path: Path, line: str) -> None:
    put(tmp_path, "rule.yaml", f"{GOOD}{line}\n")
    book = rulebook.load([tmp_path])

    assert "XAB001" not in codes(book.select())
    assert "XAB001" in codes(book.select(extend=["XAB001"]))
    assert codes(book.select(["booking-number"])) == {"XAB001"}


@pytest.mark.parametrize("place", ["select", "extend", "ignore"])
def test_selecting_what_is_not_there_is_told(place: str) -> None:
    with pytest.raises(UsageError, match=r"unknown rule 'DUP11'\. Did you mean "):
        BOOK.select(**{place: ["DUP11"]})


# -- configuration ------------------------------------------------------------------


def test_parameters_are_set_by_any_name() -> None:
    book = BOOK.configure({"over-length": {"limit": 7}, "TOK": {"overhead": "chat"}})

    given = book.one("TOK101").parameters
    assert (given["limit"], given["overhead"], given["encoding"]) == (7, "chat", "cl100k_base")
    assert RULES["TOK101"].parameters["limit"] == 4096


def test_the_scope_is_a_parameter_like_others() -> None:
    rule = BOOK.configure({"PII101": {"scope": "completion"}}).one("PII101")

    assert rule.scope == rule.parameters["scope"] == "completion"


def test_severity_is_set_for_all_a_word_names() -> None:
    book = BOOK.configure({"DUP": {"severity": "error"}})

    assert {rule.severity for rule in book.named("DUP")} == {"error"}
    assert book.one("TOK").severity == RULES["TOK101"].severity


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"TOK101": {"limt": 5}}, r"rule TOK101 has no parameter 'limt'\. Did you mean limit\?"),
        ({"TOK101": {"qqq": 5}}, r"no parameter 'qqq'\. It has encoding, limit, overhead, sev"),
        ({"TOK101": {"limit": 0}}, "rule TOK101: limit: 0 is less than the minimum of 1"),
        ({"TOK101": {"limit": "5"}}, "rule TOK101: limit: '5' is not of type 'integer'"),
        ({"TOK101": {"encoding": "gpt2"}}, "rule TOK101: encoding: 'gpt2' is not one of"),
        ({"PII101": {"patterns": ["("]}}, r"rule PII101: patterns: '\(': missing \): \("),
        ({"PII101": {"patterns": [""]}}, "patterns: '': it matches the empty text"),
        ({"PII101": {"patterns": []}}, "patterns: "),
        ({"PII101": {"scope": "prompts"}}, "scope: 'prompts' is not one of"),
        ({"DUP": {"severity": "warn"}}, "rule DUP101: severity: 'warn' is not one of"),
        ({"over-lengt": {"limit": 5}}, r"unknown rule 'over-lengt'\. Did you mean over-length\?"),
    ],
)
def test_parameters_are_checked(settings: dict[str, dict[str, Any]], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        BOOK.configure(settings)


def test_settings_hold_folders_and_parameters(tmp_path: Path) -> None:
    put(tmp_path, "mine/rule.yaml", GOOD)
    settings = {
        "rules-dirs": [str(tmp_path / "mine")],
        "lint": {"rules": {"XAB001": {"severity": "info"}, "TOK": {"limit": 9}}},
    }

    book = rulebook.of_settings(settings)

    assert book.one("XAB001").severity == "info"
    assert book.one("TOK101").parameters["limit"] == 9


# -- rules of the user --------------------------------------------------------------


def test_rules_of_the_user_stand_beside_ours(tmp_path: Path) -> None:
    put(tmp_path, "a/rule.yaml", GOOD)
    put(tmp_path, "b/deep/rule.yaml", changed("XAB001", "XAB002").replace("booking-", "ticket-"))
    put(tmp_path, "b/notes.txt", "no rule")

    book = rulebook.load([tmp_path / "a", tmp_path / "b"])

    assert codes(book) - set(RULES) == {"XAB001", "XAB002"}
    assert book.one("XAB002").origin == (tmp_path / "b/deep/rule.yaml").as_posix()
    assert [rule.code for rule in book] == sorted(codes(book))


@pytest.mark.parametrize(
    ("text", "word", "first"),
    [
        (changed("XAB001", "DUP101"), "DUP101", "rules/duplicate/exact-duplicate.yaml"),
        (
            changed("booking-number\n", "exact-duplicate\n").replace("XAB001", "XAB002"),
            "exact-duplicate",
            "rules/duplicate/exact-duplicate.yaml",
        ),
        (changed("booking-number\n", "other\n"), "XAB001", "first.yaml"),
        (changed("XAB001", "XAB002"), "booking-number", "first.yaml"),
    ],
)
def test_a_clash_names_both_files(tmp_path: Path, text: str, word: str, first: str) -> None:
    put(tmp_path, "first.yaml", GOOD)
    path = put(tmp_path, "second.yaml", text)

    with pytest.raises(RuleInvalid) as raised:
        rulebook.load([tmp_path])

    told = str(raised.value)
    assert told.startswith(f"{path}: {word} is taken by ")
    assert told.endswith(f"{first}. Choose another.")


def test_a_broken_rule_of_the_user_is_told_with_its_line(tmp_path: Path) -> None:
    path = put(tmp_path, "rule.yaml", changed("why: ", "wy: "))

    with pytest.raises(RuleInvalid) as raised:
        rulebook.load([tmp_path])

    assert str(raised.value) == f"{path}:5: unknown key 'wy'. Did you mean why?"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuleInvalid, match="gone: no such rule folder"):
        rulebook.load([tmp_path / "gone"])


# -- pages --------------------------------------------------------------------------


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.code)
def test_a_page_says_everything(rule: Rule) -> None:
    page = rulebook.page(rule)

    assert page.startswith(f"{rule.code} {rule.name} ({rule.severity})\n\n{rule.summary}\n")
    assert f"What to do: {rule.help.strip()}\n" in page
    assert all(f"\n  {key} = " in page for key in rule.parameters)
    assert all(test["name"] in page for test in rule.tests)
    assert all(f"\n  {link}\n" in page for link in rule.links)
    assert page.endswith("\n")
    assert not page.endswith("\n\n")


def test_a_page_tells_examples_of_both_sides() -> None:
    page = rulebook.page(RULES["DUP101"])

    assert "  2 findings: three equal rows, the earliest is kept\n" in page
    assert "  1 finding: other keys do not tell two rows apart\n" in page
    assert "  no finding: one answer to two questions" in page
    assert '    {"prompt":"Is water wet?","completion":"It is."} {"prompt"' in page


def test_a_page_cuts_long_examples() -> None:
    assert max(map(len, rulebook.page(RULES["SEC101"]).splitlines())) < 1000
