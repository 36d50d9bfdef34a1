"""How does a task as its DAG file made it become a `core.spec.TaskSpec`?"""

from typing import Any

from flowctl.authoring import listeners
from flowctl.authoring.assets import BaseAsset
from flowctl.authoring.extra_links import key_of, links_of
from flowctl.authoring.lineage import inlets_of
from flowctl.authoring.mapped_operator import MappedOperator
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.params import ParamsDict
from flowctl.authoring.priority_strategy import strategy_of, weights
from flowctl.authoring.rule_names import WeightRule
from flowctl.authoring.triggers import plain_text
from flowctl.core.assets import Condition
from flowctl.core.deferral import Deferral
from flowctl.core.spec import TaskSpec
from flowctl.parsing import plain
from flowctl.parsing.marks import mark_of
from flowctl.parsing.related import related_to

TASK_EVENTS = ("execute", "success", "failure", "retry", "skipped")


def task_spec(task: BaseOperator) -> TaskSpec:
    """Return the spec of one task.

    Raises:
        AirflowException: something in it cannot be written as JSON.
    """
    where = f"task {task.task_id!r} of DAG {task.dag_id!r}"
    return TaskSpec(
        task_id=task.task_id,
        upstream=tuple(sorted(task.upstream_task_ids)),
        operator=task.task_type,
        module=task.operator_class.__module__,
        display_name=task.task_display_name,
        owner=task.owner,
        group=task.task_group.group_id if task.task_group else None,
        length=task.expand_input.length if isinstance(task, MappedOperator) else None,
        trigger_rule=str(task.trigger_rule),
        is_setup=task.is_setup,
        is_teardown=task.is_teardown,
        fails_run=task.on_failure_fail_dagrun,
        mark=mark_of(task),
        related=related_to(task),
        is_empty=_is_empty(task),
        can_skip_others=task.can_skip_others,
        depends_on_past=bool(task.depends_on_past),
        ignore_first_depends_on_past=bool(task.ignore_first_depends_on_past),
        wait_for_downstream=bool(task.wait_for_downstream),
        wait_for_past_depends_before_skipping=bool(task.wait_for_past_depends_before_skipping),
        start_date=plain.moment(task.start_date),
        end_date=plain.moment(task.end_date),
        retries=task.retries,
        retry_delay=task.retry_delay,
        retry_exponential_backoff=task.retry_exponential_backoff,
        max_retry_delay=task.max_retry_delay,
        execution_timeout=task.execution_timeout,
        memory_bytes=task.memory_bytes,
        sla=task.sla,
        pool=task.pool,
        pool_slots=task.pool_slots,
        **_weight(task),
        queue=task.queue,
        executor=task.executor,
        executor_config=plain.value(task.executor_config, f"executor_config of {where}"),
        run_as_user=task.run_as_user,
        max_active_tis_per_dag=task.max_active_tis_per_dag,
        max_active_tis_per_dagrun=task.max_active_tis_per_dagrun,
        inlets=_conditions(inlets_of(task)),
        outlets=_conditions(task.outlets),
        start_trigger=_start_trigger(task, where),
        callbacks=plain.events(task, TASK_EVENTS, listeners.TASK_EVENTS),
        email=_addresses(task.email),
        email_on_failure=bool(task.email_on_failure),
        email_on_retry=bool(task.email_on_retry),
        template_fields=tuple(task.template_fields),
        multiple_outputs=bool(task.multiple_outputs),
        do_xcom_push=bool(task.do_xcom_push),
        params=plain.params(_own_params(task), where),
        extra_links={link.name: key_of(link) for link in links_of(task)},
        ui_color=task.ui_color,
        ui_fgcolor=task.ui_fgcolor,
        doc_md=task.doc_md,
        doc=_docs(task),
    )


def _start_trigger(task: BaseOperator, where: str) -> Deferral | None:
    """Return the trigger with which each try of the task begins, None: with a process."""
    given = task.start_trigger_args
    if given is None or not task.start_from_trigger:
        return None
    return Deferral(
        classpath=given.trigger_cls,
        kwargs=plain_text(f"trigger_kwargs of {where}", given.trigger_kwargs or {}),
        method=given.next_method or "",
        method_kwargs=plain_text(f"next_kwargs of {where}", given.next_kwargs or {}),
        timeout=given.timeout,
    )


def _weight(task: BaseOperator) -> dict[str, Any]:
    """Return weight and rule; of a user's strategy its answers, to which nothing is added."""
    strategy = strategy_of(task.weight_rule)
    if strategy is None:
        return {"priority_weight": task.priority_weight, "weight_rule": str(task.weight_rule)}
    first, *others = weights(task, strategy)
    answers = (first, *others) if others else ()
    return {
        "priority_weight": first,
        "weight_rule": str(WeightRule.ABSOLUTE),
        "try_weights": answers,
    }


def _is_empty(task: BaseOperator) -> bool:
    """Say whether the scheduler may settle the task: it does nothing, so it can only succeed."""
    code = (
        task.on_execute_callback,
        task.on_success_callback,
        task._pre_execute_hook,
        task._post_execute_hook,
    )
    says_more = any(code) or bool(task.inlets) or bool(task.outlets)
    return bool(task.inherits_from_empty_operator) and not says_more


def _conditions(assets: list[Any]) -> tuple[Condition, ...]:
    """Return the assets and aliases among inlets or outlets; what else there is means nothing."""
    return tuple(one.condition() for one in assets if isinstance(one, BaseAsset))


def _addresses(email: Any) -> tuple[str, ...]:
    """Return mail addresses; a text may hold several, separated by commas or semicolons."""
    if not email:
        return ()
    if isinstance(email, str):
        return tuple(one.strip() for one in email.replace(";", ",").split(",") if one.strip())
    return tuple(str(one) for one in email)


def _docs(task: BaseOperator) -> dict[str, str]:
    kinds = {"plain": task.doc, "json": task.doc_json, "yaml": task.doc_yaml, "rst": task.doc_rst}
    return {kind: text for kind, text in kinds.items() if text}


def _own_params(task: BaseOperator) -> ParamsDict:
    """Return the params that the task does not simply have from its DAG."""
    of_dag = task.dag.params if task.has_dag() else ParamsDict()
    return ParamsDict(
        {
            name: param
            for name, param in task.params.items()
            if name not in of_dag or plain.param(param) != plain.param(of_dag.get_param(name))
        }
    )
