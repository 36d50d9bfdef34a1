"""What is a DAG in a DAG file: its schedule, its tasks, and the defaults that they share?

This is the user's DAG, which may be changed at any time. `parsing.convert` makes a
`core.spec.DagSpec` of it, which everything else works with.
"""

import copy
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from flowctl.authoring import deadlines, rendering, scope
from flowctl.authoring.arguments import (
    callbacks,
    checked_links,
    checked_tags,
    listed,
    one_of,
    renamed,
    run_types,
    typed,
    window,
    without_effect,
)
from flowctl.authoring.calling import calling_place
from flowctl.authoring.dag_contents import Contents
from flowctl.authoring.dag_runs import HasRuns
from flowctl.authoring.dag_schedule import Scheduled
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.generation import generation_of
from flowctl.authoring.hints import unknown_arguments
from flowctl.authoring.ids import checked
from flowctl.authoring.logging_mixin import LoggingMixin
from flowctl.authoring.moments import ShownDate, shown, utc_moment
from flowctl.authoring.not_yet import refuse
from flowctl.authoring.params import DagParam, ParamsDict, process_params
from flowctl.authoring.retention import checked_retention
from flowctl.authoring.settings import NOTSET, default_catchup, is_set, pick
from flowctl.core.overlap import OVERLAPS, QUEUE_ALL
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.authoring import dag_checks, local_run
else:
    dag_checks = Late("flowctl.authoring.dag_checks")
    local_run = Late("flowctl.authoring.local_run")

decorators = Late("flowctl.operators.decorators")
"""Of the layer above, loaded by name as nothing here needs them but `dag.task`."""
VIEWS = ("grid", "graph", "duration", "gantt", "landing_times")
ORIENTATIONS = ("LR", "TB", "RL", "BT")


