"""The tables. What can be a constraint is one; the promise of flowctl rests on these:

- `dag_run`: one run per (dag, run_id), and one scheduled run per (dag, logical_date);
- `task_instance`: one row per (run, task, map_index); only unfinished rows are in the hot index;
- `task_try`: one row per (task instance, try), so that no try can be recorded as started twice; a
  start that continues a try takes over the row of the one before it, under its own number;
- `asset_event`, `asset_run_event`: an update is written with the success that made it, and each DAG
  that waits for the asset gets it in one run; `asset_queue` says which assets are new for a DAG;
- `lease`: one row, whose `term` every write of the scheduler names.

Each run carries a `revision`. Whoever changes a run or one of its task instances raises it in the
same transaction and stamps the changed rows with the new value, so that the scheduler re-reads
exactly what moved. All datetimes are aware UTC; on SQLite they are stored as UTC without a zone.

A module a subject; whoever needs a table takes it from here.
"""

from flowctl.store.schema.accounts import (
    account,
    account_role,
    dag_access,
    favourite,
    role,
    role_permission,
    session,
    token,
)
from flowctl.store.schema.assets import (
    asset,
    asset_alias_asset,
    asset_event,
    asset_queue,
    asset_reference,
    asset_run_event,
    asset_watcher,
)
from flowctl.store.schema.backfills import backfill, backfill_run
from flowctl.store.schema.columns import (
    ASSET_ID,
    HEAVY_TRIES,
    ID,
    METADATA,
    UNFINISHED_RUNS,
    UNFINISHED_TASKS,
    WHERE,
    Key,
    Moment,
    ShownMoment,
)
from flowctl.store.schema.dags import dag, dag_file, dag_source, dag_tag, dag_version
from flowctl.store.schema.runs import callback, dag_run, deferral, task_instance, task_try, xcom
from flowctl.store.schema.site import (
    connection,
    drain,
    event,
    instance,
    lease,
    pool,
    process,
    variable,
)

__all__ = [
    "ASSET_ID",
    "HEAVY_TRIES",
    "ID",
    "METADATA",
    "UNFINISHED_RUNS",
    "UNFINISHED_TASKS",
    "WHERE",
    "Key",
    "Moment",
    "ShownMoment",
    "account",
    "account_role",
    "asset",
    "asset_alias_asset",
    "asset_event",
    "asset_queue",
    "asset_reference",
    "asset_run_event",
    "asset_watcher",
    "backfill",
    "backfill_run",
    "callback",
    "connection",
    "dag",
    "dag_access",
    "dag_file",
    "dag_run",
    "dag_source",
    "dag_tag",
    "dag_version",
    "deferral",
    "drain",
    "event",
    "favourite",
    "instance",
    "lease",
    "pool",
    "process",
    "role",
    "role_permission",
    "session",
    "task_instance",
    "task_try",
    "token",
    "variable",
    "xcom",
]
