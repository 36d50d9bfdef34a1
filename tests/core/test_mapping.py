"""Mapped tasks and groups: into how many instances, when, and what counts for each of them."""

from typing import Any

import pytest

from flowctl.core.dag import Dag
from flowctl.core.draft import EXPANDED_PER_RUN_AND_TICK
from flowctl.core.fulfilment import absorb
from flowctl.core.graph import compile_graph
from flowctl.core.mapping import known
from flowctl.core.plan import Plan
from flowctl.core.run import Run
from flowctl.core.spec import DagSpec, GroupSpec, Length
from flowctl.core.states import RunState, TaskState
from flowctl.core.tick import decide
from flowctl.core.world import World
from tests.core.worlds import NOON, dag, end, run_of, states, task, world

OVER_SOURCE = Length("result", task_id="source")
SUCCESS, FAILED = TaskState.SUCCESS, TaskState.FAILED


def step(it: World, run: Run) -> Plan:
    """Decide, and let it come true, expansions included."""
    plan = decide(it, NOON)
    absorb(it, plan, NOON)
    for one in plan.expansions:
        first, there = run.tasks[one.task_id][0].id, run.expanded(one.task_id)
        new = [first * 100_000 + at for at in range(max(1, there), one.upto)]
        it.expand(run, one.task_id, new if there else [first, *new])
    return plan


def mapped(**options: Any) -> Dag:
    return dag(task("source"), task("m", "source", length=OVER_SOURCE, **options), task("z", "m"))


def group() -> Dag:
    spec = DagSpec(
        dag_id="d",
        file="d.py",
        groups=(GroupSpec("g", length=OVER_SOURCE),),
        tasks=(
            task("source"),
            task("g.a", "source", group="g"),
            task("g.b", "g.a", group="g"),
            task("z", "g.b", trigger_rule="all_done"),
        ),
    )
    return Dag("d", compile_graph(spec), version="v", is_due_known=True)


def begun(of: Dag, left: int | None) -> tuple[World, Run]:
    """Return a world in which the source of a new run has just succeeded."""
    it, run = world(of), run_of(of)
    it.put_run(run)
    step(it, run)
    end(it, run.task("source"), SUCCESS, left=left)
    return it, run


@pytest.mark.parametrize(
    ("length", "count"),
    [
        (Length(count=3), 3),
        (Length("product", parts=(Length(count=2), Length(count=3))), 6),
        (Length("sum", parts=(Length(count=2), Length(count=3))), 5),
        (Length("shortest", parts=(Length(count=2), Length(count=3))), 2),
        (Length("longest", parts=(Length(count=2), Length(count=3))), 3),
        (Length("product", parts=(Length(count=2), OVER_SOURCE)), None),
    ],
)
def test_a_length_is_known_where_no_result_is_needed(length: Length, count: int | None) -> None:
    assert known(length) == count


def test_a_task_has_one_instance_for_each_element() -> None:
    it, run = begun(mapped(), left=3)
    assert [plan.count for plan in step(it, run).expansions] == [3]
    assert len(step(it, run).starts) == 3
    assert [name for name in states(run) if name.startswith("m")] == ["m[0]", "m[1]", "m[2]"]


def test_a_long_list_becomes_instances_in_several_ticks_and_none_starts_before_the_last() -> None:
    """Each instance is a row: ten thousand in one tick would hold up everything else."""
    count = 2 * EXPANDED_PER_RUN_AND_TICK + 500
    it, run = begun(mapped(), left=count)
    plans = [step(it, run) for _ in range(3)]
    there = [one.upto for plan in plans for one in plan.expansions]
    assert there == [EXPANDED_PER_RUN_AND_TICK, 2 * EXPANDED_PER_RUN_AND_TICK, count]
    assert not any(plan.starts for plan in plans)
    assert [plan.next_look for plan in plans] == [NOON] * 3
    assert run.upstream["z"].total == len(run.tasks["m"]) == count
    assert step(it, run).starts


def test_the_tasks_of_a_long_mapped_group_become_instances_together() -> None:
    it, run = begun(group(), left=2 * EXPANDED_PER_RUN_AND_TICK)
    made = 0
    while (plan := step(it, run)).expansions or plan.postponed:
        there = sum(len(run.tasks[name]) for name in ("g.a", "g.b"))
        assert there - made <= EXPANDED_PER_RUN_AND_TICK + 1
        made = there
    assert len(run.tasks["g.a"]) == len(run.tasks["g.b"]) == 2 * EXPANDED_PER_RUN_AND_TICK
    assert all(task.inner is not None and task.inner.total == 1 for task in run.tasks["g.b"])


def test_what_runs_beyond_the_end_of_a_list_that_shrank_does_not_keep_the_scheduler_busy() -> None:
    it, run = begun(mapped(), left=3)
    step(it, run)
    step(it, run)
    end(it, run.task("m", 1), SUCCESS)
    it.change(run.task("source"), TaskState.NONE)
    it.change(run.task("source"), SUCCESS, left=2)
    it.change(run.task("m", 0), TaskState.NONE)
    assert not step(it, run).expansions
    assert run.task("m", 0).state is TaskState.QUEUED


def test_what_comes_after_waits_for_all_instances() -> None:
    it, run = begun(mapped(), left=2)
    step(it, run)
    step(it, run)
    end(it, run.task("m", 0))
    assert not step(it, run).starts
    end(it, run.task("m", 1))
    assert [it.by_id[move.ti_id].name for move in step(it, run).starts] == ["z"]


@pytest.mark.parametrize(("left", "state"), [(0, "skipped"), (-1, "upstream_failed")])
def test_without_anything_to_map_over_it_ends(left: int, state: str) -> None:
    it, run = begun(mapped(), left=left)
    step(it, run)
    assert states(run)["m"] == states(run)["z"] == state


def test_in_a_mapped_group_each_index_goes_its_own_way() -> None:
    it, run = begun(group(), left=2)
    while not step(it, run).starts:
        pass
    end(it, run.task("g.a", 1), FAILED)
    step(it, run)
    assert states(run)["g.b[1]"] == "upstream_failed"
    assert states(run)["g.b[0]"] == "none"
    end(it, run.task("g.a", 0))
    assert [it.by_id[move.ti_id].name for move in step(it, run).starts] == ["g.b[0]"]
    end(it, run.task("g.b", 0))
    assert [it.by_id[move.ti_id].name for move in step(it, run).starts] == ["z"]


def test_a_run_ends_with_its_instances() -> None:
    it, run = begun(mapped(), left=2)
    step(it, run)
    step(it, run)
    for index in range(2):
        end(it, run.task("m", index), FAILED)
    step(it, run)
    assert run.state is RunState.FAILED
    assert states(run)["z"] == "upstream_failed"