class DAG(LoggingMixin, Contents, HasRuns, Scheduled):
    """A DAG. Names and defaults of the arguments are those of Airflow 2.10.

    Raises:
        AirflowException: an argument has a value that makes no sense.
    """

    parent_dag: Any = None
    """The DAG that a SubDagOperator has moved all tasks of this one to."""
    absorbed: Mapping[str, str] = MappingProxyType({})
    """Ids of such DAGs, whose tasks are here, and the groups that they are in."""

    autoregistered: ClassVar[list["DAG"]] = []
    """DAGs built by `with` or `@dag`, so that one without a global name is found as well."""

    def __init__(
        self,
        dag_id: str,
        description: str | None = None,
        schedule: Any = NOTSET,
        schedule_interval: Any = NOTSET,
        timetable: Any = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        full_filepath: str | None = None,
        template_searchpath: str | Iterable[str] | None = None,
        template_undefined: Any = None,
        user_defined_macros: dict[str, Any] | None = None,
        user_defined_filters: dict[str, Any] | None = None,
        default_args: dict[str, Any] | None = None,
        concurrency: int | None = None,
        max_active_tasks: int = NOTSET,
        max_active_runs: int = NOTSET,
        max_consecutive_failed_dag_runs: int = NOTSET,
        dagrun_timeout: timedelta | None = None,
        sla_miss_callback: Any = None,
        default_view: str = NOTSET,
        orientation: str = NOTSET,
        catchup: bool = NOTSET,
        on_success_callback: Any = None,
        on_failure_callback: Any = None,
        doc_md: str | None = None,
        params: Mapping[str, Any] | None = None,
        access_control: dict[str, Any] | None = None,
        is_paused_upon_creation: bool | None = None,
        jinja_environment_kwargs: dict[str, Any] | None = None,
        render_template_as_native_obj: bool = False,
        tags: Collection[str] | None = None,
        owner_links: dict[str, str] | None = None,
        auto_register: bool = True,
        fail_stop: bool = False,
        dag_display_name: str | None = None,
        fail_fast: bool = False,
        allowed_run_types: Any = None,
        rerun_with_latest_version: bool | None = None,
        deadline: Any = None,
        overlap: str = QUEUE_ALL,
        catchup_window: timedelta | None = NOTSET,
        disable_bundle_versioning: bool = False,
        task_group: Any = None,
        retention: timedelta | Mapping[str, Any] | None = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise TypeError(unknown_arguments(f"DAG {dag_id!r}", DAG, unknown))
        self.dag_id = checked("DAG", dag_id)
        where = f"DAG {dag_id!r}"
        file, self.line = calling_place()
        """Of the call that made the DAG, in its file."""
        self.fileloc = full_filepath or file
        generation = generation_of(self.fileloc)
        self.default_args: dict[str, Any] = copy.deepcopy(
            default_args or {}, _sharing(default_args)
        )
        self.params: ParamsDict = process_params(
            params, self.default_args.pop("params", None) or {}
        )
        self.description = description
        self._display_name = dag_display_name
        self.doc_md = self.doc_text(doc_md)

        self._take_dates(where, start_date, end_date)
        self._take_schedule(schedule, schedule_interval, timetable, generation)
        self.catchup = catchup if is_set(catchup) else default_catchup(generation)
        self.catchup_window = window(
            where, "catchup_window", pick(catchup_window, "catchup_window")
        )
        """How long ago a run may have been due that is still made; None: however long."""
        self.overlap = one_of(where, "overlap", overlap, tuple(OVERLAPS))
        """What becomes of a scheduled run that is due while an earlier one has not ended."""
        self.max_active_tasks = self._active_tasks(concurrency, max_active_tasks)
        self.max_active_runs = self._active_runs(
            pick(max_active_runs, "max_active_runs"), is_set(max_active_runs)
        )
        self.max_consecutive_failed_dag_runs = self._failed_runs(max_consecutive_failed_dag_runs)
        self.dagrun_timeout = typed(where, "dagrun_timeout", dagrun_timeout, timedelta)
        self.is_paused_upon_creation = typed(
            where, "is_paused_upon_creation", is_paused_upon_creation, bool
        )
        self.fail_stop = fail_stop or fail_fast
        self.allowed_run_types = run_types(where, allowed_run_types)
        self.rerun_with_latest_version = typed(
            where, "rerun_with_latest_version", rerun_with_latest_version, bool
        )
        self.auto_register = auto_register

        self.on_success_callback = callbacks(where, "on_success_callback", on_success_callback)
        self.on_failure_callback = callbacks(where, "on_failure_callback", on_failure_callback)
        self.sla_miss_callback = callbacks(where, "sla_miss_callback", sla_miss_callback)
        self.retention = checked_retention(where, retention)
        self.deadline = deadline
        self.deadlines = deadlines.checked(where, deadline)
        without_effect(
            where,
            disable_bundle_versioning=(
                disable_bundle_versioning or None,
                "a run keeps the version of its DAG file that it began with",
            ),
            task_group=(task_group, "the DAG makes the group around all of its tasks itself"),
        )

        self.template_searchpath = listed(template_searchpath)
        self.template_undefined = template_undefined
        self.user_defined_macros = user_defined_macros
        self.user_defined_filters = user_defined_filters
        self.jinja_environment_kwargs = jinja_environment_kwargs
        self.render_template_as_native_obj = render_template_as_native_obj

        self.tags = checked_tags(where, tags)
        self.owner_links = checked_links(where, owner_links)
        self.access_control = access_control
        self.default_view = one_of(where, "default_view", pick(default_view, "default_view"), VIEWS)
        self.orientation = one_of(
            where, "orientation", pick(orientation, "orientation"), ORIENTATIONS
        )

        self._hold_nothing()

    # What the arguments mean

    start_date = ShownDate()
    end_date = ShownDate()

    def _take_dates(
        self, where: str, start_date: datetime | None, end_date: datetime | None
    ) -> None:
        """Take the dates of the DAG, and make moments of those that its tasks are given."""
        default = self.default_args.get("start_date")
        self._names_zone = default if start_date is None else start_date
        self._start_date = utc_moment(start_date, f"start_date of {where}")
        self._end_date = utc_moment(end_date, f"end_date of {where}")
        for name in ("start_date", "end_date"):
            given = self.default_args.get(name)
            if given:  # a text is meant in the DAG's zone
                zone = self.timezone if isinstance(given, str) else None
                moment = utc_moment(given, f"default_args[{name!r}] of {where}", zone)
                self.default_args[name] = moment and shown(moment)

    def _active_tasks(self, old_name: int | None, given: int) -> int:
        if old_name is None:
            return int(pick(given, "max_active_tasks"))
        renamed(f"DAG {self.dag_id!r}", "concurrency", "max_active_tasks", stacklevel=3)
        return old_name

    def _failed_runs(self, given: int) -> int:
        limit: int = pick(given, "max_consecutive_failed_dag_runs")
        if limit < 0:
            raise AirflowException(
                f"max_consecutive_failed_dag_runs of DAG {self.dag_id!r} is 0 (no limit) or more,"
                f" not {limit}"
            )
        return limit

    def doc_text(self, doc_md: str | None) -> str | None:
        """Return the documentation; "some.md" is the name of a file in the DAG's folder."""
        if doc_md is None or not doc_md.endswith(".md"):
            return doc_md
        path = Path(self.folder, doc_md)
        return path.read_text() if path.is_file() else doc_md

    # Names and places

    @property
    def dag_display_name(self) -> str:
        """Return the name that people see."""
        return self._display_name or self.dag_id

    @property
    def is_subdag(self) -> bool:
        """Say whether its tasks are those of another DAG now."""
        return self.parent_dag is not None

    @property
    def folder(self) -> str:
        """Return the folder of the DAG file; templates are looked for there."""
        return str(Path(self.fileloc).parent) if self.fileloc else ""

    @property
    def filepath(self) -> str:
        """Return the DAG file."""
        return self.fileloc

    @property
    def full_filepath(self) -> str:
        """Return the DAG file."""
        return self.fileloc

    @property
    def concurrency(self) -> int:
        """Return `max_active_tasks`, by its name before Airflow 2.2."""
        return self.max_active_tasks

    @property
    def owner(self) -> str:
        """Return the owners of the tasks, each once."""
        return ", ".join(sorted({task.owner for task in self.tasks}))

    # Params, dates, templates

    @property
    def task(self) -> Any:
        """Return the decorator `@task` for functions that become tasks of this DAG."""
        return partial(decorators.task, dag=self)

    def param(self, name: str, default: Any = NOTSET) -> DagParam:
        """Return what stands for the value that a run is given."""
        return DagParam(self, name, default)

    def validate(self) -> None:
        """Check what only a complete DAG can be checked for.

        Raises:
            AirflowDagCycleException: its tasks wait for each other in a circle.
            AirflowTimetableInvalid: its schedule never works.
            AirflowException: it runs on a schedule, but a param has no value.
            ValueError: a task directly after a setup has another trigger rule than all_success.
            FailStopDagInvalidTriggerRule: as for `add_task`.
        """
        dag_checks.check(self)

    @property
    def fail_fast(self) -> bool:
        """Return `fail_stop`, by its name in Airflow 3."""
        return self.fail_stop

    def get_template_env(self, *, force_sandboxed: bool = False) -> Any:
        """Return the Jinja environment of the DAG."""
        return rendering.engine().environment(self, force_sandboxed=force_sandboxed)

    def resolve_template_files(self) -> None:
        """Replace in all tasks the fields that name a template file by its content."""
        for task in self.tasks:
            task.resolve_template_files()

    # Running

    def test(
        self,
        execution_date: datetime | None = None,
        run_conf: dict[str, Any] | None = None,
        conn_file_path: str | None = None,
        variable_file_path: str | None = None,
        use_executor: bool = False,
        mark_success_pattern: re.Pattern[str] | str | None = None,
    ) -> Any:
        """Run the DAG once, in this process, where breakpoints work; return how it ended.

        Args:
            execution_date: the logical date; default is now.
            run_conf: what the run is given.
            conn_file_path: a file of connections that hold during this run.
            variable_file_path: a file of variables that hold during this run.
            use_executor: run the tasks in processes of their own instead.
            mark_success_pattern: ids of tasks that are not run but taken as successful.

        Raises:
            FlowctlError: DAGs cannot be run in this process.
            NotYetError: `use_executor` was asked for.
        """
        if use_executor:
            refuse("dag.test(use_executor=True)", "dag.test() runs the tasks in this process")
        self.validate()
        return local_run.run(
            self,
            execution_date,
            conf=run_conf,
            connections_file=conn_file_path,
            variables_file=variable_file_path,
            mark_success_pattern=mark_success_pattern,
        )

    # The scope

    def __enter__(self) -> "DAG":
        scope.enter_dag(self)
        return self

    def __exit__(self, *_: object) -> None:
        scope.leave_dag()
        if self.auto_register and self not in self.autoregistered:
            self.autoregistered.append(self)

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"


def _sharing(default_args: dict[str, Any] | None) -> dict[int, Any]:
    """Return a memo with which a deep copy keeps what cannot or need not be copied: functions."""
    return {id(value): value for value in (default_args or {}).values() if not _is_plain(value)}


def _is_plain(value: Any) -> bool:
    return isinstance(value, dict | list | set | tuple)
