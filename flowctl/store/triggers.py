"""A person starts a run: what must be true of it, and its rows.

Everything is checked before anything is written; the run, its task instances and the audit row are
one unit of work. The run takes the newest version of its DAG.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from flowctl.authoring.exceptions import ParamValidationError
from flowctl.authoring.params import Param, ParamsDict
from flowctl.authoring.settings import NOTSET
from flowctl.core.graph import compile_graph
from flowctl.core.spec import DagSpec, decode
from flowctl.core.states import RunType
from flowctl.core.timetables import Interval, timetable_of
from flowctl.errors import FlowctlError
from flowctl.store import confs, events, runs
from flowctl.store.crypto import Cipher
from flowctl.store.queries import runs as queries
from flowctl.store.schema import ID, dag, dag_version


class TriggerError(FlowctlError):
    """A run cannot be started as asked."""


class NoSuchDag(TriggerError):
    """There is no DAG of this id, or its file does not define it any more."""


class RunExists(TriggerError):
    """There is a run of this id, or for this logical date; `run_id` names it."""

    def __init__(self, message: str, run_id: str) -> None:
        super().__init__(message)
        self.run_id = run_id


@dataclass(frozen=True)
class Trigger:
    """What a person asks for; None means that flowctl chooses."""

    dag_id: str
    run_id: str | None = None
    logical_date: datetime | None = None
    conf: Mapping[str, Any] = field(default_factory=dict)
    keep_microseconds: bool = False
    note: str | None = None
    interval: tuple[datetime, datetime] | None = None


def parse_conf(text: str | None) -> dict[str, Any]:
    """Return the conf that a text holds.

    Raises:
        TriggerError: it is not a JSON object.
    """
    if not text:
        return {}
    try:
        conf = json.loads(text)
    except ValueError as error:
        raise TriggerError(f"the conf is not JSON: {error}") from error
    if not isinstance(conf, dict):
        raise TriggerError(f"the conf must be a JSON object, not {text.strip()[:100]}")
    return conf


def trigger(
    conn: Connection,
    wanted: Trigger,
    actor: str,
    now: datetime,
    *,
    cipher: Cipher | None = None,
    id_pattern: str = "",
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Create the run, QUEUED; return the key of its row. Wake the scheduler after the commit.

    Args:
        cipher: the keys for what is secret in the conf; None where nothing can be.
        id_pattern: [scheduler] allowed_run_id_pattern; a run id that a person gave must match.
        detail: more about who asks, for the audit row.

    Raises:
        NoSuchDag: there is no such DAG.
        RunExists: there is such a run already.
        TriggerError: what was given is not allowed.
        CipherError: the conf has a secret, and there is no key.
    """
    spec, version_pk = _newest(conn, wanted.dag_id)
    if spec.allowed_run_types is not None and RunType.MANUAL not in spec.allowed_run_types:
        raise TriggerError(
            f"DAG {wanted.dag_id!r} may not be started by hand: its allowed_run_types are"
            f" {', '.join(spec.allowed_run_types)}"
        )
    date = _logical_date(conn, wanted, now)
    run_id = _run_id(wanted, date, id_pattern)
    _require_new(conn, wanted.dag_id, run_id, date)
    _check_params(spec, wanted.conf)
    pk = runs.create(
        conn,
        graph=compile_graph(spec),
        version_pk=version_pk,
        run_id=run_id,
        run_type=RunType.MANUAL,
        logical_date=date,
        interval=wanted.interval or _interval(spec, date),
        now=now,
        conf=confs.sealed(wanted.conf, cipher),
        note=wanted.note,
    )
    if pk is None:
        raise RunExists(f"DAG {wanted.dag_id!r} has a run {run_id!r} already", run_id)
    events.record(
        conn, "trigger", actor, at=now, dag_id=wanted.dag_id, run_id=run_id, detail=detail
    )
    return pk


def _interval(spec: DagSpec, date: datetime) -> Interval | None:
    """Return the data interval of a run; None where a user's timetable is yet to be asked.

    The scheduler does that before it starts the run: user code runs in its parser's children.
    """
    if spec.schedule.kind == "own":
        return None
    return timetable_of(spec.schedule).manual_interval(date)


def _newest(conn: Connection, dag_id: str) -> tuple[DagSpec, int]:
    row = conn.execute(
        select(dag.c.is_active, dag.c.file, dag_version.c.spec, dag_version.c.id)
        .join(dag_version, dag_version.c.id == dag.c.version_id)
        .where(dag.c.dag_id == dag_id)
    ).one_or_none()
    if row is None:
        raise NoSuchDag(f"there is no DAG {dag_id!r}; flowctl dags list shows those there are")
    if not row.is_active:
        raise NoSuchDag(f"{row.file} does not define the DAG {dag_id!r} any more")
    return decode(row.spec), row.id


def _logical_date(conn: Connection, wanted: Trigger, now: datetime) -> datetime:
    """Return the date asked for; else the second it is, or the moment if that second has a run."""
    date = wanted.logical_date or now
    if wanted.keep_microseconds:
        return date
    second = date.replace(microsecond=0)
    is_free = wanted.logical_date or queries.at(conn, wanted.dag_id, second) is None
    return second if is_free else date


def _run_id(wanted: Trigger, date: datetime, pattern: str) -> str:
    if wanted.run_id is None:
        return f"{RunType.MANUAL}__{date.isoformat()}"
    run_id = wanted.run_id
    is_fit = 0 < len(run_id) <= ID and run_id.isprintable() and "/" not in run_id
    if not is_fit or run_id in (".", ".."):
        raise TriggerError(f"run id {run_id!r}: 1 to {ID} characters, no slash and no line break")
    if run_id.startswith(f"{RunType.SCHEDULED}__"):
        raise TriggerError(f"run id {run_id!r}: only the scheduler's runs begin with scheduled__")
    if pattern and re.match(pattern, run_id) is None:
        raise TriggerError(
            f"run id {run_id!r} does not match [scheduler] allowed_run_id_pattern, {pattern}"
        )
    return run_id


def _require_new(conn: Connection, dag_id: str, run_id: str, date: datetime) -> None:
    if queries.one(conn, dag_id, run_id) is not None:
        raise RunExists(
            f"DAG {dag_id!r} has a run {run_id!r} already; choose another --run-id", run_id
        )
    there = queries.at(conn, dag_id, date)
    if there is not None:
        raise RunExists(
            f"DAG {dag_id!r} has a run for {date.isoformat()} already, {there.run_id!r}; choose"
            " another date, or clear that run",
            there.run_id,
        )


def _check_params(spec: DagSpec, conf: Mapping[str, Any]) -> None:
    """Hold the DAG's params, with the conf laid over them, against their JSON schemas."""
    params = ParamsDict(
        {
            name: Param(facts.get("value", NOTSET), schema=facts.get("schema") or {})
            for name, facts in spec.params.items()
            if facts.get("is_json", True) or name in conf
        }
    )
    try:
        params.update({name: value for name, value in conf.items() if name in params})
        params.validate()
    except ParamValidationError as error:
        raise TriggerError(f"DAG {spec.dag_id!r}: {error}") from error
