"""1,000 rescheduled and 1,000 deferred tasks that wait at once: what they cost until they wake."""

from tests.bench import dag_files, procfs, stamps
from tests.bench.lab import Lab
from tests.bench.meter import DATABASE, Meter
from tests.bench.site import Site
from tests.bench.waiting import pause, wait_until
from tests.support.processes import free_port

EACH = 1000
ALL = 2 * EACH
INTERVAL_S = 60  # long enough for the first looks and a quiet while before the second ones
QUIET_S = 20.0
SETTLES_S = 5.0
WAKE_S = 300.0


def sensors(lab: Lab) -> None:
    """Memory and CPU while they all wait, and how long they all take to look a last time."""
    with lab.site() as site:
        gate = site.home / "gate"
        body = dag_files.text(
            "sensors", dag_files.SENSORS, EACH, gate=str(gate), interval=str(INTERVAL_S)
        )
        dag_files.put(site.dags, "sensors", dag_files.SENSOR_CLASS + body)
        site.start("standalone", "--port", str(free_port()))
        site.wait_usable(1)
        site.trigger("sensors")
        _await_all(site, "waits")
        pause(SETTLES_S)
        _measure(lab, site)
        gate.touch()
        woken = _await_all(site, "woken")
        site.wait_idle()
    stamps.once_each(woken, ALL)
    lab.note("sensors: the last of 2,000 wakes after the first", [woken[-1].at - woken[0].at], "s")


def _await_all(site: Site, tag: str) -> list[stamps.Stamp]:
    """Return the stamps with a tag once each task left one; a sensor may look several times."""
    found: list[stamps.Stamp] = []

    def all_did() -> bool:
        site.check()
        found[:] = [stamp for stamp in stamps.read(site.stamps) if stamp.tag == tag]
        return len({stamp.index for stamp in found}) == ALL

    wait_until(all_did, WAKE_S, f"{ALL} tasks that left a stamp {tag!r}")
    return found


def _measure(lab: Lab, site: Site) -> None:
    meter = Meter(site)
    pause(QUIET_S)
    used = meter.read()
    parts = procfs.by_kind(site.pids(), memory=True)
    lab.note(
        "sensors: memory of all while 2,000 wait",
        [sum(usage.pss_mb for usage in parts.values())],
        "MB",
        detail={
            **{f"PSS of {kind}": usage.pss_mb for kind, usage in sorted(parts.items())},
            **{f"processes: {kind}": usage.processes for kind, usage in sorted(parts.items())},
        },
    )
    cpu = {part: 100 * s / used.wall_s for part, s in used.parts.items() if part != DATABASE}
    lab.note(
        "sensors: CPU of one core while 2,000 wait",
        [sum(cpu.values())],
        "%",
        foreign=used.foreign_cores,
        detail={f"CPU % of {kind}": part for kind, part in sorted(cpu.items())},
    )
