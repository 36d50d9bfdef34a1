"""What is a DAG in a DAG file: its schedule, its tasks, and the defaults that they share?

This is the user's DAG, which may be changed at any time. `parsing.convert` makes a
`core.spec.DagSpec` of it, which everything else works with.
"""

import copy
import functools
import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from flowctl.authoring import deadlines, local_run, order, rendering, scope
from flowctl.authoring.arguments import (
    callbacks,
    checked_links,
    listed,
    one_of,
    renamed,
    run_types,
    typed,
    window,
    without_effect,
)
from flowctl.authoring.asset_schedules import AssetOrTimeSchedule, joined
from flowctl.authoring.assets import BaseAsset
from flowctl.authoring.calling import calling_place
from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowTimetableInvalid,
    DuplicateTaskIdFound,
    FailStopDagInvalidTriggerRule,
    ParamValidationError,
    TaskNotFound,
)
from flowctl.authoring.generation import generation_of
from flowctl.authoring.hints import unknown_arguments
from flowctl.authoring.ids import checked
from flowctl.authoring.logging_mixin import LoggingMixin
from flowctl.authoring.moments import ShownDate, shown, utc_moment, zone_name, zone_of
from flowctl.authoring.not_yet import refuse
from flowctl.authoring.params import DagParam, ParamsDict, process_params
from flowctl.authoring.retention import checked_retention
from flowctl.authoring.schedules import schedule_spec
from flowctl.authoring.settings import NOTSET, default_catchup, is_set, pick
from flowctl.authoring.subset import chosen, reduced
from flowctl.authoring.task_group import TaskGroup
from flowctl.core.overlap import OVERLAPS, QUEUE_ALL
from flowctl.core.spec import ScheduleSpec
from flowctl.core.states import RunType
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.authoring import run_dates
    from flowctl.authoring.timetables import kinds
else:
    run_dates = Late("flowctl.authoring.run_dates")
    kinds = Late("flowctl.authoring.timetables.kinds")

TAG_LENGTH_MAX = 100
VIEWS = ("grid", "graph", "duration", "gantt", "landing_times")
ORIENTATIONS = ("LR", "TB", "RL", "BT")
DEFAULT_SCHEDULE = timedelta(days=1)


