"""A pool of processes that run one function over tasks and answer in order."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache
from multiprocessing.connection import wait
from typing import Any, Final, TypeVar

# A worker that was told to end has ended long before.
_PATIENCE_S: Final = 5
Task = TypeVar("Task")
Result = TypeVar("Result")


class Pool:
    """Worker processes, started when first needed; with one job, the process itself."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._executor: ProcessPoolExecutor | None = None

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the result of each task in order, never more than two a worker ahead."""
        if self._jobs == 1:
            yield from map(function, tasks)
            return
        payload = pickle.dumps(function)
        waiting: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                waiting.append(self._submit(payload, task))
                if len(waiting) >= 2 * self._jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            self.close()  # what comes next has use for the memory

    def _submit(self, payload: bytes, task: Any) -> Future[Any]:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self._jobs, mp_context=_context(), initializer=_start_worker
            )
            with _HiddenMain():
                return self._executor.submit(_call, payload, task)
        return self._executor.submit(_call, payload, task)

    def close(self) -> None:
        """End the workers, whatever they are at; when this returns they write no more."""
        if self._executor is not None:
            processes = list((self._executor._processes or {}).values())
            self._executor.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            for process in processes:
                process.join(_PATIENCE_S)
            self._executor = None


def _context() -> Any:
    """Return how workers start: from a server that has imported what they need."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["dsprep.kernel"])
    return context


class _HiddenMain:
    """Keeps new processes from running the user's script again: they run dsprep only."""

    def __enter__(self) -> None:
        self._main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")

    def __exit__(self, *_: object) -> None:
        sys.modules["__main__"] = self._main


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent answers Ctrl-C
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """End this process when its parent has, even if that was killed."""
    wait([sentinel])
    os._exit(1)


def _call(payload: bytes, task: Any) -> Any:
    return _function(payload)(task)


@lru_cache(maxsize=2)
def _function(payload: bytes) -> Callable[[Any], Any]:
    """Return the function once a worker, so that what it caches is kept."""
    function: Callable[[Any], Any] = pickle.loads(payload)  # noqa: S301 - from our own parent
    return function
