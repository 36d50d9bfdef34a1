"""How does a task start a run of another DAG?"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flowctl.authoring import ports, timezone
from flowctl.authoring.context import Context, get_current_context
from flowctl.authoring.dag_run import DagRun
from flowctl.authoring.exceptions import AirflowException, DagNotFound, DagRunAlreadyExists
from flowctl.authoring.moments import plain_utc
from flowctl.authoring.ports import RunAnswer, RunRequest


def plain_date(value: Any) -> datetime | None:
    """Return a date that was given as one or as text as an aware UTC datetime; None stays None."""
    if not value:
        return None
    return plain_utc(timezone.parse(value) if isinstance(value, str) else value)


def checked_conf(conf: Any, where: str) -> dict[str, Any]:
    """Return the conf of a run as JSON gives it back; a text is read as JSON.

    Raises:
        AirflowException: JSON cannot say it, or it is no mapping.
    """
    try:
        plain = json.loads(conf if isinstance(conf, str) else json.dumps(conf or {}))
    except (TypeError, ValueError) as error:
        raise AirflowException(f"conf of {where} cannot be written as JSON: {error}") from None
    if not isinstance(plain, Mapping):
        raise AirflowException(f"conf of {where} is a mapping, not {conf!r}")
    return dict(plain)


def found(answer: RunAnswer, request: RunRequest) -> DagRun:
    """Return the run of an answer.

    Raises:
        DagNotFound: there is no such DAG.
        DagRunAlreadyExists: the run was there before, and was not to be cleared.
        AirflowException: the DAG is paused.
    """
    if answer.how == "absent":
        raise DagNotFound(f"there is no DAG {request.dag_id!r} to start a run of")
    if answer.how == "paused":
        raise AirflowException(f"Dag {request.dag_id} is paused")
    assert answer.run is not None
    run = DagRun(answer.run, request.dag_id, ports.current())
    if answer.how == "there":
        raise DagRunAlreadyExists(run, answer.run.logical_date, answer.run.run_id)
    return run


def trigger_dag(
    dag_id: str,
    run_id: str | None = None,
    conf: dict[str, Any] | str | None = None,
    execution_date: datetime | None = None,
    replace_microseconds: bool = True,
    **_: Any,
) -> DagRun:
    """Start a run of a DAG from the code of a task; `airflow.api.common.trigger_dag`.

    Raises:
        DagNotFound: there is no such DAG.
        DagRunAlreadyExists: there is such a run already.
        AirflowException: the conf cannot be written as JSON.
    """
    date = plain_date(execution_date or timezone.utcnow())
    assert date is not None
    request = RunRequest(
        dag_id,
        run_id=run_id,
        logical_date=date.replace(microsecond=0) if replace_microseconds else date,
        conf=checked_conf(conf, f"the run of {dag_id!r}"),
    )
    context: Context | None = None
    try:
        context = get_current_context()
    except AirflowException:  # no task is running: a test, or a person at a prompt
        return found(ports.current().start_run(request), request)
    return found(context["ti"].start_run(request), request)
