"""Workers: one function, many tasks, answers in order.

Workers cannot import tests, so the functions here are Python's and our own.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dsprep.engine.pool import Pool
from dsprep.errors import InputError
from dsprep.sources import source_of

PID = "__import__('os').getpid()"


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 9])
def test_answers_come_in_order(jobs: int, count: int) -> None:
    answers = list(Pool(jobs).map(math.factorial, range(count)))

    assert answers == [math.factorial(number) for number in range(count)]


def test_a_slow_task_does_not_change_the_order() -> None:
    tasks = ["__import__('time').sleep(0.3) or 0", "1", "2", "3", "4"]

    assert list(Pool(2).map(eval, tasks)) == [0, 1, 2, 3, 4]


def test_one_job_is_this_process() -> None:
    assert set(Pool(1).map(eval, [PID] * 3)) == {os.getpid()}


def test_two_jobs_are_other_processes() -> None:
    assert os.getpid() not in set(Pool(2).map(eval, [PID] * 4))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_worker_raises_reaches_the_caller(tmp_path: Path, jobs: int) -> None:
    (tmp_path / "a.csv").write_text("a\n")
    tasks = [str(tmp_path / name) for name in ("a.csv", "a.csv", "gone.csv", "a.csv")]

    answers = Pool(jobs).map(source_of, tasks)

    assert [next(answers).format for _ in range(2)] == ["csv", "csv"]
    with pytest.raises(InputError, match=r"gone\.csv: no such file or folder\."):
        next(answers)


def test_a_worker_that_dies_is_noticed() -> None:
    with pytest.raises(Exception, match="terminated abruptly"):
        list(Pool(2).map(os._exit, [1, 1, 1]))


@pytest.mark.parametrize("jobs", [1, 2])
def test_tasks_are_taken_as_they_are_needed(jobs: int) -> None:
    taken = []

    def tasks() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    answers = Pool(jobs).map(abs, tasks())
    next(answers)

    assert len(taken) <= 2 * jobs + 1
    answers.close()  # type: ignore[attr-defined]  # it is a generator


def test_a_pool_can_be_used_again() -> None:
    pool = Pool(2)

    assert list(pool.map(abs, [-1, 2])) == [1, 2]
    assert list(pool.map(abs, [-3])) == [3]


def test_no_worker_outlives_the_work() -> None:
    list(Pool(2).map(abs, [1]))  # starts the server, which stays for the next ones
    before = children()
    answers = Pool(2).map(eval, ["__import__('time').sleep(0.1)"] * 99)
    next(answers)
    assert children() - before

    answers.close()  # type: ignore[attr-defined]  # it is a generator

    deadline = time.monotonic() + 10
    while children() - before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not children() - before


SCRIPT = """
import dsprep
print("hello")
data = dsprep.read("many.jsonl", jobs=2)
print(data.lint(select=["DUP101"]).totals)
"""


def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    row = '{"prompt": "Is water wet?", "completion": "%s"}\n' % ("It is. " * 400)
    (tmp_path / "many.jsonl").write_text(row * 1600)  # more than one process would read alone
    (tmp_path / "script.py").write_text(SCRIPT)

    ran = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "hello\n{'DUP101': 1599}\n"
