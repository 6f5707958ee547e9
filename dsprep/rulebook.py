"""All rules there are: found, selected, configured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

import msgspec

from dsprep import kinds, rulefile
from dsprep.errors import RuleInvalid, UsageError, did_you_mean
from dsprep.rule import Rule

# Code points of an example that `dsprep rule` prints.
_EXAMPLE: Final = 300


@dataclass(frozen=True)
class Rulebook:
    """Rules by code. Any of code, name, prefix or tag names them."""

    rules: Sequence[Rule]

    @cached_property
    def words(self) -> Mapping[str, Sequence[Rule]]:
        """Rules by every word that may name them, except prefixes."""
        words: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for word in dict.fromkeys((rule.code, rule.name, *rule.tags)):
                words.setdefault(word, []).append(rule)
        return words

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def named(self, word: str) -> Sequence[Rule]:
        """Return the rules a word names: a code, a name, a prefix of codes, a tag or ALL.

        Raises:
            UsageError: no rule bears the word.
        """
        if word in self.words:
            return self.words[word]
        if word.upper() == "ALL":
            return self.rules
        if found := [rule for rule in self.rules if word and rule.code.startswith(word.upper())]:
            return found
        hint = did_you_mean(word, self.words) or " `dsprep rules list` lists them."
        raise UsageError(f"unknown rule {word!r}.{hint}")

    def one(self, word: str) -> Rule:
        """Return the single rule a code or name stands for."""
        found = self.named(word)
        if len(found) != 1:
            codes = ", ".join(rule.code for rule in found)
            raise UsageError(f"{word!r} names {len(found)} rules: {codes}. Name one.")
        return found[0]

    def select(
        self,
        select: Iterable[str] = (),
        extend: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ) -> Rulebook:
        """Return the rules to judge by, sorted by code.

        Args:
            select: words for the rules wanted; empty for those on by default.
            extend: words for rules wanted beside them.
            ignore: words for rules not wanted, which win.
        """
        chosen = {rule.code for rule in self.rules if rule.default and rule.status != "preview"}
        if wanted := words(select):
            chosen = {rule.code for word in wanted for rule in self.named(word)}
        chosen |= {rule.code for word in words(extend) for rule in self.named(word)}
        chosen -= {rule.code for word in words(ignore) for rule in self.named(word)}
        return Rulebook([rule for rule in self.rules if rule.code in chosen])

    def configure(self, settings: Mapping[str, Mapping[str, Any]]) -> Rulebook:
        """Return the rulebook with parameters set by rule, checked as in a rule file.

        Args:
            settings: by any word that names rules, their parameters; `severity` too.
        """
        rules = {rule.code: rule for rule in self.rules}
        for word, given in settings.items():
            for rule in self.named(word):
                rules[rule.code] = _configured(rules[rule.code], given)
        return Rulebook(list(rules.values()))

    @property
    def private(self) -> Sequence[Rule]:
        """The rules whose matches no output may show."""
        return [rule for rule in self.rules if rule.mask]


def words(given: Iterable[str]) -> list[str]:
    """Return words for rules; a string is one word, not one a letter."""
    return [given] if isinstance(given, str) else list(given)


def _configured(rule: Rule, given: Mapping[str, Any]) -> Rule:
    properties = {
        **kinds.load(rule.kind).PARAMETERS,
        "severity": rulefile.COMMON["severity"],
    }
    for key, value in given.items():
        if key not in properties:
            hint = did_you_mean(key, properties) or f" It has {', '.join(sorted(properties))}."
            raise UsageError(f"rule {rule.code} has no parameter {key!r}.{hint}")
        for error in rulefile.validator(properties[key]).iter_errors(value):
            raise UsageError(f"rule {rule.code}: {key}: {rulefile.told(error)}")
    parameters = {key: value for key, value in given.items() if key != "severity"}
    rule = rule.with_parameters(parameters)
    return rule.with_severity(given["severity"]) if "severity" in given else rule


def load(folders: Iterable[Path] = ()) -> Rulebook:
    """Return the rules we ship and those of some folders, sorted by code.

    Raises:
        RuleInvalid: a file breaks the schema, or two files have one code or name.
    """
    rules = list(_ours())
    for folder in folders:
        if not folder.is_dir():
            raise RuleInvalid(f"{folder}: no such rule folder")
        rules += [rulefile.read(path) for path in sorted(folder.rglob("*.yaml"))]
    return Rulebook(_distinct(rules))


@cache
def _ours() -> tuple[Rule, ...]:
    """Return the rules we ship, each the same object ever after: what kinds make of it is kept."""
    return tuple(
        rulefile.parse(file.read_text(encoding="utf-8"), origin, validate=False)
        for file, origin in shipped()
    )


def of_settings(settings: Mapping[str, Any]) -> Rulebook:
    """Return all rules as settings have them: their folders, and parameters by rule."""
    folders = [Path(folder) for folder in settings.get("rules-dirs", ())]
    return load(folders).configure(settings.get("lint", {}).get("rules", {}))


def shipped() -> list[tuple[Traversable, str]]:
    """Return the rule files that come with dsprep, each with its path under rules/."""
    families = sorted(files("dsprep.rules").iterdir(), key=lambda item: item.name)
    return [
        (file, f"rules/{family.name}/{file.name}")
        for family in families
        if family.is_dir()
        for file in sorted(family.iterdir(), key=lambda item: item.name)
        if file.name.endswith(".yaml")
    ]


def _distinct(rules: Sequence[Rule]) -> list[Rule]:
    seen: dict[str, Rule] = {}
    for rule in rules:
        for word in (rule.code, rule.name):
            if word in seen:
                first = seen[word].origin
                raise RuleInvalid(f"{rule.origin}: {word} is taken by {first}. Choose another.")
            seen[word] = rule
    return sorted(rules, key=lambda rule: rule.code)


def page(rule: Rule) -> str:
    """Return what `dsprep rule` prints: the rule file put into words."""
    parts = [
        f"{rule.code} {rule.name} ({rule.severity})",
        rule.summary,
        rule.why.strip(),
        f"What to do: {rule.help.strip()}",
    ]
    if rule.parameters:
        given = (f"  {key} = {_told(value)}" for key, value in sorted(rule.parameters.items()))
        parts.append(
            "\n".join([f"Parameters (--config lint.rules.{rule.name}.KEY=VALUE):", *given])
        )
    parts.append("\n".join(["Examples:", *(f"  {_example(test)}" for test in rule.tests)]))
    if rule.links:
        parts.append("\n".join(["See:", *(f"  {link}" for link in rule.links)]))
    return "\n\n".join(parts) + "\n"


def _told(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _example(test: Mapping[str, Any]) -> str:
    rows = test.get("raw") or " ".join(_told(row) for row in test.get("rows", ()))
    shown = rows if len(rows) <= _EXAMPLE else rows[:_EXAMPLE] + "…"
    found = len(test["expect"])
    verdict = "no finding" if not found else f"{found} finding" + "s" * (found > 1)
    return f"{verdict}: {test['name']}\n    {shown.strip()}"
