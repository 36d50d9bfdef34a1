"""How long a person waits: from a trigger to the first line of user code, and for a command."""

import subprocess
import time
from collections.abc import Callable

from flowctl import clock
from tests.bench import dag_files, stamps
from tests.bench.figures import percentile
from tests.bench.lab import Lab
from tests.bench.meter import Meter
from tests.bench.site import COMMAND, Site
from tests.bench.waiting import pause_between

TRIGGER_S = 30.0


def trigger(lab: Lab) -> None:
    """One DAG of one no-op, everything idle, pauses of random length in between."""
    with lab.site() as site:
        dag_files.put(site.dags, "one", dag_files.text("one", dag_files.CHAIN, 1))
        site.start("scheduler")
        site.wait_usable(1)
        _note(lab, site, "by the store", lab.options.count(15, 5), lambda: site.trigger("one"))
        times = lab.options.count(7, 3)
        _note(lab, site, "by the command", times, lambda: site.command("dags", "trigger", "one"))


def _note(lab: Lab, site: Site, how: str, times: int, do: Callable[[], object]) -> None:
    _one_trigger(site, do)  # starts the zygote
    meter = Meter(site)
    waits = []
    for _ in range(times):
        pause_between(1, 3)
        waits.append(_one_trigger(site, do))
    foreign = meter.read().foreign_cores
    lab.note(f"trigger: {how}, p50", [percentile(waits, 0.5)], "ms", foreign=foreign)
    lab.note(f"trigger: {how}, p95", [percentile(waits, 0.95)], "ms", foreign=foreign)


def _one_trigger(site: Site, do: Callable[[], object]) -> float:
    site.fresh_stamps()
    began = clock.utcnow().timestamp()
    do()
    (stamp,) = stamps.wait_for(site.stamps, 1, TRIGGER_S, site.check)
    return 1000 * (stamp.at - began)


COMMANDS = {"start: version": ("version",), "start: dags list": ("dags", "list")}


def start(lab: Lab) -> None:
    """Commands from the shell, with an empty metastore."""
    with lab.site() as site:
        for name, words in COMMANDS.items():
            site.command(*words)  # the first one compiles, and warms the disk's cache
            meter = Meter()
            values = [_command_ms(site, words) for _ in range(lab.options.count(15, 5))]
            foreign = meter.read().foreign_cores
            lab.note(name, values, "ms", foreign=foreign, is_shared=True)


def _command_ms(site: Site, words: tuple[str, ...]) -> float:
    began = time.perf_counter()
    subprocess.run([COMMAND, *words], env=site.environ, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - began)
