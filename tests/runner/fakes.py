"""A DAG and tasks with no more than an attempt needs of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from flowctl.authoring import order, templates
from flowctl.authoring.ports import InMemoryPorts
from flowctl.core.attempt import Order, RunFacts
from flowctl.core.states import TaskState
from flowctl.runner.execute import Done, execute
from flowctl.runner.site import Site

RUN = RunFacts(
    pk=1,
    dag_id="sales",
    run_id="scheduled__2024-03-10T00:00:00+00:00",
    run_type="scheduled",
    logical_date=datetime(2024, 3, 10, tzinfo=UTC),
    data_interval_start=datetime(2024, 3, 10, tzinfo=UTC),
    data_interval_end=datetime(2024, 3, 11, tzinfo=UTC),
)


class Params(dict[str, Any]):
    """Params without a schema."""

    def validate(self) -> dict[str, Any]:
        return dict(self)


class Task:
    """An operator that calls a function with itself and its context."""

    template_fields: tuple[str, ...] = ("text",)
    template_ext: tuple[str, ...] = ()
    owner = "me"
    email = None
    execution_timeout: timedelta | None = None
    do_xcom_push = True
    multiple_outputs = False
    trigger_rule = "all_success"
    retries = 0
    is_mapped = False
    is_setup = is_teardown = on_failure_fail_dagrun = False

    def __init__(self, does: Callable[["Task", Any], Any], **attributes: Any) -> None:
        self.does = does
        self.text = ""
        self.params = Params()
        self.task_id = "load"
        self.events: list[str] = []
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        self.__dict__.update(attributes)

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        self.events.append("render")
        templates.render_fields(self, context, jinja_env)

    def pre_execute(self, **_: Any) -> None:
        self.events.append("pre_execute")

    def execute(self, context: Any) -> Any:
        self.events.append("execute")
        return self.does(self, context)

    def post_execute(self, **_: Any) -> None:
        self.events.append("post_execute")

    def get_closest_mapped_task_group(self) -> None:
        return None

    def on_kill(self) -> None:
        self.events.append("on_kill")


class Dag:
    """A DAG of such tasks."""

    dag_id = "sales"
    folder = "/"
    fail_stop = False

    def __init__(self, *tasks: Task, **attributes: Any) -> None:
        self.params = Params()
        self.tasks = list(tasks)
        self.task_dict = {task.task_id: task for task in tasks}
        for task in tasks:
            task.dag = self  # type: ignore[attr-defined]
            for before in task.upstream_task_ids:
                self.task_dict[before].downstream_task_ids.add(task.task_id)
        self.__dict__.update(attributes)

    def get_task(self, task_id: str) -> Task:
        return self.task_dict[task_id]

    def topological_sort(self) -> list[Any]:
        return order.topological(self.dag_id, self.task_dict)


def ticking(start: datetime = datetime(2024, 3, 11, tzinfo=UTC)) -> Callable[[], datetime]:
    """Return a clock that goes on by a second each time it is read."""

    def moments() -> Iterator[datetime]:
        moment = start
        while True:
            yield moment
            moment += timedelta(seconds=1)

    clock = moments()
    return lambda: next(clock)


def order_for(task: Any, **changes: Any) -> Order:
    """Return the order for the first try of `task`."""
    usual: dict[str, Any] = {"ti_id": 7, "try_number": 1, "task_id": task.task_id}
    return Order(RUN, **usual | changes)


def attempt(task: Task, ports: InMemoryPorts | None = None, dag: Any = None, **order: Any) -> Done:
    """Run one try of `task` with a fake clock, and do not call its callbacks."""
    return execute(
        order_for(task, **order),
        dag or Dag(task),
        ports=ports or InMemoryPorts(),
        now=ticking(),
        site=Site(),
    )


def state_of(task: Task, **order: Any) -> TaskState:
    """Return how one try of `task` ends."""
    return attempt(task, **order).outcome.state
