"""What a DAG is, once its file has been parsed: frozen, plain, comparable, JSON.

The user's `authoring.DAG` is converted into a `DagSpec` exactly once, in a parser child. Everything
that decides, shows or stores DAGs sees only this. A spec holds no code: the callables stay in the
DAG file and are found again by `task_id` in the process that runs an attempt.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from flowctl.core.assets import AssetSpec, Condition
from flowctl.core.deferral import Deferral
from flowctl.core.retention import Retention
from flowctl.late import Late

if TYPE_CHECKING:
    import hashlib
else:
    hashlib = Late("hashlib")


class ScheduleSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """When runs are due.

    `kind` chooses the row of `core.timetables`; the other fields are its parameters:
    `cron` needs `expression` and `timezone`; `crons` needs `expressions` and `timezone`; `delta`
    needs `delta` (or `relative`, the keyword arguments of a dateutil relativedelta); `events` needs
    `dates`; `once`, `continuous`, `assets` and `none` need nothing. `own` is a timetable that the
    user wrote: only processes that run user code can ask it, and the dates come from there. A
    `condition` over assets makes further runs due, whatever the kind.
    """

    kind: Literal[
        "none", "once", "continuous", "cron", "crons", "delta", "events", "own", "assets"
    ] = "none"
    expression: str = ""
    expressions: tuple[str, ...] = ()
    timezone: str = "UTC"  # an IANA name, or a fixed offset as "+05:30"
    delta: timedelta | None = None
    relative: dict[str, int] = {}
    trigger: bool = False  # `cron`, `delta`: a run stands for its moment, not for what went before
    interval: timedelta | None = None  # the data before such a moment; None and {}: none
    relative_interval: dict[str, int] = {}
    dates: tuple[datetime, ...] = ()  # of `events`, aware UTC, sorted
    restrict_to_events: bool = False  # manual runs of `events` stand for one of the dates, too
    needs_start: bool = True  # False: without a start date the first run is near the present
    run_immediately: bool | timedelta | None = None  # how near: see `core.timetables.moments`
    timetable: str = ""  # of `own`: its class, as "package.module.Name"
    data: dict[str, Any] = {}  # of `own`: what it serialises itself to
    can_be_scheduled: bool = True  # of `own`
    active_runs_limit: int | None = None  # of `own`
    condition: Condition | None = None  # over assets; `assets` has nothing else
    summary: str = ""  # what a person sees: "0 0 * * *", "@daily", "1 day, 0:00:00", "None"
    description: str = ""  # the same in words; "": what the kind says


class Length(msgspec.Struct, frozen=True, omit_defaults=True):
    """Into how many instances a mapped task is expanded; see `core.mapping`.

    `kind` says how it is found: `count` is the number itself; `result` is how many elements the
    result of `task_id` has, or how many results its instances left; the others combine `parts`.
    """

    kind: Literal["count", "result", "product", "sum", "shortest", "longest"] = "count"
    count: int = 0
    task_id: str = ""
    parts: tuple["Length", ...] = ()


class DeadlineSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """By when a run is to be done; `moment` goes with "fixed"."""

    reference: Literal["logical_date", "queued_at", "fixed"]
    interval: timedelta
    moment: datetime | None = None
    name: str = ""


class GroupSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task group; `group_id` carries the prefix of its parents, `parent` is None at the top."""

    group_id: str
    parent: str | None = None
    label: str = ""
    tooltip: str = ""
    ui_color: str = "CornflowerBlue"
    ui_fgcolor: str = "#000"
    doc_md: str | None = None
    length: Length | None = None  # of a mapped group: all its tasks are expanded into as many


class MarkSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """The task of another DAG that waits for this one; clearing this one clears that, too.

    Its run is that of `date`, or the one at `offset` from the logical date of this task's run.
    """

    dag_id: str
    task_id: str
    offset: timedelta = timedelta()
    date: datetime | None = None  # aware UTC
    depth: int = 10  # over how many marks clearing goes on


