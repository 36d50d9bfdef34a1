"""What processes, tables and logs take while tasks run and files are parsed, and does it grow?"""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from tests.faults.harness import Home
from tests.faults.processes import Role

STANDING = (Role.SCHEDULER, Role.RUNNER, Role.BASE, Role.ZYGOTE, Role.PARSER)
TABLES = ("dag_run", "task_instance", "task_try", "xcom", "dag_version", "dag_source")
MIB = 2**20
SLACK = {"rss": 6 * MIB, "fds": 4, "threads": 2}  # more or less of it is no growth
LEAK_BYTES_MAX = MIB / 10_000  # by attempt
FACTOR = 1.4  # by which rows and logs may differ: they go up and down with the passes of retention


@dataclass
class Sample:
    """What there was after so many attempts, by what it is of."""

    attempts: int
    rss: dict[str, int] = field(default_factory=dict)  # bytes, of the largest process of a kind
    fds: dict[str, int] = field(default_factory=dict)
    threads: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)  # rows by table, and bytes of logs


def taken(home: Home, attempts: int) -> Sample:
    """Look at a home."""
    sample = Sample(attempts)
    standing = home.processes(*STANDING)
    for process in standing:
        with contextlib.suppress(OSError):
            _note(sample, str(process.role), Path(f"/proc/{process.pid}"))
    # It has a socket to each zygote, and keeps that of an old version for a minute.
    sample.fds[Role.RUNNER] -= sum(process.role is Role.ZYGOTE for process in standing)
    for table in TABLES:
        sample.kept[table] = home.ask(f"SELECT count(*) FROM {table}")[0][0]
    sample.kept["logs"] = _bytes_of_logs(home.path / "logs")
    return sample


def _bytes_of_logs(folder: Path) -> int:
    """Return how large the logs of attempts are; some go meanwhile."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names if "dag_id=" in path else ():
            with contextlib.suppress(OSError):
                total += (Path(path) / name).stat().st_size
    return total


def _note(sample: Sample, role: str, proc: Path) -> None:
    resident = int((proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    sample.rss[role] = max(sample.rss.get(role, 0), resident)
    sample.fds[role] = max(sample.fds.get(role, 0), len(os.listdir(proc / "fd")))
    sample.threads[role] = max(sample.threads.get(role, 0), len(os.listdir(proc / "task")))


def grown(samples: Sequence[Sample]) -> list[str]:
    """Return what there is more of in the last third than in the one before it."""
    third = len(samples) // 3
    early, late = samples[third : 2 * third], samples[2 * third :]
    attempts = late[-1].attempts - early[0].attempts
    found = []
    for what, slack in SLACK.items():
        more = LEAK_BYTES_MAX * attempts if what == "rss" else 0
        for name in late[-1].rss:
            before, after = (_mean_of_living(part, what, name) for part in (early, late))
            if before and after > before + slack + more:
                found.append(f"{what} of {name}: {before:.0f} -> {after:.0f}")
    for name in late[-1].kept:
        before, after = (_mean(part, "kept", name) for part in (early, late))
        lowest = [min(sample.kept[name] for sample in part) for part in (early, late)]
        if after > max(before, 1) * FACTOR and lowest[1] > max(lowest[0], 1) * FACTOR:
            found.append(f"{name}: {before:.0f} -> {after:.0f}")
    return found


def _mean(samples: Sequence[Sample], what: str, name: str) -> float:
    return mean(getattr(sample, what).get(name, 0) for sample in samples)


def _mean_of_living(samples: Sequence[Sample], what: str, name: str) -> float:
    """Return the mean of the samples in which there was such a process, 0 without one.

    A zygote that is idle goes: that one comes back is no growth.
    """
    found = [getattr(sample, what)[name] for sample in samples if name in getattr(sample, what)]
    return mean(found) if found else 0