class DAG(LoggingMixin):
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
        file, self.line = calling_place()
        """Of the call that made the DAG, in its file."""
        self.fileloc = full_filepath or file
        generation = generation_of(self.fileloc)
        where = f"DAG {dag_id!r}"
        self.default_args: dict[str, Any] = copy.deepcopy(
            default_args or {}, _sharing(default_args)
        )
        self.params: ParamsDict = process_params(
            params, self.default_args.pop("params", None) or {}
        )
        self.description = description
        self._display_name = dag_display_name
        self.doc_md = self.doc_text(doc_md)

        first = start_date if start_date is not None else self.default_args.get("start_date")
        self._names_zone = first
        self._start_date = utc_moment(start_date, f"start_date of {where}")
        self._end_date = utc_moment(end_date, f"end_date of {where}")
        for name in ("start_date", "end_date"):
            if self.default_args.get(name):
                moment = utc_moment(
                    self.default_args[name],
                    f"default_args[{name!r}] of {where}",
                    self._text_zone(name),
                )
                self.default_args[name] = moment and shown(moment)
        chosen_one = self._chosen_schedule(schedule, schedule_interval, timetable, generation)
        self.schedule_spec: ScheduleSpec = schedule_spec(
            dag_id, chosen_one, zone_name(first), generation
        )
        timed = chosen_one.timetable if isinstance(chosen_one, AssetOrTimeSchedule) else chosen_one
        self._timetable = timed if hasattr(timed, "next_dagrun_info") else None
        is_timetable = self._timetable is not None and timed is chosen_one
        self.schedule_interval = self.schedule_spec.summary if is_timetable else chosen_one
        self.catchup = catchup if is_set(catchup) else default_catchup(generation)
        self.catchup_window = window(
            where, "catchup_window", pick(catchup_window, "catchup_window")
        )
        """How long ago a run may have been due that is still made; None: however long."""
        self.overlap = one_of(where, "overlap", overlap, tuple(OVERLAPS))
        """What becomes of a scheduled run that is due while an earlier one has not ended."""
        self.max_active_tasks = self._active_tasks(concurrency, max_active_tasks)
        self.max_active_runs = pick(max_active_runs, "max_active_runs")
        self._check_active_runs(is_set(max_active_runs))
        self.max_consecutive_failed_dag_runs = pick(
            max_consecutive_failed_dag_runs, "max_consecutive_failed_dag_runs"
        )
        if self.max_consecutive_failed_dag_runs < 0:
            raise AirflowException(
                f"max_consecutive_failed_dag_runs of {where} is 0 (no limit) or more, not"
                f" {self.max_consecutive_failed_dag_runs}"
            )
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

        self.tags = list(typed(where, "tags", tags, list | tuple | set | frozenset) or ())
        self._check_tags()
        self.owner_links = checked_links(where, owner_links)
        self.access_control = access_control
        self.default_view = one_of(where, "default_view", pick(default_view, "default_view"), VIEWS)
        self.orientation = one_of(
            where, "orientation", pick(orientation, "orientation"), ORIENTATIONS
        )

        self.task_dict: dict[str, Any] = {}
        self.used_ids: dict[str, Any] = {}
        """Tasks and groups by id, so that a twin is found at once."""
        self.edge_info: dict[str, dict[str, dict[str, str | None]]] = {}
        self.task_group = TaskGroup.create_root(self)

    # What the arguments mean

    start_date = ShownDate()
    end_date = ShownDate()

    @functools.cached_property
    def timezone(self) -> Any:
        """Return the zone in which the schedule ticks."""
        return zone_of(self._names_zone)

    def _chosen_schedule(
        self, schedule: Any, interval: Any, timetable: Any, generation: int
    ) -> Any:
        given = [value for value in (schedule, interval) if is_set(value)]
        if timetable is not None:
            given.append(timetable)
        if len(given) > 1:
            raise AirflowException(
                f"DAG {self.dag_id!r}: give only one of schedule, schedule_interval and timetable"
            )
        if given:
            return given[0]
        return DEFAULT_SCHEDULE if generation < 3 else None

    def _check_active_runs(self, is_given: bool) -> None:
        """Hold the runs at once within the limit of the timetable."""
        limit = getattr(self._timetable, "active_runs_limit", None)
        limit = 1 if self.schedule_spec.kind == "continuous" else limit
        if limit is None or self.max_active_runs <= limit:
            return
        if is_given:
            raise AirflowException(
                f"DAG {self.dag_id!r} is scheduled {self.schedule_spec.summary}; that needs"
                f" max_active_runs={limit}, not {self.max_active_runs}"
            )
        self.max_active_runs = limit

    @property
    def asset_condition(self) -> BaseAsset | None:
        """Return the condition over assets that the schedule is or has, None without one."""
        schedule = self.schedule_interval
        return schedule.assets if isinstance(schedule, AssetOrTimeSchedule) else joined(schedule)

    def _text_zone(self, name: str) -> Any:
        """Return where a default date is meant: a text in the DAG's zone, else the configured."""
        return self.timezone if isinstance(self.default_args[name], str) else None

    def _active_tasks(self, old_name: int | None, given: int) -> int:
        if old_name is None:
            return int(pick(given, "max_active_tasks"))
        renamed(f"DAG {self.dag_id!r}", "concurrency", "max_active_tasks", stacklevel=3)
        return old_name

    def _check_tags(self) -> None:
        for tag in self.tags:
            if not isinstance(tag, str) or len(tag) > TAG_LENGTH_MAX:
                raise AirflowException(
                    f"tag {tag!r} of DAG {self.dag_id!r} is not a text of at most"
                    f" {TAG_LENGTH_MAX} characters"
                )

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

    # Tasks

    @property
    def tasks(self) -> list[Any]:
        """Return the tasks in the order of the file."""
        return list(self.task_dict.values())

    @property
    def task_ids(self) -> list[str]:
        """Return the task ids in the order of the file."""
        return list(self.task_dict)

    @property
    def task_group_dict(self) -> dict[str, TaskGroup]:
        """Return the groups by id."""
        groups = self.task_group.get_task_group_dict()
        return {group_id: group for group_id, group in groups.items() if group_id is not None}

    def has_task(self, task_id: str) -> bool:
        """Say whether there is such a task."""
        return task_id in self.task_dict

    def has_task_group(self, task_group_id: str) -> bool:
        """Say whether there is such a group."""
        return task_group_id in self.task_group_dict

    def get_task(self, task_id: str, include_subdags: bool = False) -> Any:  # noqa: ARG002 - Airflow's signature
        """Return a task.

        Raises:
            TaskNotFound: there is none with this id.
        """
        try:
            return self.task_dict[task_id]
        except KeyError:
            raise TaskNotFound(f"DAG {self.dag_id!r} has no task {task_id!r}") from None

    def add_task(self, task: Any) -> None:
        """Take in a task; its dates are cut to those of the DAG.

        Raises:
            DuplicateTaskIdFound: its id is taken.
            FailStopDagInvalidTriggerRule: `fail_stop` does not go with its trigger rule.
        """
        self._check_rule(task)
        twin = self.task_dict.get(task.task_id)
        if twin is not None and twin is not task:
            raise DuplicateTaskIdFound(
                f"DAG {self.dag_id!r} already has a task {twin.task_id!r}"
                f" ({type(twin).__name__}); give the new one ({type(task).__name__}) another id"
            )
        task._start_date = _bound(task._start_date, self._start_date, max)
        task._end_date = _bound(task._end_date, self._end_date, min)
        if task.task_group is None:
            self.task_group.add(task)
        self.task_dict[task.task_id] = task
        task._dag = self

    def _check_rule(self, task: Any) -> None:
        if self.fail_stop and task.trigger_rule not in ("all_success", "all_done_setup_success"):
            raise FailStopDagInvalidTriggerRule(
                f"DAG {self.dag_id!r} has fail_stop, so task {task.task_id!r} must have the trigger"
                f" rule all_success, not {task.trigger_rule}"
            )

    def add_tasks(self, tasks: Iterable[Any]) -> None:
        """Take in several tasks."""
        for task in tasks:
            self.add_task(task)

    @property
    def roots(self) -> list[Any]:
        """Return the tasks that wait for none."""
        return [task for task in self.tasks if not task.upstream_task_ids]

    @property
    def leaves(self) -> list[Any]:
        """Return the tasks for which none waits."""
        return [task for task in self.tasks if not task.downstream_task_ids]

    def topological_sort(self, include_subdag_tasks: bool = False) -> tuple[Any, ...]:  # noqa: ARG002 - Airflow's signature
        """Return the tasks so that each comes after those it waits for.

        Raises:
            AirflowDagCycleException: there is a circle.
        """
        return tuple(order.topological(self.dag_id, self.task_dict))

    def set_dependency(self, upstream_task_id: str, downstream_task_id: str) -> None:
        """Link two tasks by their ids."""
        self.get_task(upstream_task_id).set_downstream(self.get_task(downstream_task_id))

    def set_edge_info(
        self, upstream_task_id: str, downstream_task_id: str, info: Mapping[str, str | None]
    ) -> None:
        """Write down what an arrow is called."""
        edges = self.edge_info.setdefault(upstream_task_id, {})
        edges[downstream_task_id] = dict(info)

    def get_edge_info(self, upstream_task_id: str, downstream_task_id: str) -> dict[str, Any]:
        """Return what was written down of an arrow."""
        return self.edge_info.get(upstream_task_id, {}).get(downstream_task_id, {})

    def partial_subset(
        self,
        task_ids_or_regex: str | re.Pattern[str] | Iterable[str],
        include_downstream: bool = False,
        include_upstream: bool = True,
        include_direct_upstream: bool = False,
    ) -> "DAG":
        """Return a copy of the DAG with some of its tasks and what surrounds them."""
        smaller: DAG = reduced(
            self,
            chosen(
                self,
                task_ids_or_regex,
                downstream=include_downstream,
                upstream=include_upstream,
                direct_upstream=include_direct_upstream,
            ),
        )
        return smaller

    # Params, dates, templates

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
        self.topological_sort()
        self._check_setups()
        if self.schedule_spec.kind != "own":  # that was validated when its spec was made
            self._validate_schedule()
        self._check_run_types()
        if not getattr(self.timetable, "can_be_scheduled", True):
            return
        try:
            self.params.validate()
        except ParamValidationError as error:
            raise AirflowException(
                f"DAG {self.dag_id!r} has a schedule, so all of its params need valid defaults:"
                f" {error}"
            ) from None

    def _check_setups(self) -> None:
        for task in self.tasks:
            self._check_rule(task)
            for after in task.downstream_list if task.is_setup else ():
                if not after.is_teardown and after.trigger_rule != "all_success":
                    raise ValueError(
                        f"task {after.task_id!r} comes right after the setup {task.task_id!r}, so"
                        f" its trigger rule must be all_success, not {after.trigger_rule}"
                    )

    def _check_run_types(self) -> None:
        if self.schedule_spec.kind == "assets":
            needed = str(RunType.DATASET_TRIGGERED)
        else:
            is_scheduled = getattr(self.timetable, "can_be_scheduled", True)
            needed = "scheduled" if is_scheduled else "manual"
        if self.allowed_run_types and needed not in self.allowed_run_types:
            raise ValueError(
                f"allowed_run_types of DAG {self.dag_id!r} lacks {needed!r}, the runs that its"
                f" schedule ({self.schedule_spec.summary}) makes"
            )

    @property
    def fail_fast(self) -> bool:
        """Return `fail_stop`, by its name in Airflow 3."""
        return self.fail_stop

    @property
    def teardowns(self) -> list[Any]:
        """Return the teardowns."""
        return [task for task in self.tasks if task.is_teardown]

    @property
    def tasks_upstream_of_teardowns(self) -> list[Any]:
        """Return the work and setup tasks directly before teardowns."""
        before = [one for task in self.teardowns for one in task.upstream_list]
        return [task for task in before if not task.is_teardown]

    def _validate_schedule(self) -> None:
        try:
            self.timetable.validate()
        except AirflowTimetableInvalid as error:
            raise AirflowTimetableInvalid(f"DAG {self.dag_id!r}: {error}") from error

    @property
    def timetable(self) -> Any:
        """Return what answers when runs are due: the user's own object, or that of the schedule."""
        return self._timetable or kinds.timetable_for(self.schedule_spec)

    def following_schedule(self, dttm: datetime) -> datetime | None:
        """Return the logical date that comes after the one of the interval around `dttm`."""
        return run_dates.following(self, dttm)

    def previous_schedule(self, dttm: datetime) -> datetime | None:
        """Return the logical date that comes before `dttm`."""
        return run_dates.previous(self, dttm)

    def next_dagrun_info(self, last_automated_dagrun: Any, *, restricted: bool = True) -> Any:
        """Return the run that follows an interval, or None.

        Args:
            last_automated_dagrun: the data interval of the latest scheduled run, or its logical
                date; None where there was none.
            restricted: False goes on beyond the DAG's dates, and leaves no run out.
        """
        return run_dates.next_dagrun_info(self, last_automated_dagrun, restricted)

    def iter_dagrun_infos_between(
        self, earliest: datetime | None, latest: datetime, *, align: bool = True
    ) -> Any:
        """Yield the runs whose logical dates lie between two dates, both included.

        Args:
            earliest: the first date; None is that of the DAG.
            latest: the last date.
            align: whether the first run has to fit the schedule, else it begins at `earliest`.
        """
        return run_dates.infos_between(self, earliest, latest, align)

    def get_run_dates(self, start_date: datetime, end_date: datetime | None = None) -> Any:
        """Return the logical dates of the runs between two dates; the end is now by default."""
        return run_dates.run_dates(self, start_date, end_date)

    def infer_automated_data_interval(self, logical_date: datetime) -> Any:
        """Return the data interval of the scheduled run of a date."""
        return run_dates.automated_interval(self, logical_date)

    def get_run_data_interval(self, run: Any) -> Any:
        """Return the data interval of a run."""
        return run_dates.interval_of_run(self, run)

    @property
    def _time_restriction(self) -> Any:
        """Return between which dates there may be runs."""
        return run_dates.restriction(self)

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

    def __deepcopy__(self, memo: dict[int, Any]) -> "DAG":
        """Return a copy with tasks and groups of its own."""
        new: DAG = reduced(self, set(self.task_dict))
        memo[id(self)] = new
        return new

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"


