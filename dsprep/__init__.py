"""dsprep prepares data for fine-tuning: ingest, lint, split, report.

import dsprep

data = dsprep.read("data/")          # files, folders or a data frame
print(data.lint())                   # what is wrong with it
data.prepare("out/")                 # train, validation, dropped, reports, receipt
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Dataset", "LintReport", "Split", "lint", "load_rules", "read", "verify"]

if TYPE_CHECKING:
    from dsprep.dataset import Dataset, LintReport, Split, lint, load_rules, read, verify


def __getattr__(name: str) -> Any:
    """Return a name of the API, imported when first used: `dsprep --version` needs none."""
    if name not in __all__:
        raise AttributeError(f"module 'dsprep' has no attribute {name!r}")
    from dsprep import dataset  # noqa: PLC0415 - keeps pyarrow and DuckDB out of start-up

    value = getattr(dataset, name)
    globals()[name] = value
    return value
