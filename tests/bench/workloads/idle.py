"""What flowctl costs while nothing happens: `standalone` with no DAG file, and with 200."""

from tests.bench import dag_files, procfs
from tests.bench.lab import Lab
from tests.bench.meter import DATABASE, Meter
from tests.bench.site import Site
from tests.bench.waiting import pause
from tests.support.processes import free_port

LENGTH = 10
SETTLES_S = 30.0  # the parser rests 20 s after the last file
WEB = ("web", "standalone")


def idle(lab: Lab) -> None:
    """Memory as PSS by kind of process, and CPU over a window."""
    for files in (0, 200):
        with lab.site() as site:
            for i in range(files):
                content = dag_files.text(f"dag_{i}", dag_files.CHAIN, LENGTH)
                dag_files.put(site.dags, f"dag_{i}", content)
            site.start("standalone", "--port", str(free_port()))
            site.wait_usable(files)
            site.wait_led()
            pause(SETTLES_S)
            _measure(lab, site, files)


def _measure(lab: Lab, site: Site, files: int) -> None:
    meter = Meter(site)
    pause(lab.options.count(90, 20))
    site.check()
    used = meter.read()
    parts = procfs.by_kind(site.pids(), memory=True)
    name = f"idle, {files} DAGs"
    memory = {kind: usage.pss_mb for kind, usage in sorted(parts.items())}
    lab.note(
        f"{name}: memory of all",
        [sum(memory.values())],
        "MB",
        detail={
            **{f"PSS of {kind}": mb for kind, mb in memory.items()},
            **{f"processes: {kind}": usage.processes for kind, usage in sorted(parts.items())},
        },
    )
    own = [mb for kind, mb in memory.items() if kind not in WEB]
    lab.note(f"{name}: memory without web", [sum(own)], "MB")
    cpu = {part: 100 * s / used.wall_s for part, s in used.parts.items()}
    ours = sum(part for kind, part in cpu.items() if kind != DATABASE)
    lab.note(
        f"{name}: CPU of one core",
        [ours],
        "%",
        foreign=used.foreign_cores,
        detail={f"CPU % of {kind}": part for kind, part in sorted(cpu.items())},
    )
