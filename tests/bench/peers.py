"""Other orchestrators that are installed here, through somebody else's bench scripts.

`BENCH_PEERS` names the folder with a `peer_<name>.sh` for each; those installed below
`ANCHOR_HOME` run the wide and the chained workload. Each prints its results as lines of JSON.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.lab import DURABLE, say
from tests.bench.site import environ
from tests.support.postgres import running_server

PEER_S = 1800.0

# (workload, its arguments) by name of the peer; `None` is every other.
ARGUMENTS: dict[str | None, tuple[tuple[str, ...], ...]] = {
    "airflow2": (
        ("W1", "--n", "100", "--parallelism", "8", "--reps", "2"),
        ("W2", "--n", "12", "--parallelism", "8", "--reps", "2"),
    ),
    "dagster": (("W1", "100", "8", "mp"), ("W2", "12", "8", "mp")),
    None: (("W1", "500", "8"), ("W2", "50", "8")),
}
ARGUMENTS["airflow3"] = ARGUMENTS["airflow2"]


def measure() -> Iterator[Figure]:
    """Run what is installed, on a PostgreSQL like ours where it wants one.

    Nothing happens when `BENCH_PEERS` is not set.
    """
    anchors = Path(os.environ.get("ANCHOR_HOME", Path.home() / ".anchors"))
    scripts = {
        name: script
        for script in sorted(Path(os.environ.get("BENCH_PEERS", "/nowhere")).glob("peer_*.sh"))
        if (anchors / (name := script.stem.removeprefix("peer_")) / "bin" / "python").exists()
    }
    if not scripts:
        return
    with running_server(DURABLE) as server, tempfile.TemporaryDirectory() as folder:
        base = server.url("").rstrip("/").replace("+psycopg:", "+psycopg2:")
        places = {"ANCHOR_HOME": str(anchors), "ANCHOR_RUN": folder, "ANCHOR_PG": base}
        for name, script in scripts.items():
            server.execute(f"CREATE DATABASE {name}")
            yield from _measure_one(name, script, {**environ(), **places})


def _measure_one(name: str, script: Path, env: dict[str, str]) -> Iterator[Figure]:
    for arguments in ARGUMENTS.get(name, ARGUMENTS[None]):
        say(f"peer {name} {' '.join(arguments)}")
        done = subprocess.run(
            [script, *arguments],
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=PEER_S,
        )
        if done.returncode != 0:
            say(f"  it failed: {done.stderr.strip()[-500:]}")
        yield from figures(done.stdout, name, arguments[0])


def figures(output: str, name: str, workload: str) -> Iterator[Figure]:
    """Read the lines of JSON that a script printed; the first of several runs is a warm-up."""
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    lines = [line for line in lines if line.get("complete", True)]
    counted = lines[1:] or lines
    if not counted:
        return
    key, unit, what = {
        "W1": ("tasks_per_s", "/s", "wide: tasks per second"),
        "W2": ("p50_latency_ms", "ms", "chain: gap p50"),
    }[workload]
    values = tuple(float(line[key]) for line in counted if line.get(key) is not None)
    foreign = max(float(line.get("foreign_cpu_cores") or 0.0) for line in counted)
    if values:
        yield Figure(f"{name} {what}", values, unit, foreign_cores=foreign)
