"""One finding as machines read it, and how JSON is written so that it can stand in a CI log."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from dsprep.report import Finding, Place

FORMAT_VERSION: Final = 1
_COMMAND: Final = re.compile(rb"(##\w*)\[")


def finding_row(finding: Finding) -> dict[str, Any]:
    """Return one finding in the order of keys that the format promises."""
    return {
        "type": "finding",
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        **_place(finding.place),
        "field": finding.field,
        "start": finding.start,
        "end": finding.end,
        "message": finding.message,
        "row_id": finding.row_id,
        "related": [_place(place) for place in finding.related],
        "fix": finding.fix,
    }


def skipped_rows(skipped: Any) -> list[dict[str, str]]:
    """Return the skipped files with their reasons."""
    return [{"file": file, "reason": reason} for file, reason in skipped]


def encode(value: Any) -> str:
    r"""Return compact JSON on one line.

    A log reads `##[` as a command, so the bracket is written `\u005b`: the same JSON value.
    """
    try:
        text = msgspec.json.encode(value, enc_hook=str)
    except UnicodeEncodeError:
        # A file name that is not UTF-8 comes from the system with lone surrogates.
        text = msgspec.json.encode(_without_surrogates(value), enc_hook=str)
    return _COMMAND.sub(rb"\1\\u005b", text).decode()


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "row": place.row}


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value
