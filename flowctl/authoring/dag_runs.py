"""Which runs does a DAG have? What user code asks of a `dag` while it runs a task."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flowctl.core.states import RunState
from flowctl.late import Late

if TYPE_CHECKING:
    import pendulum

    from flowctl.authoring import dag_run
else:
    dag_run = Late("flowctl.authoring.dag_run")


class HasRuns:
    """A DAG as what has runs. All of them are asked for anew each time."""

    dag_id: str

    def get_active_runs(self) -> list["pendulum.DateTime"]:
        """Return the logical dates of the runs that are running."""
        return [run.logical_date for run in self._runs(state=RunState.RUNNING)]

    def get_num_active_runs(
        self,
        external_trigger: bool | None = None,
        only_running: bool = True,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
    ) -> int:
        """Return how many runs are running, with `only_running=False` also those that wait."""
        states = [RunState.RUNNING] if only_running else [RunState.RUNNING, RunState.QUEUED]
        return len(self._runs(state=states, external_trigger=external_trigger))

    def get_dagrun(
        self,
        execution_date: datetime | None = None,
        run_id: str | None = None,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
    ) -> "dag_run.DagRun | None":
        """Return the run for a moment, or of an id.

        Raises:
            TypeError: neither is given.
        """
        if execution_date is None and run_id is None:
            raise TypeError("You must provide either the execution_date or the run_id")
        return next(iter(self._runs(execution_date=execution_date, run_id=run_id)), None)

    def get_dagruns_between(
        self,
        start_date: datetime,
        end_date: datetime,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
    ) -> list["dag_run.DagRun"]:
        """Return the runs whose logical dates lie between two moments, both included."""
        return self._runs(execution_start_date=start_date, execution_end_date=end_date)

    def get_last_dagrun(
        self,
        session: Any = None,  # noqa: ARG002 - Airflow's signature
        include_externally_triggered: bool = False,
    ) -> "dag_run.DagRun | None":
        """Return the run with the latest logical date, of those that nobody triggered."""
        triggered = None if include_externally_triggered else False
        return next(iter(self._runs(external_trigger=triggered, newest=True)), None)

    def get_latest_execution_date(self, session: Any = None) -> "pendulum.DateTime | None":  # noqa: ARG002 - Airflow's signature
        """Return the latest logical date of any run."""
        last = self.get_last_dagrun(include_externally_triggered=True)
        return None if last is None else last.logical_date

    @property
    def latest_execution_date(self) -> "pendulum.DateTime | None":
        """Return the latest logical date of any run."""
        return self.get_latest_execution_date()

    def _runs(self, **wanted: Any) -> list["dag_run.DagRun"]:
        return dag_run.found(dag_id=self.dag_id, **wanted)
