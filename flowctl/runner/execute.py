"""What happens inside one attempt, from the order to the outcome?

One function, in the process that it is called in: context, rendering, the user's code under its
time limit, XComs; `meaning` says what an exception leads to. It writes nothing itself. The caller
puts the outcome on disk and calls `finish` afterwards: a callback of the user that hangs or kills
the process can then no longer take the outcome with it.

Source: the order of steps is Airflow 2.10's.
"""

import copy
import logging
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from flowctl.authoring import listeners, policies, serialization
from flowctl.authoring.context import Context, airflow_vars, entered
from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowTaskTimeout,
    TaskDeferred,
)
from flowctl.authoring.extra_links import address, key_of, links_of
from flowctl.authoring.log_lines import say
from flowctl.authoring.masking import mask_conf
from flowctl.authoring.ports import Ports
from flowctl.authoring.task_instance import TaskInstance
from flowctl.authoring.xcom import XCOM_RETURN_KEY, length_of
from flowctl.core.attempt import Order, Outcome
from flowctl.core.deferral import waits_until
from flowctl.core.states import TaskState
from flowctl.late import Late
from flowctl.runner import deferral, meaning
from flowctl.runner.callbacks import callbacks_of, run_for, task_of
from flowctl.runner.context import build_context
from flowctl.runner.limits import time_limit, told_to_end
from flowctl.runner.rendered import Final, final, rendered_fields
from flowctl.runner.site import Site, here

if TYPE_CHECKING:
    from flowctl.runner import asset_updates, mapped
else:
    asset_updates = Late("flowctl.runner.asset_updates")
    mapped = Late("flowctl.runner.mapped")

LINK_S_MAX = 30.0  # a link asks for an XCom or two

_NOT_YET = datetime.min.replace(tzinfo=UTC)

_log = logging.getLogger("airflow.task")


class Prepared(NamedTuple):
    """All that one try needs before the user's code runs; made without running any of it."""

    order: Order
    dag: Any
    task: Any
    ti: TaskInstance
    context: Context
    outcome: Outcome
    environment: dict[str, str]  # what sub-processes learn of the attempt
    site: Site
    final: Final | None  # the template fields, where they need no rendering


class Done(NamedTuple):
    """An outcome, and what to call once it is safe."""

    outcome: Outcome
    finish: Callable[[], None]


def execute(
    order: Order,
    dag: Any,
    *,
    ports: Ports,
    now: Callable[[], datetime],
    site: Site | None = None,
    test_mode: bool = False,
) -> Done:
    """Run one try of one task here, and return how it ended.

    Args:
        order: which try.
        dag: the DAG as its file made it; the task in it is copied, not changed.
        ports: who answers the task's questions; `authoring.ports.use` is the caller's.
        now: reads the clock.
        site: what the configuration says; None reads it, once in a process.
        test_mode: what user code finds under that name.

    Returns:
        The outcome, and `finish`, which runs the user's callbacks; it never raises.

    Raises:
        TaskNotFound: the DAG has no such task.
    """
    site = site or here()
    task = task_of(dag, order.task_id)
    fields = final(task, site.templated_field_length_max)
    prepared = prepare(
        order, dag, copy.copy(task), fields, ports=ports, site=site, test_mode=test_mode
    )
    return run(prepared, now)


def prepare(
    order: Order,
    dag: Any,
    task: Any,
    fields: Final | None,
    *,
    ports: Ports,
    site: Site,
    test_mode: bool = False,
) -> Prepared:
    """Return what `run` needs; the try has not begun yet, for many are prepared at once.

    Args:
        task: that of the order; `run` changes it.
        fields: those of the task; for the rest see `execute`.
    """
    ti = TaskInstance(order, task, ports, test_mode=test_mode, base_url=site.base_url)
    mask_conf(order.run.conf)
    context = build_context(order, dag, task, ti, ports, site)
    outcome = Outcome(order.ti_id, order.try_number, TaskState.SUCCESS, _NOT_YET, _NOT_YET)
    outcome.waiting_since = order.waiting_since
    outcome.rendered = fields.fields if fields else None
    return Prepared(order, dag, task, ti, context, outcome, _exported(order, task), site, fields)


