"""Sensors in tests: a context with a task instance, and a poke with a script."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flowctl import clock
from flowctl.authoring.context import Context
from flowctl.authoring.dag import DAG
from flowctl.authoring.ports import InMemoryPorts
from flowctl.authoring.task_instance import TaskInstance
from flowctl.core.attempt import Order, RunFacts
from flowctl.sensors.base import BaseSensorOperator

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
RUN = RunFacts(
    1, "d", "r", "scheduled", NOON, data_interval_start=NOON, data_interval_end=NOON, queued_at=NOON
)


class Scripted(BaseSensorOperator):
    """Looks as it was told: each answer is returned, or raised; the last one again and again."""

    def __init__(self, *, answers: list[Any], **kwargs: Any) -> None:
        super().__init__(**{"task_id": "looks", "poke_interval": 0, **kwargs})
        self.answers = answers
        self.looks = 0

    def poke(self, context: Any) -> Any:  # noqa: ARG002 - Airflow's signature
        """Give the next answer."""
        answer = self.answers[min(self.looks, len(self.answers) - 1)]
        self.looks += 1
        if isinstance(answer, BaseException):
            raise answer
        return answer


def context_of(
    sensor: Any, ports: InMemoryPorts | None = None, *, began: datetime | None = None, **order: Any
) -> Context:
    """Return the context of an attempt of a sensor that began, or was continued, long ago."""
    given = {"try_number": 1, "max_tries": sensor.retries} | order
    made = Order(RUN, 1, task_id=sensor.task_id, waiting_since=began, **given)
    ti = TaskInstance(made, sensor, ports or InMemoryPorts())
    ti.started_at = ti.started_at or clock.utcnow()
    dates = {"logical_date": NOON, "data_interval_end": NOON, "execution_date": NOON}
    return Context({"ti": ti, "task_instance": ti, **dates})


def in_dag(make: Callable[[], Any], **options: Any) -> Any:
    """Return what `make` makes inside of a DAG."""
    with DAG("d", schedule=None, **options):
        return make()
