"""Ten times as many instances of a mapped task: what they cost, and how long the ticks become."""

from dataclasses import dataclass

from flowctl import clock
from tests.bench import dag_files, stamps, ticks
from tests.bench.lab import Lab
from tests.bench.meter import Meter, Reading
from tests.bench.site import Site

RUN_S = 900.0
TIMES = 10  # as many in the larger run


@dataclass(frozen=True)
class Run:
    """What one run cost."""

    wall_s: float
    reading: Reading


def mapped(lab: Lab) -> None:
    """1,000 and 10,000 mapped no-op instances, over a literal list and over a result."""
    small = lab.options.count(1000, 100)
    for name, body in (("literal", dag_files.MAPPED), ("result", dag_files.MAPPED_RESULT)):
        with lab.site(AIRFLOW__CORE__MAX_MAP_LENGTH="100000") as site:
            for count in (small, TIMES * small):
                content = dag_files.text(f"mapped_{count}", body, count)
                dag_files.put(site.dags, f"mapped_{count}", content)
            file = site.home.parent / "ticks"
            site.start("scheduler", ticks_to=file)
            site.wait_usable(2)
            _once(site, small)  # pays for the zygotes
            few = [_once(site, small) for _ in range(lab.options.repetitions)]
            many = _once(site, TIMES * small)
            _note(lab, f"mapped over a {name}", few, many)
            whole, decisions = ticks.read(file)
            lab.note(f"mapped over a {name}: longest decision", [max(decisions)], "ms")
            lab.note(f"mapped over a {name}: longest tick", [max(whole)], "ms")


def _once(site: Site, count: int) -> Run:
    site.fresh_stamps()
    meter, began = Meter(site), clock.utcnow().timestamp()
    site.trigger(f"mapped_{count}")
    found = stamps.wait_for(site.stamps, count + 1, RUN_S, site.check)
    return Run(found[-1].at - began, meter.read())


def _note(lab: Lab, name: str, few: list[Run], many: Run) -> None:
    foreign = max(run.reading.foreign_cores for run in [*few, many])
    lab.note(
        f"{name}: time of {TIMES} times as many",
        [many.wall_s / run.wall_s for run in few],
        "",
        foreign=foreign,
    )
    parts = sorted(many.reading.parts)
    for part in parts:
        before = [run.reading.parts.get(part, 0.0) for run in few]
        if part == "scheduler":
            lab.note(
                f"{name}: CPU of the scheduler of {TIMES} times as many",
                [many.reading.parts[part] / one for one in before],
                "",
                foreign=foreign,
            )
    lab.note(
        f"{name}: seconds",
        [many.wall_s],
        "s",
        foreign=foreign,
        detail={f"cpu s {part}": many.reading.parts[part] for part in parts},
    )
