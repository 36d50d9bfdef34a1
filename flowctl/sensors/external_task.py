"""Wait for another DAG: for its run, or for tasks in it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flowctl.authoring import ports
from flowctl.authoring.exceptions import AirflowException, AirflowSkipException
from flowctl.authoring.extra_links import BaseOperatorLink, build_airflow_url_with_query
from flowctl.authoring.moments import plain_utc
from flowctl.authoring.ports import StateQuery
from flowctl.authoring.settings import NOTSET, pick
from flowctl.authoring.state_names import State
from flowctl.operators.empty import EmptyOperator
from flowctl.operators.keywords import make_kwargs_callable
from flowctl.sensors.base import BaseSensorOperator
from flowctl.triggers.external_task import WorkflowTrigger, share


class ExternalDagLink(BaseOperatorLink):
    """Leads to the other DAG."""

    name = "External DAG"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002 - Airflow's signature
        """Return the address of its grid."""
        return build_airflow_url_with_query({"dag_id": operator.external_dag_id})


class ExternalTaskSensor(BaseSensorOperator):
    """Waits for the run of another DAG with the same logical date, or for tasks in it.

    Args:
        external_dag_id: the other DAG.
        external_task_id: a task of it.
        external_task_ids: several tasks.
        external_task_group_id: a group of tasks; without task and group the run itself is meant.
        allowed_states: states that end the waiting; default is success.
        skipped_states: states in which this task is skipped.
        failed_states: states in which this task fails, or is skipped with `soft_fail`.
        execution_delta: how much earlier the logical date of the other run is.
        execution_date_fn: makes of this run's logical date the date of the other run, or several;
            it gets the context, too, if it takes it.
        check_existence: fail where there is no such DAG, task or group.
        poll_interval: seconds between two looks of the triggerer.
        deferrable: let the triggerer look; default is `[operators] default_deferrable`.

    Raises:
        AirflowException, ValueError: these contradict each other, or a state is not one of a task,
            or of a run where no task is named.
    """

    template_fields: Sequence[str] = (
        "external_dag_id",
        "external_task_id",
        "external_task_ids",
        "external_task_group_id",
    )
    ui_color = "#4db7db"
    operator_extra_links: Sequence[Any] = (ExternalDagLink(),)

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str | None = None,
        external_task_ids: Collection[str] | None = None,
        external_task_group_id: str | None = None,
        allowed_states: Iterable[str] | None = None,
        skipped_states: Iterable[str] | None = None,
        failed_states: Iterable[str] | None = None,
        execution_delta: timedelta | None = None,
        execution_date_fn: Callable[..., Any] | None = None,
        check_existence: bool = False,
        poll_interval: float = 2.0,
        deferrable: bool = NOTSET,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        task_ids = external_task_ids or None
        self._one_at_most(
            external_task_id=external_task_id,
            external_task_ids=task_ids,
            external_task_group_id=external_task_group_id,
        )
        self._one_at_most(execution_delta=execution_delta, execution_date_fn=execution_date_fn)
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.external_task_ids = [external_task_id] if external_task_id is not None else task_ids
        self.external_task_group_id = external_task_group_id
        self.allowed_states = [str(state) for state in allowed_states or (State.SUCCESS,)]
        self.skipped_states = [str(state) for state in skipped_states or ()]
        self.failed_states = [str(state) for state in failed_states or ()]
        self._check_states()
        self.execution_delta = execution_delta
        self.execution_date_fn = execution_date_fn
        self.check_existence = check_existence
        self.poll_interval = poll_interval
        self.deferrable = pick(deferrable, "deferrable")
        self._has_checked_existence = False

    def _one_at_most(self, **given: Any) -> None:
        named = [name for name, value in given.items() if value is not None]
        if len(named) > 1:
            raise ValueError(f"task {self.task_id!r} takes only one of {', '.join(named)}")

    def _check_states(self) -> None:
        given = [*self.allowed_states, *self.skipped_states, *self.failed_states]
        if len(set(given)) < len(given):
            raise AirflowException(
                f"task {self.task_id!r} names a state twice in allowed_states, skipped_states and"
                " failed_states"
            )
        of_tasks = self.external_task_ids or self.external_task_group_id
        known = {str(state) for state in (State.task_states if of_tasks else State.dag_states)}
        wrong = sorted(set(given) - known)
        if wrong:
            kind = "tasks" if of_tasks else "runs"
            raise ValueError(
                f"task {self.task_id!r} waits for {', '.join(wrong)}; the states of {kind} are"
                f" {', '.join(sorted(known - {'None'}))}"
            )

    @property
    def looks_at_dates(self) -> bool:
        """Say yes: it needs the logical date."""
        return True

    def poke(self, context: Any) -> bool:
        """Say whether all that is waited for is in a state that ends the waiting."""
        query = self._query(context)
        self.log.info("Looking for %s on %s", self._subject, _shown(query))
        if self.check_existence and not self._has_checked_existence:
            self._require_existence()
        rows = ports.current().state_rows(query)
        if share(query, rows, self.failed_states):
            message = f"{self._subject} failed"
            raise (AirflowSkipException if self.soft_fail else AirflowException)(message)
        if share(query, rows, self.skipped_states):
            raise AirflowSkipException(f"{self._subject} is in one of the skipped_states")
        return share(query, rows, self.allowed_states) == len(query.logical_dates or ())

    def execute(self, context: Any) -> Any:
        """Look, here or in the triggerer."""
        if not self.deferrable:
            return super().execute(context)
        query = self._query(context)
        self.defer(
            timeout=self.execution_timeout,
            trigger=WorkflowTrigger(
                external_dag_id=self.external_dag_id,
                external_task_group_id=self.external_task_group_id,
                external_task_ids=query.task_ids,
                execution_dates=query.logical_dates,
                allowed_states=self.allowed_states,
                skipped_states=self.skipped_states,
                failed_states=self.failed_states,
                poke_interval=self.poll_interval,
                soft_fail=self.soft_fail,
            ),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Any, event: Any = None) -> None:  # noqa: ARG002 - Airflow's signature
        """Go on with what the triggerer has found.

        Raises:
            AirflowException, AirflowSkipException: it is none of the `allowed_states`.
        """
        status = (event or {}).get("status")
        if status == "skipped":
            raise AirflowSkipException(f"{self._subject} is in one of the skipped_states")
        if status != "success":
            raise (AirflowSkipException if self.soft_fail else AirflowException)(
                f"{self._subject} failed"
            )

    @property
    def _subject(self) -> str:
        of_dag = f"DAG {self.external_dag_id!r}"
        if self.external_task_group_id:
            return f"the task group {self.external_task_group_id!r} of {of_dag}"
        if self.external_task_ids:
            return f"{', '.join(map(str, self.external_task_ids))} of {of_dag}"
        return of_dag

    def _query(self, context: Any) -> StateQuery:
        task_ids = list(self.external_task_ids or ())
        if len(set(task_ids)) < len(task_ids):
            raise ValueError(f"external_task_ids of task {self.task_id!r} names a task twice")
        return StateQuery(
            self.external_dag_id,
            logical_dates=[plain_utc(date) for date in self._dates(context)],
            task_ids=task_ids or None,
            group_id=self.external_task_group_id,
        )

    def _dates(self, context: Any) -> list[datetime]:
        date = context["logical_date"]
        if self.execution_delta is not None:
            return [date - self.execution_delta]
        if self.execution_date_fn is None:
            return [date]
        others = {
            name: value
            for name, value in context.items()
            if name not in ("execution_date", "logical_date")
        }
        found = make_kwargs_callable(self.execution_date_fn)(date, **others, context=context)
        return list(found) if isinstance(found, list | tuple) else [found]

    def _require_existence(self) -> None:
        outline = ports.current().dag_outline(self.external_dag_id)
        if outline is None:
            raise AirflowException(f"there is no DAG {self.external_dag_id!r}")
        lacking = [one for one in self.external_task_ids or () if one not in outline.task_ids]
        group = self.external_task_group_id
        if group is not None and group not in outline.group_ids:
            lacking.append(group)
        if lacking:
            raise AirflowException(
                f"DAG {self.external_dag_id!r} has no {', '.join(map(repr, lacking))}"
            )
        self._has_checked_existence = True


def _shown(query: StateQuery) -> str:
    return ", ".join(date.isoformat() for date in query.logical_dates or ())


class ExternalTaskMarker(EmptyOperator):
    """Says that a task of another DAG waits for this one.

    Args:
        external_dag_id: the other DAG.
        external_task_id: the task in it.
        execution_date: the logical date of its run, a datetime or a template of an ISO text.
        logical_date: the same, by its name in Airflow 3.
        recursion_depth: over how many DAGs such marks are followed.

    Raises:
        TypeError: the date is neither a datetime nor a text.
        ValueError: `recursion_depth` is less than 1.
    """

    template_fields: Sequence[str] = ("external_dag_id", "external_task_id", "execution_date")
    ui_color = "#4db7db"
    operator_extra_links: Sequence[Any] = (ExternalDagLink(),)

    def __init__(
        self,
        *,
        external_dag_id: str,
        external_task_id: str,
        execution_date: str | datetime | None = "{{ logical_date.isoformat() }}",
        logical_date: str | datetime | None = None,
        recursion_depth: int = 10,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        date = execution_date if logical_date is None else logical_date
        if not isinstance(date, str | datetime):
            raise TypeError(
                f"execution_date of task {self.task_id!r} is a datetime or a text, not {date!r}"
            )
        if recursion_depth < 1:
            raise ValueError(
                f"recursion_depth of task {self.task_id!r} is at least 1, not {recursion_depth!r}"
            )
        self.external_dag_id = external_dag_id
        self.external_task_id = external_task_id
        self.execution_date = date if isinstance(date, str) else date.isoformat()
        self.recursion_depth = recursion_depth

    @property
    def logical_date(self) -> str:
        """Return the date by its name in Airflow 3."""
        return self.execution_date
