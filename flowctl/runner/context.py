"""Which names does user code find in its context, and what are their values?

`_MAKERS` is the table: one row a name, called when the name is first asked for. Dates become
pendulum's here and nowhere below, because Airflow's users expect those.

Source: Airflow 2.10.5; `tests/runner/context_oracle.json` is what it rendered for fixed runs.
"""

import copy
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flowctl.authoring import macros
from flowctl.authoring.connection import Connection
from flowctl.authoring.context import Context
from flowctl.authoring.dag_run import moment
from flowctl.authoring.exceptions import AirflowNotFoundException
from flowctl.authoring.filters import FILTERS
from flowctl.authoring.lineage import inlets_of
from flowctl.authoring.ports import Ports, RunRow
from flowctl.authoring.task_instance import TaskInstance
from flowctl.authoring.variable import Variable
from flowctl.core.attempt import Order, RunFacts
from flowctl.core.states import RunState
from flowctl.late import Late
from flowctl.runner.schedule import next_date, previous_date
from flowctl.runner.site import Site

if TYPE_CHECKING:
    from flowctl.authoring import asset_events
else:
    asset_events = Late("flowctl.authoring.asset_events")

_ONE_DAY = timedelta(days=1)


class Source:
    """What all values are made of."""

    def __init__(self, order: Order, dag: Any, task: Any, ports: Ports, site: Site) -> None:
        self.order = order
        self.dag = dag
        self.task = task
        self.ports = ports
        self.site = site

    @cached_property
    def previous_success(self) -> RunRow | None:
        """Return the run that all `prev_..._success` names are about; it is asked for once."""
        run = self.order.run
        return self.ports.previous_run(run.dag_id, run.logical_date, RunState.SUCCESS)


def build_context(
    order: Order,
    dag: Any,
    task: Any,
    ti: TaskInstance,
    ports: Ports,
    site: Site,
) -> Context:
    """Return the context of one attempt; nearly all of its values are made when asked for."""
    return Context(
        {
            "dag": dag,
            "task": task,
            "ti": ti,
            "task_instance": ti,
            "run_id": order.run.run_id,
            "test_mode": ti.test_mode,
            "try_number": order.shown_try,
        },
        _MAKERS,
        Source(order, dag, task, ports, site),
    )


class VariableAccessor:
    """`var.value.NAME` and `var.json.NAME`; a dot in a name needs `.get("a.b")`."""

    def __init__(self, deserialize_json: bool) -> None:
        self._deserialize_json = deserialize_json

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return Variable.get(key, deserialize_json=self._deserialize_json)

    def get(self, key: str, *default: Any, **named: Any) -> Any:
        """Return a variable, or the default (second argument, or `default=`) if there is none."""
        default = default or tuple(named.values())
        options = {"default_var": default[0]} if default else {}
        return Variable.get(key, deserialize_json=self._deserialize_json, **options)


class ConnectionAccessor:
    """`conn.ID.host` and so on."""

    def __getattr__(self, conn_id: str) -> Any:
        if conn_id.startswith("__"):
            raise AttributeError(conn_id)
        return Connection.get_connection_from_secrets(conn_id)

    def get(self, conn_id: str, default_conn: Any = None) -> Any:
        """Return a connection, or the default if there is none."""
        try:
            return Connection.get_connection_from_secrets(conn_id)
        except AirflowNotFoundException:
            return default_conn


# Dates of the run


def _logical_date(context: Context) -> Any:
    return context.value("ti").logical_date


def _ds(name: str, nodash: bool = False) -> Callable[[Context], str | None]:
    """Return the maker of a date as text, from the name that holds the datetime."""
    return lambda context: FILTERS["ds_nodash" if nodash else "ds"](context.value(name))


def _shifted(days: timedelta, nodash: bool = False) -> Callable[[Context], str | None]:
    written = FILTERS["ds_nodash" if nodash else "ds"]
    return lambda context: written(context.value("logical_date") + days)


