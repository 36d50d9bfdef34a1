"""What is a task in a DAG file, and which arguments does every task take?

An operator is a class; a task is an object of it. Arguments that a task does not name come from its
own `default_args`, those of its task group and those of its DAG, in this order. Each class in the
line of ancestors gets those that its own constructor names, so a subclass need not repeat them.
"""

import copy
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from flowctl.authoring import assets, scope, setup_scope
from flowctl.authoring.arguments import (
    at_least,
    callbacks,
    checked_rule,
    duration,
    growth,
    memory,
    renamed,
    timeout,
    typed,
    weight,
    whole_number,
    without_effect,
    without_extra,
)
from flowctl.authoring.default_args import Place, filled
from flowctl.authoring.deferring import Deferrable
from flowctl.authoring.ids import checked
from flowctl.authoring.moments import ShownDate, utc_moment
from flowctl.authoring.neighbours import Neighbours
from flowctl.authoring.params import ParamsDict, process_params
from flowctl.authoring.priority_strategy import checked_weight_rule
from flowctl.authoring.rendering import Templated
from flowctl.authoring.retry_policy import checked_policy
from flowctl.authoring.rule_names import TriggerRule
from flowctl.authoring.settings import NOTSET, defaults, pick
from flowctl.authoring.setups import SetupTeardown
from flowctl.authoring.triggers import StartTriggerArgs
from flowctl.authoring.xcom_arg import XComArg, references
from flowctl.late import Late

if TYPE_CHECKING:
    from flowctl.authoring import mapped_operator
else:
    mapped_operator = Late("flowctl.authoring.mapped_operator")

_TODAY: dict[str, str] = {
    TriggerRule.DUMMY: TriggerRule.ALWAYS,
    TriggerRule.NONE_FAILED_OR_SKIPPED: TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
}
"""What trigger rules with an old name are called."""


