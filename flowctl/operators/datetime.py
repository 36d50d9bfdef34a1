"""A branch by the time of day, or by the date."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from flowctl.authoring import timezone
from flowctl.authoring.arguments import renamed
from flowctl.authoring.exceptions import AirflowException
from flowctl.operators.branch import BaseBranchOperator

Target = datetime | time | None


class BranchDateTimeOperator(BaseBranchOperator):
    """Follows one way while the time lies between two targets, and another way otherwise.

    Args:
        follow_task_ids_if_true: ids of tasks or groups to follow within the targets.
        follow_task_ids_if_false: those to follow outside.
        target_lower: earliest datetime, or time of day, that lies within; None for no limit.
        target_upper: the latest. Times of day may reach over midnight.
        use_task_logical_date: ask about the logical date of the run instead of the present.
        use_task_execution_date: the same, by its name before Airflow 2.2.

    Raises:
        AirflowException: neither target is given.
    """

    def __init__(
        self,
        *,
        follow_task_ids_if_true: str | Iterable[str],
        follow_task_ids_if_false: str | Iterable[str],
        target_lower: Target,
        target_upper: Target,
        use_task_logical_date: bool = False,
        use_task_execution_date: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if target_lower is None and target_upper is None:
            raise AirflowException(
                f"task {self.task_id!r} compares the time with nothing; give it target_lower,"
                " target_upper or both"
            )
        if use_task_execution_date:
            renamed(f"task {self.task_id!r}", "use_task_execution_date", "use_task_logical_date")
        self.target_lower = target_lower
        self.target_upper = target_upper
        self.follow_task_ids_if_true = follow_task_ids_if_true
        self.follow_task_ids_if_false = follow_task_ids_if_false
        self.use_task_logical_date = use_task_logical_date or use_task_execution_date

    @property
    def looks_at_dates(self) -> bool:
        """Say yes: that is what it is for."""
        return True

    def choose_branch(self, context: Any) -> str | Iterable[str]:
        """Return what to follow now."""
        now = context["logical_date"] if self.use_task_logical_date else timezone.utcnow()
        lower, upper = target_times_as_dates(now, self.target_lower, self.target_upper)
        zone = self.dag.timezone
        first = timezone.coerce_datetime(lower, zone)
        last = timezone.coerce_datetime(upper, zone)
        is_within = (first is None or first <= now) and (last is None or now <= last)
        return self.follow_task_ids_if_true if is_within else self.follow_task_ids_if_false


def target_times_as_dates(
    base_date: datetime, lower: Target, upper: Target
) -> tuple[datetime | None, datetime | None]:
    """Return the targets as datetimes: a time of day is meant on the day of `base_date`.

    Where a time of day is the upper one and lies before the lower one, the next day is meant.
    """
    first = _on_day(base_date, lower)
    last = _on_day(base_date, upper)
    has_time = not (isinstance(lower, datetime) and isinstance(upper, datetime))
    if has_time and first is not None and last is not None and last < first:
        last += timedelta(days=1)
    return first, last


def _on_day(day: datetime, target: Target) -> datetime | None:
    return datetime.combine(day, target) if isinstance(target, time) else target
