"""A branch by the day of the week."""

from collections.abc import Iterable
from typing import Any

from flowctl.authoring import timezone
from flowctl.authoring.arguments import renamed
from flowctl.authoring.weekday import WeekDay
from flowctl.operators.branch import BaseBranchOperator


class BranchDayOfWeekOperator(BaseBranchOperator):
    """Follows one way on some days of the week, and another way on the others.

    Args:
        follow_task_ids_if_true: ids of tasks or groups to follow on these days.
        follow_task_ids_if_false: those to follow on other days.
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
        follow_task_ids_if_true: str | Iterable[str],
        follow_task_ids_if_false: str | Iterable[str],
        week_day: str | WeekDay | Iterable[str | WeekDay],
        use_task_logical_date: bool = False,
        use_task_execution_day: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if use_task_execution_day:
            renamed(f"task {self.task_id!r}", "use_task_execution_day", "use_task_logical_date")
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.week_day = week_day
        self.use_task_logical_date = use_task_logical_date or use_task_execution_day
        self._days = WeekDay.validate_week_day(week_day)

    @property
    def looks_at_dates(self) -> bool:
        """Say yes: that is what it is for."""
        return True

    def choose_branch(self, context: Any) -> str | Iterable[str]:
        """Return what to follow: by the logical date in UTC, or by today in the DAG's zone."""
        if self.use_task_logical_date:
            day = context["logical_date"]
        else:
            day = timezone.make_naive(timezone.utcnow(), self.dag.timezone)
        is_one = day.isoweekday() in self._days
        return self.follow_task_ids_if_true if is_one else self.follow_task_ids_if_false
