"""How long does it take to foresee 30 days of 200 DAGs?"""

import time

from flowctl import clock
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.store import dags, pools
from flowctl.store.engine import writing
from tests.bench.lab import Lab
from tests.bench.meter import Meter
from tests.bench.stock import FIRST

DAGS = 200
HOURLY_EVERY = 10  # of so many DAGs one runs each hour, the others each day
STRETCH = ("--from", "2030-01-01", "--to", "2030-01-31")


def simulate(lab: Lab) -> None:
    """200 DAGs of five tasks, one of which waits for a pool: about 20,000 runs, 100,000 tasks."""
    with lab.site(FLOWCTL__CORE__EXECUTOR="LocalExecutor") as site:
        with writing(site.engine) as conn:
            pools.put(conn, pools.Pool("narrow", 2))
            for number in range(lab.options.count(DAGS, 20)):
                spec = _dag(number)
                parsed = ParsedFile(spec.file, "1:1:1", (spec,), b"#")
                dags.record(conn, parsed, clock.utcnow())
        meter, values = Meter(), []
        for _ in range(lab.options.count(lab.options.repetitions, 1)):
            began = time.perf_counter()
            site.command("simulate", *STRETCH)
            values.append(time.perf_counter() - began)
        foreign = meter.read().foreign_cores
        lab.note("simulate: 30 days of 200 DAGs", values, "s", foreign=foreign, is_shared=True)


def _dag(number: int) -> DagSpec:
    hour = "*" if number % HOURLY_EVERY == 0 else f"{number % 24}"
    pattern = f"{number % 60} {hour} * * *"
    return DagSpec(
        dag_id=f"d{number}",
        file=f"d{number}.py",
        tasks=(
            TaskSpec("a"),
            TaskSpec("b", ("a",)),
            TaskSpec("c", ("a",), pool="narrow"),
            TaskSpec("d", ("b", "c")),
            TaskSpec("e", ("d",)),
        ),
        schedule=ScheduleSpec("cron", expression=pattern, summary=pattern),
        start_date=FIRST,
        is_paused_upon_creation=False,
    )
