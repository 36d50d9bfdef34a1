"""What is late is noted once, whoever schedules, and told to those who want to know."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from flowctl.core.spec import DeadlineSpec, TaskSpec
from flowctl.core.states import TaskState
from flowctl.core.world import World
from flowctl.scheduler.callbacks import Callbacks
from flowctl.scheduler.lateness import Lateness
from flowctl.scheduler.memory import Memory
from flowctl.store import lease
from flowctl.store.engine import reading, writing
from flowctl.store.schema import callback, dag_run, event
from tests.scheduler.sites import NOW, Remembering, add_run, define

HOUR = timedelta(hours=1)
SLOW = TaskSpec("slow", sla=HOUR, email=("a@x.org",))
QUIET = TaskSpec("quiet", sla=HOUR)


class Site:
    """A metastore with one scheduled run whose data is complete at NOW."""

    def __init__(self, engine: Engine, *tasks: TaskSpec, **options: Any) -> None:
        self.engine = engine
        with writing(engine) as conn:
            term = lease.take(conn, "tests", NOW)
            assert term is not None
            self.term = term
            define(conn, "d", *tasks, **options)
            add_run(conn, "d", 0)
            dates = {"data_interval_end": NOW, "logical_date": NOW - HOUR, "queued_at": NOW}
            conn.execute(update(dag_run).values(run_type="scheduled", **dates))

    def scheduler(self, **options: Any) -> tuple[Lateness, World]:
        memory = Memory(World(parallelism=8))
        with reading(self.engine) as conn:
            memory.refresh(conn)
        return Lateness(self.engine, self.term, **options), memory.world

    def noted(self) -> list[tuple[str, str | None]]:
        with reading(self.engine) as conn:
            return [tuple(row) for row in conn.execute(select(event.c.name, event.c.task_id))]

    def due(self) -> list[tuple[str, Any]]:
        with reading(self.engine) as conn:
            rows = conn.execute(select(callback.c.event, callback.c.reason)).all()
        return [(row.event, json.loads(row.reason)) for row in rows]


def test_nothing_is_late_before_its_time(engine: Engine) -> None:
    site = Site(engine, SLOW)
    lateness, world = site.scheduler()

    assert lateness.look(world, NOW) == NOW + HOUR
    assert site.noted() == []


def test_what_is_late_is_noted_once(engine: Engine) -> None:
    site = Site(engine, SLOW, QUIET)
    lateness, world = site.scheduler()

    assert lateness.look(world, NOW + HOUR) is None
    assert lateness.look(world, NOW + 2 * HOUR) is None
    other, world = site.scheduler()
    assert other.look(world, NOW + 2 * HOUR) is None

    assert sorted(site.noted()) == [("sla_miss", "quiet"), ("sla_miss", "slow")]
    assert site.due() == [("sla_miss", ["quiet", "slow"])]


def test_a_task_that_is_done_is_not_late(engine: Engine) -> None:
    site = Site(engine, SLOW)
    lateness, world = site.scheduler()
    lateness.look(world, NOW)
    (run,) = world.runs.values()
    run.task("slow").state = TaskState.SUCCESS

    assert lateness.look(world, NOW + HOUR) is None
    assert site.noted() == []


@pytest.mark.parametrize(
    ("tasks", "options", "told"),
    [
        ((QUIET,), {}, []),
        ((QUIET,), {"callbacks": ("sla_miss",)}, [("sla_miss", ["quiet"])]),
    ],
)
def test_who_wants_to_know_is_told(
    engine: Engine, tasks: tuple[TaskSpec, ...], options: dict[str, Any], told: Any
) -> None:
    """A task without addresses in a DAG without `sla_miss_callback` is only noted."""
    site = Site(engine, *tasks, **options)
    lateness, world = site.scheduler()

    lateness.look(world, NOW + HOUR)

    assert site.noted() == [("sla_miss", "quiet")]
    assert site.due() == told


def test_slas_may_be_switched_off(engine: Engine) -> None:
    site = Site(engine, SLOW)
    lateness, world = site.scheduler(checks_slas=False)

    assert lateness.look(world, NOW + HOUR) is None
    assert site.noted() == []


def test_each_deadline_of_a_run_is_noted_once(engine: Engine) -> None:
    deadlines = (DeadlineSpec("queued_at", HOUR), DeadlineSpec("queued_at", 3 * HOUR))
    site = Site(engine, TaskSpec("t"), deadlines=deadlines)
    lateness, world = site.scheduler()

    assert lateness.look(world, NOW + HOUR) == NOW + 3 * HOUR
    again, world = site.scheduler()
    assert again.look(world, NOW + 2 * HOUR) == NOW + 3 * HOUR

    assert site.due() == [("deadline", 0)]


def test_the_mail_goes_to_those_of_the_tasks_that_are_late(engine: Engine) -> None:
    site = Site(engine, SLOW, TaskSpec("fine", email=("b@x.org",)))
    lateness, world = site.scheduler()
    lateness.look(world, NOW + HOUR)
    executor = Remembering()

    Callbacks(engine, executor, site.term).start(NOW + HOUR)

    (order,) = executor.started
    assert (order.event, order.addresses, order.reason) == ("sla_miss", ("a@x.org",), '["slow"]')
