"""What was before this task instance: the run before its own, and its task in that run."""

from typing import TYPE_CHECKING, Any

from flowctl.authoring.dag_run import DagRun, OtherTaskInstance
from flowctl.core.states import RunState

if TYPE_CHECKING:
    import pendulum


class HasEarlier:
    """A task instance as what follows earlier ones. `state` is always that of the run."""

    task_id: str
    dag_run: Any

    def get_previous_dagrun(self, state: str | None = None, session: Any = None) -> DagRun | None:  # noqa: ARG002 - Airflow's signature
        """Return the run before this one, the latest in `state` if it is given."""
        previous: DagRun | None = self.dag_run.get_previous_dagrun(state)
        return previous

    def get_previous_ti(
        self,
        state: str | None = None,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
    ) -> OtherTaskInstance | None:
        """Return this task in the run before this one."""
        previous = self.get_previous_dagrun(state)
        return None if previous is None else previous.get_task_instance(self.task_id)

    def get_previous_execution_date(
        self,
        state: str | None = None,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
    ) -> "pendulum.DateTime | None":
        """Return the logical date of the run before this one, None if the task was not in it."""
        previous = self.get_previous_ti(state)
        return None if previous is None else previous.logical_date

    def get_previous_start_date(
        self,
        state: str | None = None,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
    ) -> "pendulum.DateTime | None":
        """Return when this task started in the run before this one."""
        previous = self.get_previous_ti(state)
        return None if previous is None else previous.start_date

    @property
    def previous_ti(self) -> OtherTaskInstance | None:
        """Return this task in the run before this one."""
        return self.get_previous_ti()

    @property
    def previous_ti_success(self) -> OtherTaskInstance | None:
        """Return this task in the latest run before this one that succeeded."""
        return self.get_previous_ti(RunState.SUCCESS)

    @property
    def previous_start_date_success(self) -> "pendulum.DateTime | None":
        """Return when this task started in the latest run before this one that succeeded."""
        return self.get_previous_start_date(RunState.SUCCESS)