def run(prepared: Prepared, now: Callable[[], datetime]) -> Done:
    """Run the user's code of one try, and return how it ended; see `execute`."""
    order, _, task, ti, context, outcome, environment, site, _ = prepared
    outcome.started_at = now()
    ti.started_at = ti.started_at or outcome.started_at
    os.environ.update(environment)
    task.is_running = True
    error: BaseException | None = None
    try:
        with told_to_end(task):
            _run(prepared)
    except BaseException as raised:  # whatever user code raises is an outcome, SystemExit as well
        error = raised
    outcome.ended_at = ti.ended_at = max(now(), outcome.started_at)  # clocks may go back
    if isinstance(error, TaskDeferred):
        error = _deferred(prepared, error)
    policy = meaning.asked_policy(task, order, context, error)
    meaning.judge(order, error, outcome, site, policy)
    meaning.tell(error, outcome, __file__)
    if outcome.state == TaskState.SUCCESS:
        outcome.xcoms, outcome.skip, outcome.branch = ti.left, ti.to_skip, ti.branch
    outcome.xcoms = {**outcome.xcoms, **_links(task, ti, context)}
    ti.state = outcome.state
    event = meaning.EVENTS.get(outcome.state)
    if event is None:  # the try is not over
        return Done(outcome, lambda: None)
    outcome.callback = event if callbacks_of(task, event) else ""
    if outcome.state in (TaskState.FAILED, TaskState.UP_FOR_RETRY):
        context["exception"] = meaning.shown_to_callbacks(error)

    def finish() -> None:
        listeners.tell_of_task(event, ti, context.get("exception"))
        if outcome.assets:
            asset_updates.tell_of_them(outcome.assets, ti)
        run_for(task, event, context)

    return Done(outcome, finish)


def _deferred(prepared: Prepared, asked: TaskDeferred) -> BaseException:
    """Note what a task waits for that asked to be deferred; return why it cannot, if it cannot."""
    order, _, _, _, context, outcome, _, _, _ = prepared
    task = context["task"]  # the operator that asked; the DAG's own may be a mapped one
    try:
        outcome.deferral = deferral.kept(task, asked)
    except Exception as error:  # of the trigger's own code, too
        return error
    limit = order.timeout_s or _seconds(task.execution_timeout)
    outcome.retry_at = waits_until(
        outcome.deferral,
        outcome.ended_at,
        order.waiting_since or outcome.started_at,
        timedelta(seconds=limit) if limit else None,
    )
    return asked


def _run(prepared: Prepared) -> None:
    """Take the steps of a try; raise whatever stops it."""
    order, dag, task, ti, context, outcome, _, site, fields = prepared
    if more := policies.context_vars(context):
        os.environ.update(more)
    if dag.params or task.params:  # else nobody pays for merging and checking nothing
        task.params = context["params"]
    if fields is None:
        with entered(context):
            task = rendered_task(task, context, ti)
        outcome.rendered = rendered_fields(task, site.templated_field_length_max)
    if listeners.is_heard("on_task_instance_running"):
        listeners.tell(
            "on_task_instance_running", previous_state="queued", task_instance=ti, session=None
        )
    task.pre_execute(context=context)
    run_for(task, "execute", context)
    with entered(context):
        has_failed = True
        try:
            result = _execute(prepared, task)
            has_failed = False
        finally:
            if getattr(task, "renders_while_running", False):
                outcome.rendered = rendered_fields(task, site.templated_field_length_max)
            if order.map_index >= 0:
                outcome.rendered_map_index = mapped.name(context, ti, has_failed=has_failed)
        if result is not None and task.do_xcom_push:
            _leave(ti, task, result)
            outcome.length = length_of(result)
        if order.is_measured:
            mapped.check_mappable(order, result if task.do_xcom_push else None, site.map_length_max)
    task.post_execute(context=context, result=result)
    if getattr(task, "outlets", None):
        outcome.assets = asset_updates.updates(task, context)


