"""`flowctl dags details`."""

from typing import Any

import click
from sqlalchemy import Row

from flowctl.cli import finding
from flowctl.cli import output as outputs
from flowctl.cli.dags.listing import place
from flowctl.cli.metastore import reading
from flowctl.cli.settings import settings
from flowctl.core import explain, retention
from flowctl.core.assets import expression
from flowctl.core.spec import DagSpec
from flowctl.store import assets, rules
from flowctl.store.queries import dags, files


@click.command
@click.argument("dag_id")
@outputs.option
def details(dag_id: str, output: str) -> None:
    """Show what a DAG says about itself, and when it runs next."""
    with reading() as conn:
        row = finding.dag(conn, dag_id)
        spec = finding.spec(conn, dag_id)
        tags = dags.tags(conn, [dag_id])[dag_id]
        new = assets.news(conn).get(dag_id, ())
        broken = {error.path for error in files.import_errors(conn)}
    found = _details(row, spec, tags, row.file in broken)
    found["retention"] = retention.shown(spec.retention, rules.limits(settings()))
    condition = spec.schedule.condition
    found["dataset_expression"] = condition and expression(condition)
    found["next_dagrun_assets"] = explain.hint(condition, new) or None
    if output in ("table", "plain"):
        rows = [{"property_name": key, "property_value": value} for key, value in found.items()]
        outputs.show(rows, output)
    else:
        outputs.show([found], output)


def _details(row: Row[Any], spec: DagSpec, tags: list[str], is_broken: bool) -> dict[str, Any]:
    limited = any(
        task.max_active_tis_per_dag is not None or task.max_active_tis_per_dagrun is not None
        for task in spec.tasks
    )
    return {
        "dag_id": row.dag_id,
        "dag_display_name": row.display_name or row.dag_id,
        "is_paused": row.is_paused,
        "is_active": row.is_active,
        "last_parsed_time": finding.iso(row.parsed_at),
        "default_view": spec.default_view,
        "fileloc": place(row.file),
        "owners": list(spec.owners),
        "description": row.description,
        "schedule_interval": row.schedule,
        "timetable_description": row.schedule,
        "tags": tags,
        "max_active_tasks": spec.max_active_tasks,
        "max_active_runs": spec.max_active_runs,
        "max_consecutive_failed_dag_runs": spec.max_consecutive_failed_dag_runs,
        "catchup": spec.catchup,
        "catchup_window": spec.catchup_window and str(spec.catchup_window),
        "overlap": spec.overlap,
        "has_task_concurrency_limits": limited,
        "has_import_errors": is_broken,
        "next_dagrun": finding.iso(row.next_logical_date) or None,
        "next_dagrun_data_interval_start": finding.iso(row.next_interval_start) or None,
        "next_dagrun_data_interval_end": finding.iso(row.next_interval_end) or None,
        "next_dagrun_create_after": finding.iso(row.next_run_after) or None,
        "version": row.number,
        "task_count": len(spec.tasks),
    }
