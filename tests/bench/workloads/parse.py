"""How soon a DAG file can be used: one new file, and 200 at once."""

import time

from tests.bench import dag_files
from tests.bench.figures import percentile
from tests.bench.lab import Lab
from tests.bench.meter import Meter
from tests.bench.site import Site
from tests.bench.waiting import pause_between, wait_until

LENGTH = 10
FILE_S = 60.0


def parse(lab: Lab) -> None:
    """200 files moved in at once; then one file replaced again and again by one with another id."""
    files, times = lab.options.count(200, 40), lab.options.count(8, 3)
    with lab.site() as site:
        waiting = site.dags.with_name("waiting")
        waiting.mkdir()
        for i in range(files):
            content = dag_files.text(f"dag_{i}", dag_files.CHAIN, LENGTH)
            (waiting / f"dag_{i}.py").write_text(content)
        site.start("scheduler")
        pause_between(3, 5)
        site.check()
        meter = Meter(site)
        for path in waiting.iterdir():
            path.rename(site.dags / path.name)
        all_s = site.wait_usable(files)
        used = meter.read()
        lab.note(
            f"parse: {files} files usable",
            [all_s],
            "s",
            foreign=used.foreign_cores,
            detail={f"{part} of a file": ms for part, ms in used.per_task_ms(files).items()},
        )
        meter = Meter(site)
        waits = []
        for i in range(times):
            pause_between(1, 4)
            waits.append(_one_file(site, f"new_{i}"))
        foreign = meter.read().foreign_cores
    lab.note("parse: new file usable, p50", [percentile(waits, 0.5)], "s", foreign=foreign)
    lab.note("parse: new file usable, p95", [percentile(waits, 0.95)], "s", foreign=foreign)


def _one_file(site: Site, dag_id: str) -> float:
    began = time.monotonic()
    dag_files.put(site.dags, "new", dag_files.text(dag_id, dag_files.CHAIN, LENGTH))
    wait_until(lambda: dag_id in site.known(), FILE_S, dag_id)
    return time.monotonic() - began