def rendered_task(task: Any, context: Context, ti: TaskInstance) -> Any:
    """Render the fields of a task and return it; of a mapped one, the operator of the instance."""
    if getattr(task, "is_mapped", False):
        return mapped.rendered_operator(task, context, ti)
    if getattr(task, "template_ext", ()):
        task.resolve_template_files()
    task.render_template_fields(context)
    return task


def _exported(order: Order, task: Any) -> dict[str, str]:
    """Return what sub-processes learn of the attempt.

    Taken from the order: through the context it would cost each attempt its first pendulum, and
    80 memory pages with it (measured 2026-11-21).
    """
    return airflow_vars(
        True,
        dag_email=getattr(task, "email", None),
        dag_owner=getattr(task, "owner", None),
        dag_id=order.run.dag_id,
        task_id=order.task_id,
        execution_date=order.run.logical_date,
        try_number=order.shown_try,
        dag_run_id=order.run.run_id,
    )


def _execute(prepared: Prepared, task: Any) -> Any:
    """Call `execute`, or what goes on, in time; `sys.exit(0)` means success without a result."""
    order, context = prepared.order, prepared.context
    limit_s = order.timeout_s or _seconds(task.execution_timeout)
    try:
        if order.next_method is not None:
            return _go_on(prepared, task, limit_s)
        if limit_s is None:
            return task.execute(context=context)
        with time_limit(limit_s):
            return task.execute(context=context)
    except AirflowTaskTimeout:
        task.on_kill()
        raise
    except SystemExit as error:
        if error.code:
            raise
        return None


def _go_on(prepared: Prepared, task: Any, limit_s: float | None) -> Any:
    """Do what a deferred task does next, in the rest of its time: the waiting counts."""
    order, _, _, ti, context, outcome, _, _, _ = prepared
    ti.next_method, ti.next_kwargs = deferral.taken_up(order, ti.resumption())
    say(f"Task goes on after it was deferred, in {ti.next_method}")
    if limit_s is None:
        return task.resume_execution(ti.next_method, ti.next_kwargs, context)
    left_s = limit_s - (outcome.started_at - (ti.started_at or outcome.started_at)).total_seconds()
    if left_s <= 0:
        raise AirflowTaskTimeout(f"execution_timeout of {limit_s:g} s was over while it waited")
    with time_limit(left_s):
        return task.resume_execution(ti.next_method, ti.next_kwargs, context)


def _seconds(limit: Any) -> float | None:
    return limit.total_seconds() if limit else None


def _leave(ti: TaskInstance, task: Any, result: Any) -> None:
    """Keep the result for other tasks; with `multiple_outputs` each of its entries, too."""
    if getattr(task, "multiple_outputs", False):
        if not isinstance(result, Mapping):
            raise AirflowException(
                f"task {task.task_id!r} has multiple_outputs and returned a"
                f" {type(result).__name__}; return a dict"
            )
        for key in result:
            if not isinstance(key, str):
                raise AirflowException(
                    f"task {task.task_id!r} has multiple_outputs and returned the key {key!r};"
                    " keys must be texts"
                )
        for key, value in result.items():
            ti.leave(key, value)
    ti.leave(XCOM_RETURN_KEY, result)


def _links(task: Any, ti: TaskInstance, context: Context) -> dict[str, str]:
    """Return the addresses of the task's extra links, as XComs."""
    found: dict[str, str] = {}
    for link in links_of(task):
        try:
            with entered(context), time_limit(LINK_S_MAX, "the time for a link"):
                if text := address(link, task, ti):
                    found[key_of(link)] = serialization.dumps(text)
        except (Exception, AirflowTaskTimeout):  # user code; a link is not worth a failed task
            _log.warning("the link %r has no address", link.name, exc_info=True)
    return found
