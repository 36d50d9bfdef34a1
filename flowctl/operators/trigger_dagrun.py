"""A task that starts a run of another DAG, and waits for it if it is told to."""

import threading
import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from flowctl import clock
from flowctl.authoring import ports
from flowctl.authoring.arguments import renamed
from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowException, AirflowSkipException
from flowctl.authoring.extra_links import BaseOperatorLink, build_airflow_dagrun_url
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.ports import RunRequest, StateQuery
from flowctl.authoring.settings import NOTSET, is_set, pick
from flowctl.authoring.starting_runs import checked_conf, found, plain_date
from flowctl.authoring.state_names import DagRunState
from flowctl.authoring.xcom import XCom

XCOM_LOGICAL_DATE_ISO = "trigger_logical_date_iso"
XCOM_RUN_ID = "trigger_run_id"
_DATE = str | datetime | None
_TRIGGER = "flowctl.triggers.external_task.DagStateTrigger"


class TriggerDagRunLink(BaseOperatorLink):
    """Leads to the run that was started."""

    name = "Triggered DAG"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the address of the run; none before it is started."""
        run_id = XCom.get_value(ti_key=ti_key, key=XCOM_RUN_ID)
        return build_airflow_dagrun_url(operator.trigger_dag_id, run_id) if run_id else ""


class TriggerDagRunOperator(BaseOperator):
    """Starts a run of another DAG.

    A try that is killed after it started the run finds that run when it is tried again, instead of
    starting a second one.

    Args:
        trigger_dag_id: the other DAG, a template.
        trigger_run_id: id of the run, a template; made of the logical date if not given.
        conf: what the run is given, templates.
        logical_date: date of the run, a template; default is now.
        run_after: as `logical_date`; a moment to come is refused, as flowctl starts the run now.
        reset_dag_run: clear a run that is there already, instead of failing.
        wait_for_completion: end when the run has ended.
        poke_interval: how many seconds to wait between looks.
        allowed_states: states of the run with which this task succeeds; default is success.
        failed_states: those with which it fails; default is failed.
        skip_when_already_exists: be skipped where such a run is there already.
        fail_when_dag_is_paused: fail instead of starting a run that has to wait.
        note: left on the run.
        deferrable: wait without a process.
        execution_date: the same as `logical_date`, by its name before Airflow 2.2.

    Raises:
        TypeError: a date is neither a datetime nor a text.
        ValueError: a state is none.
    """

    template_fields: Sequence[str] = (
        "trigger_dag_id",
        "trigger_run_id",
        "logical_date",
        "conf",
        "wait_for_completion",
        "skip_when_already_exists",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"conf": "py"}
    ui_color = "#ffefeb"
    operator_extra_links: Sequence[Any] = (TriggerDagRunLink(),)

    def __init__(
        self,
        *,
        trigger_dag_id: str,
        trigger_run_id: str | None = None,
        conf: dict[str, Any] | str | None = None,
        logical_date: _DATE = NOTSET,
        run_after: _DATE = None,
        reset_dag_run: bool = False,
        wait_for_completion: bool = False,
        poke_interval: float = 60,
        allowed_states: list[str] | None = None,
        failed_states: list[str] | None = None,
        skip_when_already_exists: bool = False,
        fail_when_dag_is_paused: bool = False,
        note: str | None = None,
        deferrable: bool = NOTSET,
        execution_date: _DATE = None,
        openlineage_inject_parent_info: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        where = f"task {self.task_id!r}"
        if execution_date is not None:
            renamed(where, "execution_date", "logical_date")
            logical_date = execution_date
        if openlineage_inject_parent_info:
            warnings.warn(
                f"openlineage_inject_parent_info of {where} has no effect in flowctl", stacklevel=2
            )
        date = logical_date if is_set(logical_date) else None
        for name, given in (("logical_date", date), ("run_after", run_after)):
            if not isinstance(given, str | datetime | None):
                raise TypeError(f"{name} of {where} is a datetime or a text, not {given!r}")
        self.trigger_dag_id = trigger_dag_id
        self.trigger_run_id = trigger_run_id
        self.conf = conf
        self.logical_date = date
        self.run_after = run_after
        self.reset_dag_run = reset_dag_run
        self.wait_for_completion = wait_for_completion
        self.poke_interval = poke_interval
        self.allowed_states = _states(allowed_states or [DagRunState.SUCCESS])
        self.failed_states = _states(
            [DagRunState.FAILED] if failed_states is None else failed_states
        )
        self.skip_when_already_exists = skip_when_already_exists
        self.fail_when_dag_is_paused = fail_when_dag_is_paused
        self.note = note
        self.deferrable = pick(deferrable, "deferrable")

    def execute(self, context: Any) -> None:
        """Start the run; wait for it if that is wanted."""
        ti = context["ti"]
        request = self._request()
        answer = ti.start_run(request)
        if answer.how == "there" and self.skip_when_already_exists:
            raise AirflowSkipException(
                f"DAG {self.trigger_dag_id!r} already has the run {answer.run.run_id!r}: skipped"
            )
        run = found(answer, request)
        self.log.info("%s run %s of DAG %s", answer.how, run.run_id, self.trigger_dag_id)
        self.trigger_run_id = run.run_id
        ti.xcom_push(key=XCOM_LOGICAL_DATE_ISO, value=run.logical_date.isoformat())
        ti.xcom_push(key=XCOM_RUN_ID, value=run.run_id)
        if self.wait_for_completion:
            self._wait(run)

    def _request(self) -> RunRequest:
        """Return what is asked for; a date of its own makes the run id, as in Airflow."""
        now = clock.utcnow()
        after = plain_date(self.run_after)
        if after is not None and after > now:
            raise AirflowException(
                f"run_after of task {self.task_id!r} is {after}, which is still to come; flowctl"
                " starts the run now. Drop it, or put a DateTimeSensor before this task"
            )
        run_id = str(self.trigger_run_id) if self.trigger_run_id else None
        return RunRequest(
            self.trigger_dag_id,
            run_id=run_id,
            logical_date=plain_date(self.logical_date) or after or now,
            conf=checked_conf(self.conf, f"task {self.task_id!r}"),
            note=self.note,
            clears=self.reset_dag_run,
            unless_paused=self.fail_when_dag_is_paused,
        )

    def _wait(self, run: Any) -> None:
        if self.deferrable:
            self.defer(
                trigger=import_string(_TRIGGER)(
                    dag_id=self.trigger_dag_id,
                    states=[*self.allowed_states, *self.failed_states],
                    run_ids=[run.run_id],
                    execution_dates=[run.logical_date],
                    poll_interval=self.poke_interval,
                ),
                method_name="execute_complete",
            )
        self.log.info("Waiting for run %s of DAG %s", run.run_id, self.trigger_dag_id)
        pause = threading.Event()
        while not self._has_ended(run.run_id):
            pause.wait(self.poke_interval)

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Go on after the run has ended, where the wait was deferred.

        Raises:
            AirflowException: the run ended in one of the failed states, or in none of the named.
        """
        ti = context["ti"]
        run_id = ti.xcom_pull(task_ids=self.task_id, key=XCOM_RUN_ID, map_indexes=ti.map_index)
        run_id = run_id or event[1]["run_ids"][0]
        if not self._has_ended(run_id):
            raise AirflowException(
                f"run {run_id!r} of DAG {self.trigger_dag_id!r} is in none of the states"
                f" {', '.join([*self.allowed_states, *self.failed_states])}"
            )

    def _has_ended(self, run_id: str) -> bool:
        """Say whether the run is in one of the allowed states.

        Raises:
            AirflowException: it is in one of the failed states, or is gone.
        """
        rows = ports.current().state_rows(StateQuery(self.trigger_dag_id, run_ids=[run_id]))
        if not rows:
            raise AirflowException(f"run {run_id!r} of DAG {self.trigger_dag_id!r} was deleted")
        state = rows[0].state
        if state in self.failed_states:
            raise AirflowException(f"{self.trigger_dag_id} failed with failed states {state}")
        return state in self.allowed_states


def _states(given: Sequence[Any]) -> list[str]:
    return [DagRunState(state).value for state in given]