def _sharing(default_args: dict[str, Any] | None) -> dict[int, Any]:
    """Return a memo with which a deep copy keeps what cannot or need not be copied: functions."""
    return {id(value): value for value in (default_args or {}).values() if not _is_plain(value)}


def _is_plain(value: Any) -> bool:
    return isinstance(value, dict | list | set | tuple)


def _bound(own: Any, outer: Any, pick_one: Callable[..., Any]) -> Any:
    return pick_one(own, outer) if own and outer else own or outer


def dag(dag_id: Any = "", **options: Any) -> Any:
    """Make a DAG of a function that makes tasks: `@dag` or `@dag(...)`.

    Takes the arguments of `DAG`. The function's name and docstring are id and documentation where
    none are given; its arguments become params of the DAG. Calling the function makes the DAG.
    """
    if callable(dag_id):
        return _factory(dag_id, options)
    return lambda function: _factory(function, {"dag_id": dag_id or function.__name__, **options})


def _factory(function: Callable[..., Any], options: dict[str, Any]) -> Callable[..., DAG]:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def make(*args: Any, **kwargs: Any) -> DAG:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        chosen: dict[str, Any] = {"dag_id": function.__name__, "doc_md": inspect.getdoc(function)}
        with DAG(**(chosen | options)) as made:
            function(**{name: made.param(name, value) for name, value in given.arguments.items()})
        return made

    return make
