"""Which values do DAGs and tasks have that say nothing themselves?

The configuration names them, but authoring does not read it. Whoever runs user code sets the fields
of `defaults` first. They are read when a DAG or a task is made, so a process that imported
everything beforehand can still be told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


class ArgNotSet:
    """The type of `NOTSET`."""

    def __repr__(self) -> str:
        return "NOTSET"

    def __bool__(self) -> bool:
        return True

    def __copy__(self) -> "ArgNotSet":
        return self

    def __deepcopy__(self, memo: Any) -> "ArgNotSet":
        return self


NOTSET: Any = ArgNotSet()
"""Stands for an argument that was not given, where None is a value of its own."""


class SetDuringExecution(ArgNotSet):
    """The type of `SET_DURING_EXECUTION`."""

    def __repr__(self) -> str:
        return "SET_DURING_EXECUTION"


SET_DURING_EXECUTION: Any = SetDuringExecution()
"""Stands for an argument whose value is known when the task runs."""


def is_set(value: Any) -> bool:
    """Say whether an argument was given."""
    return not isinstance(value, ArgNotSet)


@dataclass
class Defaults:
    """What the sections core, operators, sensors and webserver of the configuration say."""

    timezone: str = "UTC"  # of dates without a time zone, and of schedules of such DAGs

    max_active_tasks: int = 16
    max_active_runs: int = 16
    max_consecutive_failed_dag_runs: int = 0
    generation: int | None = None  # whose defaults DAGs get, 2 or 3; None: by what files import
    catchup: bool | None = None  # None: by generation
    catchup_window: timedelta | None = None  # None: without limit
    has_intervals: bool | None = None  # of cron expressions and durations; None: by generation
    default_view: str = "grid"
    orientation: str = "LR"

    owner: str = "airflow"
    queue: str = "default"
    pool: str = "default_pool"
    retries: int = 0
    retry_delay: timedelta = timedelta(seconds=300)
    max_retry_delay: timedelta | None = None
    execution_timeout: timedelta | None = None
    mem: int = 0  # bytes; 0: without limit
    weight_rule: str = "downstream"
    ignore_first_depends_on_past: bool = True
    run_as_user: str | None = None
    email_on_failure: bool = True
    email_on_retry: bool = True
    allow_illegal_arguments: bool = False
    deferrable: bool = False  # of operators that can wait without a process
    base_url: str = ""  # of the web server
    sensor_timeout_s: float = 604_800.0
    venv_install_method: str = "auto"  # how environments of tasks are made: auto, uv, pip


defaults = Defaults()


@dataclass
class Stored:
    """What the configuration says of values that lie elsewhere, and how they are read."""

    secrets_backend: str = ""  # a dotted path
    secrets_options: Mapping[str, Any] = field(default_factory=dict)
    secrets_kept_s: float = 0.0

    xcom_backend: str = ""  # a dotted path
    xcom_classes: tuple[str, str] = ("", "")  # that may be made of XComs: patterns, expressions


stored = Stored()


def pick(value: Any, name: str) -> Any:
    """Return `value`, or the default of that name where it was not given."""
    return value if is_set(value) else getattr(defaults, name)


def default_catchup(generation: int) -> bool:
    """Return whether a DAG catches up that does not say it; `generation` of Airflow is 2 or 3."""
    return generation < 3 if defaults.catchup is None else defaults.catchup