class RelatedDag(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another DAG that a task has to do with."""

    kind: Literal["triggers", "waits_for", "clears"]
    dag_id: str


class TaskSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """One task. Durations are timedeltas; None means "no limit" or "not set"."""

    task_id: str
    upstream: tuple[str, ...] = ()  # sorted ids of the direct upstream tasks
    operator: str = "BaseOperator"  # class name
    module: str = ""  # module of that class
    display_name: str = ""
    owner: str = "airflow"
    group: str | None = None
    length: Length | None = None  # of a mapped task

    trigger_rule: str = "all_success"
    is_setup: bool = False
    is_teardown: bool = False
    mark: MarkSpec | None = None  # of an ExternalTaskMarker
    related: RelatedDag | None = None
    fails_run: bool = False  # a teardown whose failure fails the run
    is_empty: bool = False  # settled by the scheduler itself, no process is started
    can_skip_others: bool = False  # branches and short circuits
    depends_on_past: bool = False
    ignore_first_depends_on_past: bool = True
    wait_for_downstream: bool = False
    wait_for_past_depends_before_skipping: bool = False
    start_date: datetime | None = None  # aware UTC
    end_date: datetime | None = None  # aware UTC

    retries: int = 0
    retry_delay: timedelta = timedelta(seconds=300)
    retry_exponential_backoff: float | bool = False  # by which the delay grows; True means 2
    max_retry_delay: timedelta | None = None
    execution_timeout: timedelta | None = None
    memory_bytes: int | None = None  # that all its processes may take together
    sla: timedelta | None = None  # from the end of the data interval of a scheduled run

    pool: str = "default_pool"
    pool_slots: int = 1
    priority_weight: int = 1  # the task's own; `core.graph.total_weights` adds the others'
    weight_rule: str = "downstream"
    try_weights: tuple[int, ...] = ()
    """By a user's strategy: of each try in turn, the last also of those that follow."""
    queue: str = "default"
    executor: str | None = None
    executor_config: dict[str, Any] = {}
    run_as_user: str | None = None
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None

    inlets: tuple[Condition, ...] = ()  # one asset, name or alias each
    outlets: tuple[Condition, ...] = ()

    start_trigger: Deferral | None = None  # each try begins deferred, without a process
    callbacks: tuple[str, ...] = ()  # of: execute, success, failure, retry, skipped
    email: tuple[str, ...] = ()
    email_on_failure: bool = True
    email_on_retry: bool = True

    template_fields: tuple[str, ...] = ()
    multiple_outputs: bool = False
    do_xcom_push: bool = True
    params: dict[str, Any] = {}
    extra_links: dict[str, str] = {}  # name -> key of the XCom that holds the address
    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    doc_md: str | None = None
    doc: dict[str, str] = {}  # by kind: plain, json, yaml, rst

    @property
    def mails(self) -> tuple[str, ...]:
        """Return the events after which a mail is due."""
        wanted = {"failure": self.email_on_failure, "retry": self.email_on_retry}
        return tuple(event for event in wanted if wanted[event]) if self.email else ()


class DagSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """One DAG. `tasks` is in topological order, ties by the order in the file."""

    dag_id: str
    file: str  # path relative to the DAG folder, "/" separated; for zip files "a.zip/dag.py"
    tasks: tuple[TaskSpec, ...] = ()
    groups: tuple[GroupSpec, ...] = ()

    schedule: ScheduleSpec = ScheduleSpec()
    assets: tuple[AssetSpec, ...] = ()  # all that its schedule, inlets and outlets name; by URI
    timezone: str = "UTC"
    start_date: datetime | None = None  # aware UTC; the earliest of the DAG's and its tasks'
    end_date: datetime | None = None  # aware UTC
    catchup: bool = True
    catchup_window: timedelta | None = None  # runs due longer ago are passed over; None: none is
    overlap: str = "queue_all"  # see `core.overlap`
    max_active_runs: int = 16
    max_active_tasks: int = 16
    max_consecutive_failed_dag_runs: int = 0
    dagrun_timeout: timedelta | None = None
    is_paused_upon_creation: bool | None = None
    fail_stop: bool = False
    allowed_run_types: tuple[str, ...] | None = None  # sorted; None: all
    rerun_with_latest_version: bool | None = None  # of what is cleared; None: yes

    retention: Retention | None = None  # of its history; None: as the site says
    deadlines: tuple[DeadlineSpec, ...] = ()
    callbacks: tuple[str, ...] = ()  # of: running, success, failure, sla_miss
    params: dict[str, Any] = {}  # name -> {"value", "schema", "description", "section" ...}
    render_template_as_native_obj: bool = False

    display_name: str = ""
    description: str | None = None
    doc_md: str | None = None
    tags: tuple[str, ...] = ()
    owner_links: dict[str, str] = {}
    access_control: dict[str, Any] | None = None
    default_view: str = "grid"
    orientation: str = "LR"
    edge_labels: dict[str, str] = {}  # "upstream>downstream" -> label

    @property
    def owners(self) -> tuple[str, ...]:
        """Return the owners of the tasks, each once, sorted."""
        return tuple(sorted({task.owner for task in self.tasks}))


def in_order(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params of a DAG or a task as their file has them; a spec keeps them by name."""
    return dict(sorted(params.items(), key=lambda one: one[1].get("place", 0)))


_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(DagSpec)


def encode(spec: DagSpec) -> bytes:
    """Return the JSON of `spec`; equal specs give equal bytes."""
    return _ENCODER.encode(spec)


def decode(document: bytes | str) -> DagSpec:
    """Return the spec that `encode` wrote.

    Raises:
        msgspec.ValidationError: the document is not a spec.
    """
    return _DECODER.decode(document)


def digest(spec: DagSpec, source: bytes) -> str:
    """Return the address of this version: 32 hex digits over the spec and its file's content."""
    return hashlib.sha256(_ENCODER.encode(spec) + b"\0" + source).hexdigest()[:32]
