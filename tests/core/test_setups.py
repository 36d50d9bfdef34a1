"""Setups and teardowns decide as under Airflow 2.10.5, in many DAGs and mixes of states.

`data/ask_setups.py` asked the real one; `data/setups.json` has its answers.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flowctl.core import setups
from flowctl.core.dag import Dag
from flowctl.core.draft import Draft
from flowctl.core.explain import of_task
from flowctl.core.graph import compile_graph
from flowctl.core.judgement import judge
from flowctl.core.spec import DagSpec, Length, TaskSpec
from flowctl.core.states import RunState, TaskState
from flowctl.core.trigger_rules import Verdict
from tests.core.worlds import NOON, dag, end, names, run_of, states, step, task, world

ANSWERS = json.loads((Path(__file__).parent / "data" / "setups.json").read_text())["shapes"]
SHAPES = {name: facts for name, facts in ANSWERS.items() if "error" not in facts}
STATES = {
    "s": TaskState.SUCCESS,
    "f": TaskState.FAILED,
    "u": TaskState.UPSTREAM_FAILED,
    "k": TaskState.SKIPPED,
    "-": TaskState.RUNNING,
}
VERDICTS = {
    "R": Verdict.RUN,
    "W": Verdict.WAIT,
    "S": Verdict.SKIP,
    "U": Verdict.UPSTREAM_FAILED,
}


def dag_of(facts: dict[str, Any], **options: Any) -> Dag:
    """Return the DAG with the arrows that Airflow made."""
    tasks = {
        name: TaskSpec(
            task_id=name,
            upstream=tuple(one["upstream"]),
            trigger_rule=one["rule"],
            is_setup=one["kind"] == "setup",
            is_teardown=one["kind"] == "teardown",
            fails_run=one["fails_run"],
        )
        for name, one in facts["tasks"].items()
    }
    ordered: dict[str, TaskSpec] = {}
    while len(ordered) < len(tasks):
        ordered |= {n: t for n, t in tasks.items() if set(t.upstream) <= ordered.keys()}
    return dag(*ordered.values(), **options)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_setups_around_a_task_are_those_of_airflow(shape: str) -> None:
    """Those that it does not follow directly, for every task but teardowns."""
    graph = dag_of(SHAPES[shape]).graph

    assert {name: list(graph.setups.get(name, ())) for name in SHAPES[shape]["around"]} == (
        SHAPES[shape]["around"]
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_what_comes_along_with_a_part_is_what_airflow_takes(shape: str) -> None:
    """For one task and for two, with and without what is before and after them."""
    links = dag_of(SHAPES[shape]).graph.links

    for ids, upstream, downstream, expected in SHAPES[shape]["parts"]:
        found = setups.chosen(links, ids, upstream=upstream, downstream=downstream)
        assert sorted(found) == expected, (ids, upstream, downstream)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_task_is_judged_as_by_airflow_in_every_mix_of_states(shape: str) -> None:
    """With the setups around it and those right before it; also teardowns."""
    of = dag_of(SHAPES[shape])
    for name, asked in SHAPES[shape]["verdicts"].items():
        for mix, letter in asked["answers"].items():
            given: dict[str, Any] = {
                one: STATES[x] for one, x in zip(asked["before"], mix, strict=True)
            }
            run = run_of(of, **given)
            site = world(of)
            site.put_run(run)

            found, _ = judge(Draft(site), run.task(name))

            assert found is VERDICTS[letter], (name, given)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_run_ends_as_under_airflow(shape: str) -> None:
    """Teardowns count only where they may fail the run, or where there is nothing else."""
    of = dag_of(SHAPES[shape])
    for mix, letter in SHAPES[shape]["ends"].items():
        ids = list(SHAPES[shape]["tasks"])
        given: dict[str, Any] = {one: STATES[x] for one, x in zip(ids, mix, strict=True)}
        run = run_of(of, **given)
        site = world(of)
        site.put_run(run)

        step(site)

        assert run.state is (RunState.FAILED if letter == "F" else RunState.SUCCESS), mix


SETUP = task("make", is_setup=True)
WORK = task("work", "make")
TEARDOWN = task("remove", "make", "work", is_teardown=True, trigger_rule="all_done_setup_success")


def test_a_task_waits_for_a_setup_that_is_not_directly_before_it() -> None:
    """Another task woke it early; it starts at once when the setup is done."""
    site = world(
        of := dag(
            SETUP,
            task("other"),
            task("first", "make"),
            task("second", "first", "other", trigger_rule="one_success"),
        )
    )
    run = run_of(of, other=TaskState.SUCCESS, make=TaskState.RUNNING)
    site.put_run(run)
    assert names(site, step(site)) == []
    assert of_task(site, run.task("second"), NOON) == (
        "its setup task 'make' has not succeeded yet"
    )

    end(site, run.task("make"))

    assert names(site, step(site)) == ["first", "second"]


def test_a_run_ends_after_its_teardown_and_as_its_work_did() -> None:
    """The teardown may fail; that alone does not fail the run."""
    site = world(of := dag(SETUP, WORK, TEARDOWN))
    run = run_of(of, make=TaskState.SUCCESS, work=TaskState.SUCCESS)
    site.put_run(run)
    assert names(site, step(site)) == ["remove"]
    assert run.state is RunState.RUNNING

    end(site, run.task("remove"), TaskState.FAILED)
    step(site)

    assert run.state.value == "success"


def test_a_run_that_takes_too_long_still_cleans_up_and_then_fails() -> None:
    """What runs is killed, what waits is skipped; the teardown starts."""
    site = world(of := dag(SETUP, WORK, TEARDOWN, dagrun_timeout=timedelta(minutes=30)))
    run = run_of(of, make=TaskState.SUCCESS, work=TaskState.RUNNING)
    site.put_run(run)

    plan = step(site)

    assert plan.kills == [(run.task("work").id, 0)]
    assert names(site, plan) == []  # the end of what runs has to come true first
    assert plan.next_look == NOON
    assert names(site, step(site)) == ["remove"]
    assert run.state is RunState.RUNNING
    end(site, run.task("remove"))
    assert [move.reason for move in step(site).run_moves] == [
        "the run took longer than its timeout, 0:30:00"
    ]
    assert run.state.value == "failed"


def test_the_first_failure_ends_a_dag_with_fail_stop_but_for_its_teardowns() -> None:
    """What runs fails, what has not started is skipped, also where its rule would let it run."""
    site = world(
        of := dag(
            SETUP,
            WORK,
            task("more", "make"),
            task("waits", "more"),
            task("again"),
            TEARDOWN,
            fail_stop=True,
        )
    )
    run = run_of(
        of,
        make=TaskState.SUCCESS,
        work=TaskState.FAILED,
        more=TaskState.RUNNING,
        again=TaskState.UP_FOR_RETRY,
    )
    site.put_run(run)

    plan = step(site)

    assert plan.kills == [(run.task("more").id, 0)]
    assert states(run) == {
        "make": "success",
        "work": "failed",
        "more": "failed",
        "waits": "skipped",
        "again": "skipped",
        "remove": "queued",
    }
    assert of_task(site, run.task("waits"), NOON).startswith(
        "it was skipped: fail_stop: 'work', 'more' failed"
    )
    end(site, run.task("remove"))
    step(site)
    assert run.state.value == "failed"


def test_a_run_with_fail_stop_fails_even_where_only_skipped_tasks_are_at_its_end() -> None:
    """Airflow calls such a run a success; nobody who stops at failures wants that."""
    site = world(of := dag(task("a"), task("b", "a"), fail_stop=True))
    run = run_of(of, a=TaskState.FAILED)
    site.put_run(run)

    step(site)

    assert states(run) == {"a": "failed", "b": "skipped"}
    assert run.state.value == "failed"


def test_setups_cost_a_large_dag_little() -> None:
    """500 groups, each with its own setup and teardown, chained."""
    tasks: list[TaskSpec] = []
    last: tuple[str, ...] = ()
    for number in range(500):
        tasks.append(task(f"s{number}", *last, is_setup=True))
        tasks += [task(f"w{number}_{one}", f"s{number}") for one in range(8)]
        last = tuple(f"w{number}_{one}" for one in range(8))
        tasks.append(task(f"t{number}", f"s{number}", *last, is_teardown=True))

    graph = compile_graph(DagSpec(dag_id="d", file="d.py", tasks=tuple(tasks)))

    assert graph.setups == {}
    assert len(graph.leaves) == 8


@pytest.mark.parametrize("rule", ["one_done", "dummy"])
def test_what_has_nothing_to_be_mapped_over_waits_for_its_setup_as_well(rule: str) -> None:
    """How it ends does not depend on what is known first; the old name of `always` asks nothing."""
    of = dag(
        task("setup", is_setup=True),
        task("before", "setup"),
        task("other"),
        task("mapped", "before", "other", trigger_rule=rule, length=Length(count=0)),
    )
    site, run = world(of), run_of(of)
    site.put_run(run)
    step(site)
    end(site, run.tasks["other"][0])
    step(site)

    settled = {"one_done": "none", "dummy": "skipped"}[rule]
    assert states(run)["mapped"] == settled
    end(site, run.tasks["setup"][0], TaskState.FAILED)
    step(site)
    assert states(run)["mapped"] == {"none": "upstream_failed"}.get(settled, settled)