class BaseOperator(Deferrable, Templated, Neighbours, SetupTeardown):
    """One task. Operators derive from this and define `execute`.

    All arguments are given by name; the names and the defaults are those of Airflow 2.10, where not
    given here from the configuration.

    Raises:
        AirflowException: an argument has a value that makes no sense, or is not known.
        DuplicateTaskIdFound: the DAG has a task or group with this id.
    """

    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    inherits_from_empty_operator: bool = False
    shallow_copy_attrs: Sequence[str] = ()
    operator_extra_links: Sequence[Any] = ()
    supports_lineage = False
    subdag_prefix: str = ""  # of a task that a SubDagOperator has brought: the id of its group
    renders_while_running = (
        False  # `execute` makes and renders a template field, as @task.bash does
    )
    is_mapped: ClassVar[bool] = False
    start_date = ShownDate()
    end_date = ShownDate()
    can_skip_others: ClassVar[bool] = False
    """Whether it decides which of the tasks after it run, as branches do."""
    start_trigger_args: StartTriggerArgs | None = None
    start_from_trigger: bool = False
    """Whether each try begins deferred, as `start_trigger_args` say, without a process before."""

    made_at: tuple[str, int]
    """File and line of the author's code that made it."""

    _is_made = False
    _defaults: ClassVar[Mapping[str, Any]] = {}
    """The default args that hold; on the task itself only while it is made."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__init__ = filled(cls.__dict__["__init__"])  # type: ignore[method-assign]  # that is the point

    @filled
    def __init__(
        self,
        task_id: str,
        owner: str = NOTSET,
        email: str | Iterable[str] | None = None,
        email_on_retry: bool = NOTSET,
        email_on_failure: bool = NOTSET,
        retries: int | None = NOTSET,
        retry_delay: timedelta | float = NOTSET,
        retry_exponential_backoff: float = False,
        max_retry_delay: timedelta | float | None = NOTSET,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        depends_on_past: bool = False,
        ignore_first_depends_on_past: bool = NOTSET,
        wait_for_past_depends_before_skipping: bool = False,
        wait_for_downstream: bool = False,
        dag: Any = None,
        params: Mapping[str, Any] | None = None,
        default_args: dict[str, Any] | None = None,
        priority_weight: int = 1,
        weight_rule: Any = NOTSET,
        queue: str = NOTSET,
        pool: str | None = None,
        pool_slots: int = 1,
        sla: timedelta | None = None,
        execution_timeout: timedelta | None = NOTSET,
        mem: str | int | None = NOTSET,
        on_execute_callback: Any = None,
        on_failure_callback: Any = None,
        on_success_callback: Any = None,
        on_retry_callback: Any = None,
        on_skipped_callback: Any = None,
        pre_execute: Callable[..., Any] | None = None,
        post_execute: Callable[..., Any] | None = None,
        trigger_rule: str = TriggerRule.ALL_SUCCESS,
        resources: dict[str, Any] | None = None,
        run_as_user: str | None = NOTSET,
        task_concurrency: int | None = None,
        map_index_template: str | None = None,
        max_active_tis_per_dag: int | None = None,
        max_active_tis_per_dagrun: int | None = None,
        executor: str | None = None,
        executor_config: dict[str, Any] | None = None,
        do_xcom_push: bool = True,
        multiple_outputs: bool = False,
        inlets: Any = None,
        outlets: Any = None,
        task_group: Any = None,
        doc: str | None = None,
        doc_md: str | None = None,
        doc_json: str | None = None,
        doc_yaml: str | None = None,
        doc_rst: str | None = None,
        task_display_name: str | None = None,
        logger_name: str | None = None,
        allow_nested_operators: bool = True,
        retry_policy: Any = None,
        render_template_as_native_obj: bool | None = None,
        **kwargs: Any,
    ) -> None:
        place: Place = self.__dict__.pop("_place")
        dag = dag or place.dag
        group = task_group or (place.group if dag is place.dag else scope.current_group(dag))
        self.label = checked("task", task_id)
        self.task_id = group.child_id(task_id) if group else task_id
        self.task_group: Any = None
        where = f"task {self.task_id!r}" + (f" of DAG {dag.dag_id!r}" if dag else "")
        without_extra(where, type(self), kwargs)
        own_user, own_executor = pick(run_as_user, "run_as_user"), executor
        without_effect(
            where,
            resources=(resources, "the process of the task is not limited by it"),
            run_as_user=(own_user, "the task runs as the user that runs flowctl"),
            executor=(own_executor, "all tasks go to the one executor that is configured"),
            executor_config=(executor_config or None, "no executor of flowctl reads it"),
            allow_nested_operators=(
                None if allow_nested_operators else False,
                "operators may be executed inside others",
            ),
        )

        self.sla = typed(where, "sla", sla, timedelta)
        self.owner = pick(owner, "owner")
        self.email = email
        self.email_on_retry = pick(email_on_retry, "email_on_retry")
        self.email_on_failure = pick(email_on_failure, "email_on_failure")
        self.doc, self.doc_md, self.doc_json = doc, doc_md, doc_json
        self.doc_yaml, self.doc_rst = doc_yaml, doc_rst
        self._display_name = task_display_name

        self._start_date = utc_moment(start_date, f"start_date of {where}")
        self._end_date = utc_moment(end_date, f"end_date of {where}")
        self.depends_on_past = depends_on_past or wait_for_downstream
        self.ignore_first_depends_on_past = pick(
            ignore_first_depends_on_past, "ignore_first_depends_on_past"
        )
        self.wait_for_past_depends_before_skipping = wait_for_past_depends_before_skipping
        self.wait_for_downstream = wait_for_downstream
        rule = checked_rule(where, "trigger_rule", trigger_rule, TriggerRule)
        self.trigger_rule: str = _TODAY.get(rule, rule)

        self.retries = whole_number(where, "retries", pick(retries, "retries"), empty=0)
        self.retry_delay = duration(where, "retry_delay", pick(retry_delay, "retry_delay"))
        self.retry_exponential_backoff = growth(where, retry_exponential_backoff)
        self.retry_policy = checked_policy(where, retry_policy)
        limit = pick(max_retry_delay, "max_retry_delay")
        self.max_retry_delay = None if limit is None else duration(where, "max_retry_delay", limit)
        self.execution_timeout = timeout(where, pick(execution_timeout, "execution_timeout"))
        self.memory_bytes = memory(where, "mem", pick(mem, "mem"))

        self.pool = defaults.pool if pool is None else pool
        self.pool_slots = at_least(where, "pool_slots", pool_slots, 1)
        self.priority_weight = weight(where, priority_weight)
        self.weight_rule = checked_weight_rule(where, pick(weight_rule, "weight_rule"))
        self.queue = pick(queue, "queue")
        self.run_as_user = own_user
        self.executor = executor
        self.executor_config: dict[str, Any] = executor_config or {}
        if task_concurrency is not None:
            renamed(where, "task_concurrency", "max_active_tis_per_dag", stacklevel=3)
        self.max_active_tis_per_dag = (
            max_active_tis_per_dag if max_active_tis_per_dag is not None else task_concurrency
        )
        self.max_active_tis_per_dagrun = max_active_tis_per_dagrun
        self.map_index_template = map_index_template

        self.on_execute_callback = callbacks(where, "on_execute_callback", on_execute_callback)
        self.on_failure_callback = callbacks(where, "on_failure_callback", on_failure_callback)
        self.on_success_callback = callbacks(where, "on_success_callback", on_success_callback)
        self.on_retry_callback = callbacks(where, "on_retry_callback", on_retry_callback)
        self.on_skipped_callback = callbacks(where, "on_skipped_callback", on_skipped_callback)
        self._pre_execute_hook = pre_execute
        self._post_execute_hook = post_execute

        self.render_template_as_native_obj = render_template_as_native_obj
        self.do_xcom_push = do_xcom_push
        self.multiple_outputs = multiple_outputs
        self.inlets: list[Any] = assets.listed(inlets)
        self.outlets: list[Any] = assets.listed(outlets)
        self.params: ParamsDict = process_params(params, place.params)
        self.default_args = default_args
        if logger_name is not None:
            self._log = logging.getLogger(f"airflow.task.operators.{logger_name}".rstrip("."))

        self.start_trigger_args = copy.copy(self.start_trigger_args)  # what it changes is its own
        self._take_place(dag, group)

    def _take_place(self, dag: Any, group: Any) -> None:
        """Join a DAG, a group and the setups around; without them stand alone."""
        self.upstream_task_ids = set()
        self.downstream_task_ids = set()
        self._dag = None
        if group is not None and group.dag in (dag, None):
            group.add(self)
        if dag is not None:
            self.dag = dag
        setup_scope.enter(self)

    def _made(self) -> None:
        """Finish a new task: wait for the tasks whose results it was given."""
        del self.__dict__["_defaults"]
        self.__dict__["_is_made"] = True
        if self.is_running:
            return
        for field in self.template_fields:
            self._wait_for_references(field)

    is_running = False  # set on the copy that is executed: what it assigns then makes no edges

    def _wait_for_references(self, field: str) -> None:
        for operator, _ in list(references(getattr(self, field, None))):
            if operator is not self:
                self.set_upstream(operator)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if self._is_made and not self.is_running and name in self.template_fields:
            self._wait_for_references(name)

    # Names

    @property
    def node_id(self) -> str:
        """Return the task id."""
        return self.task_id

    @property
    def task_type(self) -> str:
        """Return the name of the class."""
        return type(self).__name__

    @property
    def looks_at_dates(self) -> bool:
        """Say whether `execute` probably asks its context for dates: of user code, always."""
        return not type(self).__module__.startswith("flowctl.")

    @property
    def operator_class(self) -> type:
        """Return the class."""
        return type(self)

    @property
    def operator_name(self) -> str:
        """Return the name of the operator that people see."""
        return str(getattr(self, "custom_operator_name", self.task_type))

    @property
    def task_display_name(self) -> str:
        """Return the name of the task that people see."""
        return self._display_name or self.task_id

    # Results

    @property
    def output(self) -> XComArg:
        """Return what stands for the result of this task."""
        return XComArg(self)

    # Running

    def pre_execute(self, context: Any) -> None:
        """Do what is to be done before `execute`."""
        if self._pre_execute_hook is not None:
            self._pre_execute_hook(context)

    def execute(self, context: Any) -> Any:
        """Do the work; what is returned is left as the task's result."""
        raise NotImplementedError(f"{type(self).__name__} does not define execute(self, context)")

    def post_execute(self, context: Any, result: Any = None) -> None:
        """Do what is to be done after `execute`."""
        if self._post_execute_hook is not None:
            self._post_execute_hook(context, result)

    def on_kill(self) -> None:
        """End what `execute` has started; called when the task is told to end."""

    def dry_run(self) -> None:
        """Log the template fields, rendered or not."""
        for field in self.template_fields:
            self.log.info("%s: %s", field, getattr(self, field))

    # XComs

    @staticmethod
    def xcom_push(context: Any, key: str, value: Any, execution_date: Any = None) -> None:
        """Leave a value under `key`."""
        context["ti"].xcom_push(key=key, value=value, execution_date=execution_date)

    @staticmethod
    def xcom_pull(context: Any, *args: Any, **kwargs: Any) -> Any:
        """Return what tasks left; see `ti.xcom_pull`."""
        return context["ti"].xcom_pull(*args, **kwargs)

    # Mapping

    @classmethod
    def partial(cls, **kwargs: Any) -> "mapped_operator.OperatorPartial":
        """Take the arguments that all instances of a mapped task share; expand it over others.

        Raises:
            TypeError: the operator does not have such an argument.
        """
        return mapped_operator.OperatorPartial(cls, kwargs)

    # Copies

    def prepare_for_execution(self) -> "BaseOperator":
        """Return a copy that an attempt may change."""
        return copy.copy(self)

    def __copy__(self) -> "BaseOperator":
        """Return a copy that shares the fields.

        Without it `copy` asks `__reduce_ex__`, which costs a freshly forked process 50 memory pages
        (measured on 2026-11-21).
        """
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        return new

    def __deepcopy__(self, memo: dict[int, Any]) -> "BaseOperator":
        """Return a copy in the same DAG and group, with fields of its own."""
        new = object.__new__(type(self))
        memo[id(self)] = new
        shared = {"_dag", "task_group", "_log", *self.shallow_copy_attrs}
        for name, value in self.__dict__.items():
            new.__dict__[name] = value if name in shared else copy.deepcopy(value, memo)
        return new

    def __repr__(self) -> str:
        return f"<Task({self.task_type}): {self.task_id}>"
