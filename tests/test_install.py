"""What a user installs works on its own: wheel, empty venv, outside the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of programs of a venv that holds the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("install")
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "build", "*.egg-info"))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, copy], check=True)
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    wheel = next(folder.glob("dsprep-*.whl"))
    subprocess.run([programs / "python", "-m", *pip[2:], "install", wheel], check=True, cwd=folder)
    return programs


def run(program: Path, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_wheel_runs_the_demo_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    told = run(installed / "dsprep", "prepare", "sample_data", "--out", "out", cwd=tmp_path)

    assert told.returncode == 1, told.stderr  # sample_data has broken rows on purpose
    assert told.stderr == ""
    assert (tmp_path / "out/report.html").stat().st_size > 10_000


def test_wheel_has_the_rules(installed: Path, tmp_path: Path) -> None:
    told = run(installed / "dsprep", "rules", "test", cwd=tmp_path)

    assert told.returncode == 0, told.stdout
    assert "tests of 28 rules passed" in told.stdout


def test_counts_offline_without_the_fast_counter(installed: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['toktok'] = None;"
        "from dsprep.text.tokens import count_tokens;"
        "print(count_tokens(['hello world'], 'o200k_base'))"
    )
    told = run(installed / "python", "-c", code, cwd=tmp_path)

    assert told.stdout.strip() == "[2]", told.stderr


def test_version_is_quick(installed: Path, tmp_path: Path) -> None:
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_utime + used.ru_stime)"
    )
    told = run(installed / "python", "-c", code, installed / "dsprep", "--version", cwd=tmp_path)
    version, cpu_s = told.stdout.split("\n")[:2]

    assert version.startswith("dsprep ")
    assert float(cpu_s) < 0.3
