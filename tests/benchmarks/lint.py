"""What `dsprep lint` costs: CPU by stage in one process, then the whole with its peak memory.

    python tests/benchmarks/lint.py                 60 MB
    python tests/benchmarks/lint.py --mb 1000       as large as the README's figures
    python tests/benchmarks/lint.py --json out.json

The input is the real perf file beside the checkout repeated to the size asked for, or
generated chats where it is absent. CPU seconds are the measure: wall time on shared
cores says little.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from dsprep import formats, ingest, kinds, rulebook, sources
from dsprep.kernel import Kernel

REAL = Path(__file__).parents[3] / "shared" / "data" / "perf" / "t0_templates.jsonl.gz"


def main() -> None:
    """Print the table of stages and the line of the whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=60, help="size of the input")
    parser.add_argument("--jobs", type=int, default=2, help="workers of the whole run")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.jsonl"
        rows = make_input(path, asked.mb * 1_000_000)
        size = path.stat().st_size / 1e6
        print(
            f"{size:.0f} MB, {rows:,} records of {'the perf file' if REAL.is_file() else 'chats'}"
        )
        stages = measure_stages(path)
        for name, seconds in stages.items():
            speed = size / seconds if seconds else 0.0
            print(f"  {name:<24} {seconds:8.2f} CPU-s  {speed:8.1f} MB per CPU-s")
        whole = measure_whole(path, asked.jobs)
        told = {
            "mb": size,
            "rows": rows,
            "mb_per_cpu_s": size / whole["cpu_s"],
            "records_per_s": rows / whole["wall_s"],
            **whole,
        }
        print(
            f"whole, {asked.jobs} workers: {told['mb_per_cpu_s']:.1f} MB per CPU-s, "
            f"{told['records_per_s']:,.0f} records a second, wall {told['wall_s']:.1f} s, "
            f"CPU {told['cpu_s']:.1f} s, peak of all processes {told['peak_mb']:.0f} MB"
        )
        if asked.json:
            asked.json.write_text(json.dumps({"stages_cpu_s": stages, "whole": told}, indent=2))


def make_input(path: Path, size: int) -> int:
    """Write a file of about a size and return its rows."""
    lines = gzip.decompress(REAL.read_bytes()).splitlines(keepends=True) if REAL.is_file() else None
    rows = 0
    with path.open("wb") as file:
        for line in endless(lines):
            file.write(line)
            rows += 1
            if file.tell() >= size:
                return rows
    return rows


def endless(lines: list[bytes] | None) -> Iterator[bytes]:
    """Yield the lines again and again, or generated chats."""
    number = 0
    while True:
        if lines is not None:
            yield from lines
        else:
            number += 1
            text = f"Question {number}: " + f"what is {number * 7919} in words, and why? " * 12
            turns = [("user", text), ("assistant", f"Answer {number}. " + "Because so. " * 20)]
            messages = [{"role": role, "content": content} for role, content in turns]
            yield json.dumps({"messages": messages}).encode() + b"\n"


def measure_stages(path: Path) -> dict[str, float]:
    """Return CPU seconds by stage, each run alone over all batches."""
    spent: dict[str, float] = {}
    book = rulebook.load().select()
    kernel = Kernel(book.rules, book.private)
    reading = ingest.detect(sources.source_of(str(path)))
    shards = formats.load("jsonl").shards(reading.source)
    started = time.process_time()
    for shard in shards:
        for _ in formats.load("jsonl").read(reading.source, shard):
            pass
    spent["read and decode"] = time.process_time() - started
    for shard in shards:
        for piece in timed(spent, "adapt", ingest.read(reading, shard)):
            judge(spent, kernel, piece)
    spent["adapt"] -= spent["read and decode"]
    return spent


def timed(spent: dict[str, float], name: str, items: Iterator[Any]) -> Iterator[Any]:
    """Yield items, adding the CPU time each takes to come."""
    while True:
        started = time.process_time()
        item = next(items, None)
        spent[name] = spent.get(name, 0.0) + time.process_time() - started
        if item is None:
            return
        yield item


def judge(spent: dict[str, float], kernel: Kernel, piece: ingest.Piece) -> None:
    """Run every kind over one piece; the views they share count for the first that asks."""
    started = time.process_time()
    batch = piece.batch()
    spent["to Arrow"] = spent.get("to Arrow", 0.0) + time.process_time() - started
    for name, rules in kinds.of_kind(kernel.rules).items():
        started = time.process_time()
        if kind := kinds.record_kind(name):
            list(kind.find(batch, rules))
        if dataset_kind := kinds.dataset_kind(name):
            dataset_kind.measure(batch, rules)
        stage = f"kind {name}"
        spent[stage] = spent.get(stage, 0.0) + time.process_time() - started


def measure_whole(path: Path, jobs: int) -> dict[str, float]:
    """Return CPU and wall seconds of `dsprep lint`, and the peak of all its processes in MB."""
    command = [sys.executable, "-m", "dsprep", "lint", str(path), "--jobs", str(jobs)]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    found = {"peak_mb": 0.0}
    cpu: dict[int, float] = {}
    watcher = threading.Thread(target=watch, args=(process, found, cpu))
    watcher.start()
    process.wait()
    watcher.join()
    return {"cpu_s": sum(cpu.values()), "wall_s": time.monotonic() - started, **found}


def watch(process: subprocess.Popen[bytes], found: dict[str, float], cpu: dict[int, float]) -> None:
    """Sample memory and CPU of a process and its children until it ends."""
    parent = psutil.Process(process.pid)
    while process.poll() is None:
        resident = 0.0
        try:
            family = [parent, *parent.children(recursive=True)]
        except psutil.Error:
            return
        for member in family:
            try:
                resident += member.memory_info().rss / 1e6
                times = member.cpu_times()
            except psutil.Error:
                continue
            cpu[member.pid] = times.user + times.system
        found["peak_mb"] = max(found["peak_mb"], resident)
        time.sleep(0.05)


if __name__ == "__main__":
    main()
