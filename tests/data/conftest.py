"""Real files with known truths lie beside the project, not in it."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data; tests that need it are skipped where it is absent."""
    folder = Path(__file__).parents[3] / "shared" / "data"
    if not (folder / "manifest.json").is_file():
        pytest.skip("the real data files are not beside this checkout")
    return folder
