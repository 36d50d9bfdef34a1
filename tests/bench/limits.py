"""What this machine can do at best: nobody can start processes faster than the kernel forks."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.figures import Figure, percentile
from tests.bench.meter import Meter
from tests.bench.site import environ

TASKS = 500
CHAIN = 50
STARTS = 20
SYNCS = 200
BALLAST_MB = 40

# In an interpreter of its own, so that our own memory is not forked along.
FORK = f"""
import os, time
ballast = bytearray(os.urandom(1024)) * (1024 * {BALLAST_MB})
count, slots, live = 2000, 8, 0
began = time.perf_counter()
for _ in range(count):
    if live == slots:
        os.wait()
        live -= 1
    if os.fork() == 0:
        os._exit(0)
    live += 1
while live:
    os.wait()
    live -= 1
print(count / (time.perf_counter() - began))
"""


def forks_per_second() -> float:
    """Fork a process of 40 MB that ends at once, 8 at a time."""
    done = subprocess.run(
        [sys.executable, "-c", FORK], env=environ(), capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def shells_per_second() -> float:
    """Run `bash -c true` under xargs, 8 at a time."""
    arguments = b"x\n" * TASKS
    command = ["xargs", "-P8", "-n1", "bash", "-c", "true"]
    return TASKS / _seconds(lambda: subprocess.run(command, input=arguments, check=True))


def make_gap_ms() -> float:
    """Run a chain of `/bin/true` under make; return the time from one to the next."""
    rules = [f"t{i}: t{i - 1}\n\t@/bin/true\n" for i in range(1, CHAIN)]
    text = f"all: t{CHAIN - 1}\nt0:\n\t@/bin/true\n" + "".join(rules)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Makefile").write_text(text)
        command = ["make", "-s", "-C", folder, "-j2"]
        return 1000 * _seconds(lambda: subprocess.run(command, check=True)) / CHAIN


def interpreter_start_ms() -> float:
    """Start this Python with nothing to do."""
    command = [sys.executable, "-c", "pass"]

    def start() -> object:
        return subprocess.run(command, env=environ(), check=True)

    return 1000 * percentile([_seconds(start) for _ in range(STARTS)], 0.5)


def fsync_ms() -> float:
    """Append 4 KB to a file and wait until they are on the disk."""
    with tempfile.TemporaryFile() as file:

        def write() -> None:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())

        return 1000 * percentile([_seconds(write) for _ in range(SYNCS)], 0.5)


LIMITS: tuple[tuple[str, str, Callable[[], float]], ...] = (
    ("limit: fork of 40 MB, 8 at a time", "/s", forks_per_second),
    ("limit: xargs -P8 bash -c true", "/s", shells_per_second),
    ("limit: make, gap of a chain", "ms", make_gap_ms),
    ("limit: interpreter start", "ms", interpreter_start_ms),
    ("limit: fsync of 4 KB", "ms", fsync_ms),
)


def measure(repetitions: int) -> Iterator[Figure]:
    """Measure every limit of the machine."""
    for name, unit, one in LIMITS:
        meter = Meter()
        values = tuple(one() for _ in range(repetitions))
        yield Figure(name, values, unit, foreign_cores=meter.read().foreign_cores)


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
