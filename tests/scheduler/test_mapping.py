"""Mapped tasks from the result to the rows: made, added, removed, whoever dies in between."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from flowctl.core.attempt import Ended, Outcome
from flowctl.core.draft import EXPANDED_PER_RUN_AND_TICK
from flowctl.core.fulfilment import absorb
from flowctl.core.spec import Length, TaskSpec
from flowctl.core.states import RunState, TaskState
from flowctl.core.tick import decide
from flowctl.core.world import World
from flowctl.scheduler.memory import Memory
from flowctl.store import clears, outcomes, plans
from flowctl.store.clears import Clear
from flowctl.store.engine import reading, writing
from flowctl.store.schema import dag_run, task_instance
from tests.scheduler.sites import NOW, add_run, define
from tests.store.rows import lead

OVER_SOURCE = Length("result", task_id="source")
TICKS_MAX = 200


class Site:
    """A DAG `source` -> `m`, mapped over its result -> `z`; attempts end at once, well.

    With `dies` each tick is of another scheduler, which knows nothing but the tables.
    """

    def __init__(self, engine: Engine, *, dies: bool) -> None:
        self.engine = engine
        self.dies = dies
        self.length = 0
        self.started: list[str] = []
        self.ticks = 0
        with writing(engine) as conn:
            define(
                conn,
                "d",
                TaskSpec("source"),
                TaskSpec("m", upstream=("source",), length=OVER_SOURCE),
                TaskSpec("z", upstream=("m",)),
                max_active_tasks=10_000,
            )
            self.pk = add_run(conn, "d", 0)
        self.memory = Memory(World(parallelism=10_000))

    def run(self, length: int) -> dict[str, str]:
        """Take steps until there is nothing to do; return the states of all rows."""
        self.length = length
        self.started.clear()
        for _ in range(TICKS_MAX):
            if not self._tick():
                break
        columns = task_instance.c
        with reading(self.engine) as conn:
            rows = conn.execute(
                select(columns.task_id, columns.map_index, columns.state).order_by(
                    columns.task_id, columns.map_index
                )
            )
            return {t if i < 0 else f"{t}[{i}]": state for t, i, state in rows}

    def clear(self, pattern: str) -> None:
        """Have tasks run again."""
        with writing(self.engine) as conn:
            clears.clear(conn, Clear(("d",), pattern), "tests", NOW)

    @property
    def run_state(self) -> str:
        """Return the state of the run."""
        with reading(self.engine) as conn:
            return str(conn.scalar(select(dag_run.c.state)))

    def _tick(self) -> bool:
        self.ticks += 1
        now = NOW + timedelta(seconds=self.ticks)
        if self.dies:
            self.memory = Memory(World(parallelism=10_000))
        with reading(self.engine) as conn:
            self.memory.refresh(conn)
        world = self.memory.world
        plan = decide(world, now)
        if plan.is_empty:
            return False
        with writing(self.engine) as conn:
            applied = plans.apply(conn, plan, world, lead(conn), now)
        absorb(world, plan, now)
        for expansion, ids in applied.expanded:
            world.expand(world.runs[expansion.run_pk], expansion.task_id, ids)
        for pk, revision in applied.revisions.items():
            self.memory.raise_revision(world.runs[pk], revision)
        self.memory.stale |= applied.surprises
        self.started += [world.by_id[move.ti_id].name for move in plan.starts]
        with writing(self.engine) as conn:
            ended = [Ended(self.pk, self._outcome(m, world), "a") for m in plan.starts]
            outcomes.record(conn, [], ended, now)
        return True

    def _outcome(self, move: object, world: World) -> Outcome:
        ti_id, number = move.ti_id, move.try_number  # type: ignore[attr-defined]
        outcome = Outcome(ti_id, number, TaskState.SUCCESS, NOW, NOW)
        if world.by_id[ti_id].spec.task_id == "source":
            outcome.xcoms, outcome.length = {"return_value": "[]"}, self.length
        return outcome


@pytest.fixture(params=[False, True], ids=["lives", "dies after each commit"])
def site(engine: Engine, request: pytest.FixtureRequest) -> Site:
    return Site(engine, dies=request.param)


def ended(count: int, *removed: int) -> dict[str, str]:
    """Return the states after `count` instances succeeded and those of other indexes went."""
    instances = {f"m[{index}]": "success" for index in range(count)}
    gone = {f"m[{index}]": "removed" for index in removed}
    return {**instances, **gone, "source": "success", "z": "success"}


def test_a_long_list_is_run_once_whoever_dies_between_expansion_and_start(site: Site) -> None:
    count = EXPANDED_PER_RUN_AND_TICK + 10

    assert site.run(count) == ended(count)
    assert set(Counter(site.started).values()) == {1}
    assert site.started[-1] == "z"
    assert site.run_state == RunState.SUCCESS


@pytest.mark.parametrize("pattern", ["", "source|m"])
def test_after_a_clear_a_shorter_list_has_fewer_instances(site: Site, pattern: str) -> None:
    site.run(4)
    site.clear(pattern)

    assert site.run(2) == ended(2, 2, 3)
    assert sorted(site.started)[:3] == ["m[0]", "m[1]", "source"]
    assert site.run_state == RunState.SUCCESS


def test_after_a_clear_a_longer_list_has_more_instances(site: Site) -> None:
    site.run(2)
    site.clear("")

    assert site.run(5) == ended(5)
    assert site.started == ["source", *(f"m[{index}]" for index in range(5)), "z"]


def test_a_list_that_shrank_and_grew_again_has_its_removed_instances_back(site: Site) -> None:
    site.run(4)
    site.clear("")
    site.run(1)
    site.clear("")

    assert site.run(6) == ended(6)
    assert site.started.count("m[3]") == 1


def test_where_only_the_source_ran_again_what_has_ended_stays(site: Site) -> None:
    site.run(3)
    site.clear("source")

    assert site.run(1) == ended(3)
    assert site.started == ["source"]


def test_a_list_that_became_empty_has_all_of_it_skipped(site: Site) -> None:
    site.run(2)
    site.clear("")

    states = site.run(0)

    assert states == {"m[0]": "skipped", "m[1]": "skipped", "source": "success", "z": "skipped"}
    assert site.run_state == RunState.SUCCESS