def _neighbour(
    date: Callable[[Any, RunFacts], datetime | None],
) -> Callable[[Context], Any]:
    """Return the maker of the schedule's next or previous date; a manual run has but its own."""

    def maker(context: Context) -> Any:
        source = context.source
        if source.order.run.external_trigger:
            return context.value("logical_date")
        return moment(date(source.dag, source.order.run))

    return maker


# The last run that succeeded


def _of_previous(taken: Callable[[RunRow], datetime | None]) -> Callable[[Context], Any]:
    def maker(context: Context) -> Any:
        row = context.source.previous_success
        return moment(taken(row)) if row else None

    return maker


# What the task works with


def _params(context: Context) -> Any:
    """Merge the params of the DAG, the task and the run; each may replace those before."""
    source: Source = context.source
    params = copy.copy(source.dag.params)
    params.update(source.task.params)
    if source.site.conf_overrides_params:
        params.update(source.order.run.conf)
    return params.validate()


def _task_key(context: Context) -> str:
    ti = context.value("ti")
    return f"{ti.dag_id}__{ti.task_id}__{context.value('ds_nodash')}"


_MAKERS: Mapping[str, Callable[[Context], Any]] = {
    "conf": lambda c: c.source.site.conf,
    "conn": lambda _: ConnectionAccessor(),
    "dag_run": lambda c: c.value("ti").dag_run,
    "data_interval_end": lambda c: c.value("dag_run").data_interval_end,
    "data_interval_start": lambda c: c.value("dag_run").data_interval_start,
    "ds": _ds("logical_date"),
    "ds_nodash": _ds("logical_date", nodash=True),
    "execution_date": _logical_date,
    "expanded_ti_count": lambda c: c.source.order.map_count,
    "inlet_events": lambda c: asset_events.InletEventsByInlet(c.value("inlets")),
    "inlets": lambda c: inlets_of(c.source.task),
    "logical_date": _logical_date,
    "macros": lambda _: macros,
    "map_index_template": lambda c: getattr(c.source.task, "map_index_template", None),
    "next_ds": _ds("next_execution_date"),
    "next_ds_nodash": _ds("next_execution_date", nodash=True),
    "next_execution_date": _neighbour(next_date),
    "outlet_events": lambda c: asset_events.OutletEvents(c.value("outlets")),
    "outlets": lambda c: getattr(c.source.task, "outlets", None) or [],
    "params": _params,
    "prev_data_interval_end_success": _of_previous(lambda row: row.data_interval_end),
    "prev_data_interval_start_success": _of_previous(lambda row: row.data_interval_start),
    "prev_ds": _ds("prev_execution_date"),
    "prev_ds_nodash": _ds("prev_execution_date", nodash=True),
    "prev_end_date_success": _of_previous(lambda row: row.end_date),
    "prev_execution_date": _neighbour(previous_date),
    "prev_execution_date_success": lambda c: c.value("ti").get_previous_execution_date(
        RunState.SUCCESS
    ),
    "prev_start_date_success": _of_previous(lambda row: row.start_date),
    "task_instance_key_str": _task_key,
    "tomorrow_ds": _shifted(_ONE_DAY),
    "tomorrow_ds_nodash": _shifted(_ONE_DAY, nodash=True),
    "triggering_asset_events": lambda c: c.value("triggering_dataset_events"),
    "triggering_dataset_events": lambda c: asset_events.TriggeringEvents(c.source.order.run.pk),
    "ts": lambda c: FILTERS["ts"](c.value("logical_date")),
    "ts_nodash": lambda c: FILTERS["ts_nodash"](c.value("logical_date")),
    "ts_nodash_with_tz": lambda c: FILTERS["ts_nodash_with_tz"](c.value("logical_date")),
    "var": lambda _: {"json": VariableAccessor(True), "value": VariableAccessor(False)},
    "yesterday_ds": _shifted(-_ONE_DAY),
    "yesterday_ds_nodash": _shifted(-_ONE_DAY, nodash=True),
}
