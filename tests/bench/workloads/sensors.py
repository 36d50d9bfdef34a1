"""A thousand sensors that wait without a process: what they cost until they wake."""

from tests.bench import dag_files, procfs, stamps
from tests.bench.lab import Lab
from tests.bench.meter import DATABASE, Meter
from tests.bench.site import Site, free_port
from tests.bench.waiting import pause

SENSORS = 1000
INTERVAL_S = 60  # long enough for the first looks and a quiet while before the second ones
QUIET_S = 20.0
SETTLES_S = 5.0
WAKE_S = 120.0


def sensors(lab: Lab) -> None:
    """Memory and CPU while they all wait, and how long they all take to look a last time."""
    with lab.site() as site:
        gate = site.home / "gate"
        body = dag_files.text(
            "sensors", dag_files.SENSORS, SENSORS, gate=str(gate), interval=str(INTERVAL_S)
        )
        dag_files.put(site.dags, "sensors", dag_files.SENSOR_CLASS + body)
        site.start("standalone", "--port", str(free_port()))
        site.wait_usable(1)
        site.trigger("sensors")
        stamps.wait_for(site.stamps, SENSORS, WAKE_S, site.check)
        pause(SETTLES_S)
        _measure(lab, site)
        gate.touch()
        found = stamps.wait_for(site.stamps, 2 * SENSORS, WAKE_S, site.check)
        site.wait_idle()
    woken = [stamp.at for stamp in found if stamp.tag == "woken"]
    lab.note("sensors: the last of 1,000 wakes after the first", [woken[-1] - woken[0]], "s")


def _measure(lab: Lab, site: Site) -> None:
    meter = Meter(site)
    pause(QUIET_S)
    used = meter.read()
    parts = procfs.by_kind(site.pids(), memory=True)
    lab.note(
        "sensors: memory of all while 1,000 wait",
        [sum(usage.pss_mb for usage in parts.values())],
        "MB",
        detail={
            **{f"PSS of {kind}": usage.pss_mb for kind, usage in sorted(parts.items())},
            **{f"processes: {kind}": usage.processes for kind, usage in sorted(parts.items())},
        },
    )
    cpu = {part: 100 * s / used.wall_s for part, s in used.parts.items() if part != DATABASE}
    lab.note(
        "sensors: CPU of one core while 1,000 wait",
        [sum(cpu.values())],
        "%",
        foreign=used.foreign_cores,
        detail={f"CPU % of {kind}": part for kind, part in sorted(cpu.items())},
    )
