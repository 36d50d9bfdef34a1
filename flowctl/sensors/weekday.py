"""Wait for a day of the week."""

from collections.abc import Iterable
from typing import Any

from flowctl import clock
from flowctl.authoring.arguments import renamed
from flowctl.authoring.weekday import WeekDay
from flowctl.sensors.base import BaseSensorOperator


class DayOfWeekSensor(BaseSensorOperator):
    """Waits for one of these days of the week.

    Args:
        week_day: a day or several, as English names or members of `WeekDay`.
        use_task_logical_date: ask about the logical date of the run instead of today.
        use_task_execution_day: the same, by its name before Airflow 2.2.

    Raises:
        AttributeError: no day of the week has this name.
        TypeError: `week_day` is neither a day nor several.
    """

    def __init__(
        self,
        *,
        week_day: str | WeekDay | Iterable[str | WeekDay],
        use_task_logical_date: bool = False,
        use_task_execution_day: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if use_task_execution_day:
            renamed(f"task {self.task_id!r}", "use_task_execution_day", "use_task_logical_date")
        self.week_day = week_day
        self.use_task_logical_date = use_task_logical_date or use_task_execution_day
        self._days = WeekDay.validate_week_day(week_day)

    @property
    def looks_at_dates(self) -> bool:
        """Say yes: that is what it is for."""
        return self.use_task_logical_date

    def poke(self, context: Any) -> bool:
        """Say whether it is one of them; today is meant in UTC."""
        day = context["logical_date"] if self.use_task_logical_date else clock.utcnow()
        self.log.info("Waiting for %s", self.week_day)
        return day.isoweekday() in self._days
