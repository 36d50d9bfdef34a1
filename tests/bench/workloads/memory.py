"""Memory under load: of attempts that wait, and of daemons over thousands of attempts."""

from tests.bench import dag_files, procfs, stamps
from tests.bench.figures import slope
from tests.bench.lab import Lab, say
from tests.bench.site import Site
from tests.bench.waiting import pause

WAITING = 32
PER_RUN = 500
RUN_S = 300.0
PER = 50_000  # attempts that the slope is told for
SETTLING = 1000  # attempts until allocators and caches have their size
WATCHED = ("scheduler", "runner", "zygotes")
DAG_START = 120.0


def waiting(lab: Lab) -> None:
    """32 attempts that wait at the same time: what each adds to everything else."""
    with lab.site(AIRFLOW__CORE__PARALLELISM=str(WAITING)) as site:
        gate = site.home / "gate"
        body = dag_files.text("waiting", dag_files.WAITING, WAITING, gate=str(gate))
        dag_files.put(site.dags, "waiting", body)
        site.start("scheduler")
        site.wait_usable(1)
        pause(3)
        before = _pss_mb(site)
        site.trigger("waiting")
        stamps.wait_for(site.stamps, WAITING, DAG_START, site.check)
        pause(2)
        after = _pss_mb(site)
        gate.touch()
        site.wait_idle()
    lab.note(
        "waiting: memory of one attempt",
        [(after - before) / WAITING],
        "MB",
        detail={"all before, MB": before, "all while 32 wait, MB": after},
    )


def _pss_mb(site: Site) -> float:
    return sum(usage.pss_mb for usage in procfs.by_kind(site.pids(), memory=True).values())


def growth(lab: Lab) -> None:
    """Wide again and again: how the memory of each daemon rises with the attempts."""
    attempts = 50_000 if lab.options.is_long else lab.options.count(5_000, 1_500)
    points: dict[str, list[tuple[float, float]]] = {kind: [] for kind in WATCHED}
    with lab.site() as site:
        dag_files.put(site.dags, "wide", dag_files.text("wide", dag_files.WIDE, PER_RUN))
        site.start("scheduler")
        site.wait_usable(1)
        done = 0
        while done < attempts:
            _one_run(site)
            done += PER_RUN + 2
            parts = procfs.by_kind(site.pids(), memory=True)
            for kind in WATCHED:
                points[kind].append((done, parts[kind].rss_mb if kind in parts else 0.0))
            say(f"  {done} attempts: " + ", ".join(f"{k} {points[k][-1][1]:.1f}" for k in WATCHED))
    for kind, seen in points.items():
        settled = [point for point in seen if point[0] > SETTLING]
        lab.note(
            f"growth: {kind}, per 50,000 attempts",
            [slope(settled) * PER],
            "MB",
            detail={"first RSS, MB": seen[0][1], "last RSS, MB": seen[-1][1]},
        )


def _one_run(site: Site) -> None:
    site.fresh_stamps()
    site.trigger("wide")
    stamps.wait_for(site.stamps, PER_RUN + 2, RUN_S, site.check)
    site.wait_idle()
