"""How does a DAG as its file made it become a `core.spec.DagSpec`?

Once, in a parser child, where user code runs. Whatever cannot be written down plainly is refused
here, so that nothing behind the parser ever meets an object of the user's.
"""

import json
import warnings
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from flowctl.authoring import listeners, run_dates
from flowctl.authoring.assets import Asset, BaseAsset
from flowctl.authoring.dag import DAG
from flowctl.authoring.deadlines import DeadlineAlert
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.extra_links import key_of, links_of
from flowctl.authoring.lineage import inlets_of
from flowctl.authoring.mapped_operator import MappedOperator
from flowctl.authoring.mapped_task_group import MappedTaskGroup
from flowctl.authoring.moments import plain_utc
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.params import ParamsDict
from flowctl.authoring.priority_strategy import strategy_of, weights
from flowctl.authoring.rule_names import WeightRule
from flowctl.authoring.settings import is_set
from flowctl.authoring.task_group import TaskGroup
from flowctl.authoring.triggers import plain_text
from flowctl.core.assets import AssetSpec, Condition
from flowctl.core.deferral import Deferral
from flowctl.core.spec import DagSpec, DeadlineSpec, GroupSpec, TaskSpec
from flowctl.parsing.marks import mark_of
from flowctl.parsing.related import related_to

TASK_EVENTS = ("execute", "success", "failure", "retry", "skipped")
DAG_EVENTS = ("running", "success", "failure")


def dag_spec(dag: DAG, file: str) -> DagSpec:
    """Return the spec of a DAG.

    Args:
        dag: as its file made it.
        file: its path relative to the DAG folder.

    Raises:
        AirflowDagCycleException: its tasks wait for each other in a circle.
        AirflowException: something in it makes no sense or cannot be written as JSON.
    """
    dag.validate()
    where = f"DAG {dag.dag_id!r}"
    ordered = dag.topological_sort()
    dates = run_dates.restriction(dag)
    return DagSpec(
        dag_id=dag.dag_id,
        file=file,
        tasks=tuple(task_spec(task) for task in ordered),
        groups=tuple(_groups(dag.task_group)),
        schedule=dag.schedule_spec,
        assets=_assets(dag),
        timezone=dag.schedule_spec.timezone,
        start_date=_utc(dates.earliest),
        end_date=_utc(dates.latest),
        catchup=bool(dag.catchup),
        catchup_window=dag.catchup_window,
        overlap=dag.overlap,
        max_active_runs=dag.max_active_runs,
        max_active_tasks=dag.max_active_tasks,
        max_consecutive_failed_dag_runs=dag.max_consecutive_failed_dag_runs,
        dagrun_timeout=dag.dagrun_timeout,
        is_paused_upon_creation=dag.is_paused_upon_creation,
        fail_stop=dag.fail_stop,
        allowed_run_types=(
            None if dag.allowed_run_types is None else tuple(sorted(dag.allowed_run_types))
        ),
        rerun_with_latest_version=dag.rerun_with_latest_version,
        retention=dag.retention,
        deadlines=tuple(_deadline(one) for one in dag.deadlines),
        callbacks=(
            *_events(dag, DAG_EVENTS, listeners.RUN_EVENTS),
            *(("sla_miss",) if dag.sla_miss_callback else ()),
        ),
        params=_params(dag.params, where),
        render_template_as_native_obj=dag.render_template_as_native_obj,
        display_name=dag.dag_display_name,
        description=dag.description,
        doc_md=dag.doc_md,
        tags=tuple(sorted(set(dag.tags))),
        owner_links=dict(dag.owner_links),
        access_control=_plain(dag.access_control, f"access_control of {where}"),
        default_view=dag.default_view,
        orientation=dag.orientation,
        edge_labels=_labels(dag),
    )


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
        start_date=_utc(task.start_date),
        end_date=_utc(task.end_date),
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
        executor_config=_plain(task.executor_config, f"executor_config of {where}"),
        run_as_user=task.run_as_user,
        max_active_tis_per_dag=task.max_active_tis_per_dag,
        max_active_tis_per_dagrun=task.max_active_tis_per_dagrun,
        inlets=_conditions(inlets_of(task)),
        outlets=_conditions(task.outlets),
        start_trigger=_start_trigger(task, where),
        callbacks=_events(task, TASK_EVENTS, listeners.TASK_EVENTS),
        email=_addresses(task.email),
        email_on_failure=bool(task.email_on_failure),
        email_on_retry=bool(task.email_on_retry),
        template_fields=tuple(task.template_fields),
        multiple_outputs=bool(task.multiple_outputs),
        do_xcom_push=bool(task.do_xcom_push),
        params=_params(_own_params(task), where),
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


