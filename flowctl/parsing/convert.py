"""How does a DAG as its file made it become a `core.spec.DagSpec`?

Once, in a parser child, where user code runs. Whatever cannot be written down plainly is refused
here, so that nothing behind the parser ever meets an object of the user's.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from flowctl.authoring import listeners, run_dates
from flowctl.authoring.assets import Asset, BaseAsset
from flowctl.authoring.dag import DAG
from flowctl.authoring.deadlines import DeadlineAlert
from flowctl.authoring.lineage import inlets_of
from flowctl.authoring.mapped_task_group import MappedTaskGroup
from flowctl.authoring.task_group import TaskGroup
from flowctl.core.assets import AssetSpec
from flowctl.core.spec import DagSpec, DeadlineSpec, GroupSpec
from flowctl.parsing import plain
from flowctl.parsing.task_convert import task_spec

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
        start_date=plain.moment(dates.earliest),
        end_date=plain.moment(dates.latest),
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
            *plain.events(dag, DAG_EVENTS, listeners.RUN_EVENTS),
            *(("sla_miss",) if dag.sla_miss_callback else ()),
        ),
        params=plain.params(dag.params, where),
        render_template_as_native_obj=dag.render_template_as_native_obj,
        display_name=dag.dag_display_name,
        description=dag.description,
        doc_md=dag.doc_md,
        tags=tuple(sorted(set(dag.tags))),
        owner_links=dict(dag.owner_links),
        access_control=plain.value(dag.access_control, f"access_control of {where}"),
        default_view=dag.default_view,
        orientation=dag.orientation,
        edge_labels=_labels(dag),
    )


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
        spec, extra=plain.value(spec.extra, f"extra of {where}"), watchers=tuple(watchers)
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


def _deadline(alert: DeadlineAlert) -> DeadlineSpec:
    reference: Any = alert.reference.kind
    moment = alert.reference.moment
    return DeadlineSpec(reference, alert.interval, plain.moment(moment), alert.name or "")


def _labels(dag: DAG) -> dict[str, str]:
    return {
        f"{up}>{down}": label
        for up, downs in sorted(dag.edge_info.items())
        for down, info in sorted(downs.items())
        if (label := info.get("label"))
    }
