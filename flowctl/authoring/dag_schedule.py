"""When does a DAG run?"""

import functools
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flowctl.authoring.asset_schedules import AssetOrTimeSchedule, joined
from flowctl.authoring.assets import BaseAsset
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.moments import zone_name, zone_of
from flowctl.authoring.schedules import schedule_spec
from flowctl.authoring.settings import is_set
from flowctl.core.spec import ScheduleSpec
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.authoring import run_dates
    from flowctl.authoring.timetables import kinds
else:
    run_dates = Late("flowctl.authoring.run_dates")
    kinds = Late("flowctl.authoring.timetables.kinds")

DEFAULT_SCHEDULE = timedelta(days=1)


class Scheduled:
    """A DAG as the clock and assets see it."""

    dag_id: str
    _names_zone: Any
    """The moment in whose zone the schedule ticks: the start of the DAG, or of all its tasks."""

    def _take_schedule(self, schedule: Any, interval: Any, timetable: Any, generation: int) -> None:
        """Take what the DAG was given; `generation` of Airflow chooses what holds without it."""
        given = self._chosen_schedule(schedule, interval, timetable, generation)
        self.schedule_spec: ScheduleSpec = schedule_spec(
            self.dag_id, given, zone_name(self._names_zone), generation
        )
        timed = given.timetable if isinstance(given, AssetOrTimeSchedule) else given
        self._timetable = timed if hasattr(timed, "next_dagrun_info") else None
        is_timetable = self._timetable is not None and timed is given
        self.schedule_interval = self.schedule_spec.summary if is_timetable else given

    def _chosen_schedule(
        self, schedule: Any, interval: Any, timetable: Any, generation: int
    ) -> Any:
        given = [value for value in (schedule, interval) if is_set(value)]
        if timetable is not None:
            given.append(timetable)
        if len(given) > 1:
            raise AirflowException(
                f"DAG {self.dag_id!r}: give only one of schedule, schedule_interval and timetable"
            )
        if given:
            return given[0]
        return DEFAULT_SCHEDULE if generation < 3 else None

    def _active_runs(self, given: int, is_given: bool) -> int:
        """Return how many runs there may be at once, within the limit of the timetable."""
        limit: int | None = getattr(self._timetable, "active_runs_limit", None)
        limit = 1 if self.schedule_spec.kind == "continuous" else limit
        if limit is None or given <= limit:
            return given
        if is_given:
            raise AirflowException(
                f"DAG {self.dag_id!r} is scheduled {self.schedule_spec.summary}; that needs"
                f" max_active_runs={limit}, not {given}"
            )
        return limit

    @functools.cached_property
    def timezone(self) -> Any:
        """Return the zone in which the schedule ticks."""
        return zone_of(self._names_zone)

    @property
    def asset_condition(self) -> BaseAsset | None:
        """Return the condition over assets that the schedule is or has, None without one."""
        schedule = self.schedule_interval
        return schedule.assets if isinstance(schedule, AssetOrTimeSchedule) else joined(schedule)

    @property
    def timetable(self) -> Any:
        """Return what answers when runs are due: the user's own object, or that of the schedule."""
        return self._timetable or kinds.timetable_for(self.schedule_spec)

    def following_schedule(self, dttm: datetime) -> datetime | None:
        """Return the logical date that comes after the one of the interval around `dttm`."""
        return run_dates.following(self, dttm)

    def previous_schedule(self, dttm: datetime) -> datetime | None:
        """Return the logical date that comes before `dttm`."""
        return run_dates.previous(self, dttm)

    def next_dagrun_info(self, last_automated_dagrun: Any, *, restricted: bool = True) -> Any:
        """Return the run that follows an interval, or None.

        Args:
            last_automated_dagrun: the data interval of the latest scheduled run, or its logical
                date; None where there was none.
            restricted: False goes on beyond the DAG's dates, and leaves no run out.
        """
        return run_dates.next_dagrun_info(self, last_automated_dagrun, restricted)

    def iter_dagrun_infos_between(
        self, earliest: datetime | None, latest: datetime, *, align: bool = True
    ) -> Any:
        """Yield the runs whose logical dates lie between two dates, both included.

        Args:
            earliest: the first date; None is that of the DAG.
            latest: the last date.
            align: whether the first run has to fit the schedule, else it begins at `earliest`.
        """
        return run_dates.infos_between(self, earliest, latest, align)

    def get_run_dates(self, start_date: datetime, end_date: datetime | None = None) -> Any:
        """Return the logical dates of the runs between two dates; the end is now by default."""
        return run_dates.run_dates(self, start_date, end_date)

    def infer_automated_data_interval(self, logical_date: datetime) -> Any:
        """Return the data interval of the scheduled run of a date."""
        return run_dates.automated_interval(self, logical_date)

    def get_run_data_interval(self, run: Any) -> Any:
        """Return the data interval of a run."""
        return run_dates.interval_of_run(self, run)

    @property
    def _time_restriction(self) -> Any:
        """Return between which dates there may be runs."""
        return run_dates.restriction(self)
