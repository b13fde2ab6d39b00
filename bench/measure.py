"""What all parts of the bench share: goals, calm rounds, cells of load, and the programs that they start."""

import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from load import Outcome, drive
from servers import PYTHON, ROOT

CLIENTS = 16


@dataclass(frozen=True, slots=True)
class Effort:
    """How many rounds, how long a cell, and how far the machine may be disturbed in a round that counts."""

    rounds: int
    seconds: float
    bracket: float


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio and the bar it must reach; `at_most` turns the bar round."""

    number: str
    text: str
    ratio: float
    bar: float
    at_most: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether the bar is reached."""
        return self.ratio <= self.bar if self.at_most else self.ratio >= self.bar


def calm_rounds(
    stack: ExitStack, cells: Mapping[str, Callable[[], Outcome]], effort: Effort, limit: Callable[[], float]
) -> tuple[list[dict[str, Outcome]], list[float], int]:
    """Run all cells in turn until enough rounds were calm; return those, their limits, how many were not."""
    for name, cell in cells.items():  # everything once, so that nothing is measured cold
        print("Warming", name, flush=True)
        cell()
    kept: list[dict[str, Outcome]] = []
    limits: list[float] = []
    thrown = 0
    turn = _calibration(stack)
    while len(kept) < effort.rounds and thrown <= effort.rounds:
        found, brackets = {}, [turn()]
        for name, cell in cells.items():
            found[name] = cell()
            brackets.append(turn())
        most = limit()
        brackets.append(turn())
        calm = max(brackets) / min(brackets) <= effort.bracket
        print(f"Round {len(kept) + 1}:", "kept" if calm else "thrown away", flush=True)
        if calm:
            kept.append(found)
            limits.append(most)
        else:
            thrown += 1
    if not kept:
        sys.exit("The machine was never calm enough; nothing can be said.")
    return kept, limits, thrown


def cell(port: int, requests: Iterator[bytes], seconds: float) -> Outcome:
    """Send requests for some seconds."""
    # Made before the clock starts; far more than any cell can send.
    made = list(islice(requests, int(seconds * 1500)))
    return drive(port, iter(made), clients=CLIENTS, seconds=seconds)


def again(data: bytes) -> Iterator[bytes]:
    """Give the same request for ever."""
    while True:
        yield data


def _calibration(stack: ExitStack) -> Callable[[], float]:
    """Return a call that tells how long a fixed piece of work takes just now on the slowest of all cores."""
    cores = os.cpu_count() or 1
    pool = stack.enter_context(multiprocessing.get_context("fork").Pool(cores))
    return lambda: max(pool.map(_turn, range(cores), chunksize=1))


def _turn(_core: int) -> float:
    """Return the median of a few turns: one alone sees every blink of a shared machine."""
    return statistics.median(_work() for _ in range(5))


def _work() -> float:
    begun = time.perf_counter()
    sum(number * number for number in range(1_000_000))
    return time.perf_counter() - begun


def psql(cluster: Path, database: str, *arguments: str) -> str:
    """Run psql and return what it printed."""
    command = ["psql", "-h", str(cluster), "-U", "madoguchi_owner", "-v", "ON_ERROR_STOP=1", "-q", *arguments]
    return subprocess.run([*command, database], check=True, capture_output=True, text=True).stdout


def python(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a Python program of the repository and return its last line; leave when it fails."""
    ran = subprocess.run(
        [PYTHON, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{ran.stdout[-2000:]}{ran.stderr[-4000:]}")
    return ran.stdout.splitlines()[-1] if ran.stdout else ""
