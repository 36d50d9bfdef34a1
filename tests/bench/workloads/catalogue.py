"""The workloads, a function each: given a lab, it measures and notes figures."""

from collections.abc import Callable, Mapping

from tests.bench.lab import Lab
from tests.bench.workloads import (
    idle,
    latency,
    mapped,
    memory,
    pages,
    parse,
    sensors,
    simulate,
    size,
    tabs,
    throughput,
    web,
)

Workload = Callable[[Lab], None]

PER_DATABASE: Mapping[str, Workload] = {
    "wide": throughput.wide,
    "chain": throughput.chain,
    "many": throughput.many,
    "bash": throughput.bash,
    "mapped": mapped.mapped,
    "trigger": latency.trigger,
    "parse": parse.parse,
    "idle": idle.idle,
    "waiting": memory.waiting,
    "sensors": sensors.sensors,
    "history": throughput.history,
    "growth": memory.growth,
    "pages": web.pages,
    "tabs": tabs.tabs,
}
"""Measured on each kind of database."""

SHARED: Mapping[str, Workload] = {
    "start": latency.start,
    "simulate": simulate.simulate,
    "install": size.install,
    "ui": pages.ui,
}
"""Measured once: what they measure has little to do with the database."""
