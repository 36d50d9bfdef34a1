"""How many tasks per second: wide, chained, in many DAGs, through a shell, with a long history."""

from statistics import mean

from flowctl import clock
from tests.bench import dag_files, stamps
from tests.bench.figures import percentile
from tests.bench.lab import Lab, repeated
from tests.bench.meter import Reading
from tests.bench.site import Site
from tests.bench.workloads.old_rows import insert_history

RUN_S = 300.0  # for one run of a workload


def wide(lab: Lab) -> None:
    """src -> 500 no-op Python tasks -> snk, 8 slots."""
    _wide(lab, "wide", dag_files.WIDE)


def bash(lab: Lab) -> None:
    """src -> 500 BashOperator(`true`) -> snk, 8 slots."""
    _wide(lab, "bash", dag_files.WIDE_BASH)


def _wide(lab: Lab, name: str, body: str) -> None:
    count = lab.options.count(500, 100)
    stamped = 2 if body is dag_files.WIDE_BASH else count + 2
    with lab.site() as site:
        dag_files.put(site.dags, "wide", dag_files.text("wide", body, count))
        site.start("scheduler")
        site.wait_usable(1)
        rates, readings = repeated(
            site, lab.options.repetitions, lambda: _one_wide(site, count, stamped)
        )
    lab.note(
        f"{name}: tasks per second",
        rates,
        "/s",
        foreign=max(reading.foreign_cores for reading in readings),
        detail=_cpu(readings, count + 2),
    )


def _one_wide(site: Site, count: int, stamped: int) -> float:
    site.fresh_stamps()
    site.trigger("wide")
    found = stamps.wait_for(site.stamps, stamped, RUN_S, site.check)
    return stamps.rate_between(found, count)


def chain(lab: Lab) -> None:
    """50 no-ops, each after the one before."""
    count = lab.options.count(50, 20)
    gaps: list[list[float]] = []
    with lab.site() as site:
        dag_files.put(site.dags, "chain", dag_files.text("chain", dag_files.CHAIN, count))
        site.start("scheduler")
        site.wait_usable(1)

        def once() -> float:
            site.fresh_stamps()
            site.trigger("chain")
            found = stamps.wait_for(site.stamps, count, RUN_S, site.check)
            gaps.append(stamps.gaps_ms(found))
            return percentile(gaps[-1], 0.5)

        medians, readings = repeated(site, lab.options.repetitions, once)
    foreign = max(reading.foreign_cores for reading in readings)
    lab.note("chain: gap p50", medians, "ms", foreign=foreign, detail=_cpu(readings, count))
    slow = [percentile(one, 0.95) for one in gaps[1:]]
    lab.note("chain: gap p95", slow, "ms", foreign=foreign)


def many(lab: Lab) -> None:
    """50 DAGs in files of their own, each a chain of 10; all triggered one after the other."""
    dags, length = lab.options.count(50, 10), 10
    names = [f"many_{i}" for i in range(dags)]
    with lab.site() as site:
        for name in names:
            dag_files.put(site.dags, name, dag_files.text(name, dag_files.CHAIN, length))
        site.start("scheduler")
        site.wait_usable(dags)

        def once() -> float:
            site.fresh_stamps()
            began = clock.utcnow().timestamp()
            for name in names:
                site.trigger(name)
            found = stamps.wait_for(site.stamps, dags * length, RUN_S, site.check)
            return dags * length / (found[-1].at - began)

        rates, readings = repeated(site, lab.options.repetitions, once)
    lab.note(
        "many: tasks per second",
        rates,
        "/s",
        foreign=max(reading.foreign_cores for reading in readings),
        detail=_cpu(readings, dags * length),
    )


def history(lab: Lab) -> None:
    """Wide again beside a million finished tasks, compared with the same before them."""
    count, rows = lab.options.count(500, 100), lab.options.count(1_000_000, 100_000)
    with lab.site() as site:
        dag_files.put(site.dags, "wide", dag_files.text("wide", dag_files.WIDE, count))
        site.start("scheduler")
        site.wait_usable(1)
        before, first = _rates(lab, site, count)
        site.stop()
        insert_history(site.engine, "wide", rows)
        site.start("scheduler")
        site.wait_usable(1)
        after, second = _rates(lab, site, count)
    ratios = [rate / percentile(before, 0.5) for rate in after]
    foreign = max(reading.foreign_cores for reading in first + second)
    lab.note("history: rate with / without", ratios, "", foreign=foreign)
    parts_before, parts_after = _cpu(first, count + 2), _cpu(second, count + 2)
    lab.note(
        "history: CPU with / without",
        [sum(parts_after.values()) / sum(parts_before.values())],
        "",
        foreign=foreign,
        detail={
            **{f"before: {part}": ms for part, ms in parts_before.items()},
            **{f"after: {part}": ms for part, ms in parts_after.items()},
        },
    )


def _rates(lab: Lab, site: Site, count: int) -> tuple[list[float], list[Reading]]:
    return repeated(site, lab.options.repetitions, lambda: _one_wide(site, count, count + 2))


def _cpu(readings: list[Reading], tasks: int) -> dict[str, float]:
    """Return the mean CPU per task of each part."""
    each = [reading.per_task_ms(tasks) for reading in readings]
    parts = sorted({part for one in each for part in one})
    return {part: mean(one.get(part, 0.0) for one in each) for part in parts}
