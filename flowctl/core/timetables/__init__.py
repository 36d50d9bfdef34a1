"""When runs are due: from a `ScheduleSpec` to dates.

A timetable is immutable and pure: it is asked for the run after the last one, and answers with a
`Due` or None. The scheduler keeps the answer until something changes, so asking costs little and
happens rarely. Parts, low to high: `pattern` reads a cron expression for a wall clock, `zones`
knows when clocks are changed, `ticks` joins the two into moments, `periodic`, `moments` and
`single` make timetables of them, and `kinds` is the table of all.

croniter is loaded for the first cron expression, and dateutil for the first of its durations: some
40 ms, which the store and most attempts never need.
"""

from flowctl.core.timetables.contract import Asked, Due, Interval, ScheduleError, Timetable
from flowctl.core.timetables.kinds import PRESETS, timetable_of

__all__ = ["PRESETS", "Asked", "Due", "Interval", "ScheduleError", "Timetable", "timetable_of"]
