"""Timetables as users write them, for Airflow 2 and 3, and for flowctl."""

from datetime import timedelta

from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
from airflow.timetables.interval import CronDataIntervalTimetable


class AfterWorkTimetable(Timetable):
    """A run after each workday, for that day."""

    def infer_manual_data_interval(self, *, run_after):
        day = self._workday(run_after.subtract(days=1), -1)
        return DataInterval(day, day.add(days=1))

    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        if last_automated_data_interval is not None:
            earliest = last_automated_data_interval.end
        elif restriction.earliest is not None:
            earliest = restriction.earliest
        else:
            return None
        day = self._workday(earliest, 1)
        if restriction.latest is not None and day > restriction.latest:
            return None
        return DagRunInfo.interval(day, day.add(days=1))

    def _workday(self, moment, step):
        day = moment.start_of("day")
        while day.weekday() > 4:
            day = day.add(days=step)
        return day


class TwiceTimetable(CronDataIntervalTimetable):
    """A cron timetable whose runs look back over two intervals."""

    def infer_manual_data_interval(self, *, run_after):
        end = self._align_to_prev(run_after)
        return DataInterval(self._get_prev(self._get_prev(end)), end)

    def next_dagrun_info(self, *, last_automated_data_interval, restriction):
        last = last_automated_data_interval
        if last is None and restriction.earliest is None:
            return None
        end = (
            self._align_to_next(restriction.earliest) if last is None else self._get_next(last.end)
        )
        if restriction.latest is not None and end > restriction.latest:
            return None
        start = self._get_prev(self._get_prev(end))
        return DagRunInfo(
            run_after=end + timedelta(hours=1), data_interval=DataInterval(start, end)
        )
