"""When runs are due: from a `ScheduleSpec` to dates.

A timetable is immutable and pure: it is asked for the run after the last one, and answers with a
`Due` or None. The scheduler keeps the answer until something changes, so asking costs little and
happens rarely. Parts, low to high: `pattern` reads a cron expression for a wall clock, `zones`
knows when clocks are changed, `ticks` joins the two into moments, `periodic` and `single` make
timetables of them, and `kinds` is the table of all.

The names of the contract cost nothing to import. `timetable_of` and `PRESETS` bring croniter and
dateutil along, some 40 ms, and come only when they are asked for: the store needs `Due` alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from flowctl.core.timetables.contract import Due, Interval, ScheduleError, Timetable

if TYPE_CHECKING:
    from flowctl.core.timetables.kinds import PRESETS, timetable_of

__all__ = ["PRESETS", "Due", "Interval", "ScheduleError", "Timetable", "timetable_of"]


def __getattr__(name: str) -> object:
    """Import a name of `kinds` on its first use."""
    if name in ("PRESETS", "timetable_of"):
        return getattr(import_module("flowctl.core.timetables.kinds"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
