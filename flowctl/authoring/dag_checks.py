"""Which mistakes of a DAG show only once it is complete?"""

from typing import Any

from flowctl.authoring import order
from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowTimetableInvalid,
    ParamValidationError,
)
from flowctl.core.states import RunType


def check(dag: Any) -> None:
    """Complain of the first mistake; `DAG.validate` says how."""
    order.topological(dag.dag_id, dag.task_dict)
    _check_setups(dag)
    if dag.schedule_spec.kind != "own":  # that was validated when its spec was made
        _check_schedule(dag)
    can_be_scheduled = getattr(dag.timetable, "can_be_scheduled", True)
    _check_run_types(dag, can_be_scheduled)
    if can_be_scheduled:
        _check_params(dag)


def _check_setups(dag: Any) -> None:
    for task in dag.tasks:
        dag._check_rule(task)
        for after in task.downstream_list if task.is_setup else ():
            if not after.is_teardown and after.trigger_rule != "all_success":
                raise ValueError(
                    f"task {after.task_id!r} comes right after the setup {task.task_id!r}, so"
                    f" its trigger rule must be all_success, not {after.trigger_rule}"
                )


def _check_schedule(dag: Any) -> None:
    try:
        dag.timetable.validate()
    except AirflowTimetableInvalid as error:
        raise AirflowTimetableInvalid(f"DAG {dag.dag_id!r}: {error}") from error


def _check_run_types(dag: Any, can_be_scheduled: bool) -> None:
    if dag.schedule_spec.kind == "assets":
        needed = str(RunType.DATASET_TRIGGERED)
    else:
        needed = "scheduled" if can_be_scheduled else "manual"
    if dag.allowed_run_types and needed not in dag.allowed_run_types:
        raise ValueError(
            f"allowed_run_types of DAG {dag.dag_id!r} lacks {needed!r}, the runs that its"
            f" schedule ({dag.schedule_spec.summary}) makes"
        )


def _check_params(dag: Any) -> None:
    try:
        dag.params.validate()
    except ParamValidationError as error:
        raise AirflowException(
            f"DAG {dag.dag_id!r} has a schedule, so all of its params need valid defaults: {error}"
        ) from None