def _assets(dag: DAG) -> tuple[AssetSpec, ...]:
    """Return every asset that the DAG describes.

    Said differently twice, the first description counts; all watchers do.
    """
    mentioned = [dag.asset_condition] if dag.asset_condition else []
    mentioned += [one for task in dag.tasks for one in (*task.outlets, *inlets_of(task))]
    found: dict[str, list[Asset]] = {}
    for one in mentioned:
        for uri, asset in one.iter_assets() if isinstance(one, BaseAsset) else ():
            found.setdefault(uri, []).append(asset)
    return tuple(_asset(found[uri], dag) for uri in sorted(found))


def _asset(same: list[Asset], dag: DAG) -> AssetSpec:
    spec = same[0].spec()
    where = f"asset {spec.name!r} in DAG {dag.dag_id!r}"
    watchers = dict.fromkeys(one.spec(where) for asset in same for one in asset.watchers)
    return msgspec.structs.replace(
        spec, extra=_plain(spec.extra, f"extra of {where}"), watchers=tuple(watchers)
    )


def _groups(group: TaskGroup) -> Iterator[GroupSpec]:
    """Yield the groups inside `group`, each after the one around it."""
    for child in group.children.values():
        if isinstance(child, TaskGroup):
            yield GroupSpec(
                group_id=str(child.group_id),
                parent=group.group_id,
                label=child.label or "",
                tooltip=child.tooltip,
                ui_color=child.ui_color,
                ui_fgcolor=child.ui_fgcolor,
                doc_md=group.dag.doc_text(child.doc_md),
                length=child.expand_input.length if isinstance(child, MappedTaskGroup) else None,
            )
            yield from _groups(child)


def _utc(value: datetime | None) -> datetime | None:
    return value and plain_utc(value)


def _deadline(alert: DeadlineAlert) -> DeadlineSpec:
    reference: Any = alert.reference.kind
    moment = alert.reference.moment
    return DeadlineSpec(reference, alert.interval, _utc(moment), alert.name or "")


def _events(owner: Any, events: tuple[str, ...], heard: Mapping[str, str]) -> tuple[str, ...]:
    """Return the events of which somebody is to be told: callbacks, or listeners of plugins."""
    return tuple(
        event
        for event in events
        if getattr(owner, f"on_{event}_callback", None)
        or (event in heard and listeners.is_heard(heard[event]))
    )


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


def _labels(dag: DAG) -> dict[str, str]:
    return {
        f"{up}>{down}": label
        for up, downs in sorted(dag.edge_info.items())
        for down, info in sorted(downs.items())
        if (label := info.get("label"))
    }


def _params(params: ParamsDict, where: str) -> dict[str, Any]:
    """Return value, schema and description of each param; a required one has no "value".

    A value that JSON cannot say is shown as text; tasks find it as the DAG file made it. Where the
    order is not that of the names, as which a spec is kept, each says its "place".
    """
    found: dict[str, Any] = {}
    is_sorted = list(params) == sorted(params)
    for name, param in params.items():
        facts, what = _param(param), f"param {name!r} of {where}"
        try:
            json.dumps(facts.get("value"), allow_nan=False, default=_as_list)
        except (TypeError, ValueError) as error:
            warnings.warn(f"{what} cannot be written as JSON: {error}", stacklevel=2)
            facts |= {"value": str(facts["value"]), "is_json": False}
        facts |= {} if is_sorted else {"place": len(found)}
        found[name] = _plain(facts, what)
    return found


def _own_params(task: BaseOperator) -> ParamsDict:
    """Return the params that the task does not simply have from its DAG."""
    of_dag = task.dag.params if task.has_dag() else ParamsDict()
    return ParamsDict(
        {
            name: param
            for name, param in task.params.items()
            if name not in of_dag or _param(param) != _param(of_dag.get_param(name))
        }
    )


def _param(param: Any) -> dict[str, Any]:
    facts = {"value": param.value, "schema": param.schema, "description": param.description}
    return {name: value for name, value in facts.items() if is_set(value)}


def _plain(value: Any, what: str) -> Any:
    """Return `value` as JSON would give it back.

    Raises:
        AirflowException: JSON cannot say it.
    """
    try:
        return json.loads(json.dumps(value, allow_nan=False, default=_as_list))
    except (TypeError, ValueError) as error:
        raise AirflowException(f"{what} cannot be written as JSON: {error}") from None


def _as_list(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} is a {type(value).__name__}")
