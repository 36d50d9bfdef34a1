"""A DAG file that makes no sense is told what is wrong, where, and what would do."""

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring import local_run, settings
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import AirflowDagCycleException, AirflowException
from flowctl.authoring.not_yet import NotYetError
from flowctl.authoring.operator import BaseOperator
from flowctl.authoring.params import Param, ParamsDict
from flowctl.authoring.task_group import TaskGroup
from flowctl.operators.bash import BashOperator
from flowctl.operators.empty import EmptyOperator

START = datetime(2024, 1, 1)  # noqa: DTZ001 - as users do


def tasks(dag: DAG, names: str) -> list[EmptyOperator]:
    return [EmptyOperator(task_id=name, dag=dag) for name in names]


def test_a_cycle_is_shown_link_by_link() -> None:
    """Tasks before and after the circle are not part of the sentence."""
    dag = DAG("d")
    a, b, c, d, e = tasks(dag, "abcde")
    a >> b >> c >> d >> b
    d >> e

    with pytest.raises(AirflowDagCycleException, match="DAG 'd' has a cycle: b >> c >> d >> b;"):
        dag.validate()


def test_a_task_that_waits_for_itself_is_a_cycle() -> None:
    dag = DAG("d")
    (a,) = tasks(dag, "a")
    a >> a

    with pytest.raises(AirflowDagCycleException, match="a >> a;"):
        dag.validate()


def test_tasks_come_after_those_they_wait_for_and_else_in_the_order_of_the_file() -> None:
    dag = DAG("d")
    a, b, c, d = tasks(dag, "abcd")
    d >> b

    assert [one.task_id for one in dag.topological_sort()] == ["a", "c", "d", "b"]
    assert [a, c, d, b] == list(dag.topological_sort())


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (
            lambda dag: EmptyOperator(task_id="a", dag=dag),
            "DAG 'd' already has a task 'a' (BashOperator); give a task 'a' (EmptyOperator)",
        ),
        (lambda dag: TaskGroup("a", dag=dag), "DAG 'd' already has a task 'a' (BashOperator)"),
        (
            lambda dag: EmptyOperator(task_id="b", dag=dag, trigger_rule="some"),
            "trigger_rule of task 'b' of DAG 'd' is 'some'; it must be one of all_done, ",
        ),
        (
            lambda dag: EmptyOperator(task_id="b", dag=dag, retrys=3),
            "task 'b' of DAG 'd': EmptyOperator does not know the arguments retrys=3",
        ),
        (
            lambda dag: BashOperator(task_id="b", dag=dag),  # type: ignore[call-arg]
            "BashOperator needs 'bash_command' (task 'b' of DAG 'd')",
        ),
        (
            lambda dag: EmptyOperator(task_id="a b", dag=dag),
            "'a b' cannot be the id of a task; use only letters, digits, dashes, dots and",
        ),
        (
            lambda dag: dag.get_task("a") >> tasks(DAG("other"), "x"),
            "task 'a' of DAG 'd' cannot be linked with task 'x' of DAG 'other'",
        ),
        (
            lambda dag: dag.get_task("a") >> ["b"],
            "'b' (str) cannot stand beside >> or <<",
        ),
        (
            lambda dag: EmptyOperator(task_id="b", dag=dag, on_failure_callback=["mail"]),
            "on_failure_callback of task 'b' of DAG 'd' is a function or a list of them",
        ),
        (lambda _: DAG("e", schedule="@dayly").validate(), "DAG 'e': "),
        (
            lambda _: DAG("e", overlap="skipp"),
            "overlap of DAG 'e' is 'skipp'; it must be one of queue_all, queue_one, skip,"
            " cancel_running; did you mean 'skip'?",
        ),
        (
            lambda _: DAG("e", catchup_window=timedelta(days=-1)),
            "catchup_window of DAG 'e' is -1 day, 0:00:00; it must not be negative",
        ),
        (lambda _: DAG("e", schedule=3), "schedule of DAG 'e' is 3; use None, a cron"),
    ],
)
def test_a_mistake_is_named_with_its_place(made: Callable[[DAG], Any], sentence: str) -> None:
    dag = DAG("d")
    BashOperator(task_id="a", bash_command="true", dag=dag)

    with pytest.raises(AirflowException) as caught:
        made(dag)
    assert sentence in str(caught.value)


def test_what_comes_later_is_refused_by_name() -> None:
    with pytest.raises(NotYetError, match="use_executor"):
        DAG("d").test(use_executor=True)


def test_what_has_no_effect_is_said() -> None:
    with pytest.warns(UserWarning, match="resources of task 'a' has no effect"):
        EmptyOperator(task_id="a", resources={"cpus": 1})


def test_the_configuration_says_what_dags_and_tasks_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are asked when a DAG is made, not when flowctl is imported."""
    chosen = settings.Defaults(
        timezone="Europe/Zurich", retries=4, owner="ops", catchup=False, max_active_runs=2
    )
    for module in ("settings", "operator", "moments", "arguments"):
        monkeypatch.setattr(f"flowctl.authoring.{module}.defaults", chosen)
    dag = DAG("d", start_date=START)
    (a,) = tasks(dag, "a")

    assert (a.retries, a.owner, dag.catchup, dag.max_active_runs) == (4, "ops", False, 2)
    assert dag.start_date.isoformat() == "2023-12-31T23:00:00+00:00"
    assert dag.timezone.name == "Europe/Zurich"


def test_arguments_that_nothing_takes_may_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings.Defaults(allow_illegal_arguments=True)
    monkeypatch.setattr("flowctl.authoring.arguments.defaults", chosen)

    with pytest.warns(UserWarning, match="does not know the arguments retrys=3"):
        EmptyOperator(task_id="a", retrys=3)


def test_a_dag_knows_its_file_and_documents_beside_it(tmp_path: Path) -> None:
    (tmp_path / "about.md").write_text("# About")
    names: dict[str, Any] = {"DAG": DAG}
    code = "plain = DAG('a', doc_md='about.md')\nwith_text = DAG('b', doc_md='# Text')"
    exec(compile(code, tmp_path / "my_dag.py", "exec"), names)

    assert names["plain"].fileloc == str(tmp_path / "my_dag.py")
    assert (names["plain"].doc_md, names["with_text"].doc_md) == ("# About", "# Text")


def test_dags_that_no_name_holds_are_found() -> None:
    with DAG("kept") as kept:
        pass
    with DAG("hidden", auto_register=False) as hidden:
        pass

    assert kept in DAG.autoregistered
    assert hidden not in DAG.autoregistered
    DAG.autoregistered.remove(kept)


def test_a_copy_of_a_task_can_be_rendered_without_changing_the_task() -> None:
    dag = DAG("d")
    first = BashOperator(task_id="first", bash_command="echo {{ x }}", dag=dag)
    second = BashOperator(task_id="second", bash_command=first.output, dag=dag)
    shallow, deep = copy.copy(first), copy.deepcopy(second)

    shallow.render_template_fields({"x": 1})

    assert (shallow.bash_command, first.bash_command) == ("echo 1", "echo {{ x }}")
    assert deep.dag is dag
    assert deep.upstream_task_ids == {"first"}
    assert deep.upstream_task_ids is not second.upstream_task_ids


def test_a_copied_task_shares_its_fields_but_not_their_names() -> None:
    """What the copy is given, the task does not get."""
    with DAG("d", start_date=START):
        original = BashOperator(task_id="t", bash_command="true")

    copied = copy.copy(original)
    copied.bash_command = "false"

    assert type(copied) is BashOperator
    assert copied.__dict__.keys() == original.__dict__.keys()
    assert copied.downstream_task_ids is original.downstream_task_ids
    assert original.bash_command == "true"


def test_a_copy_of_a_dag_has_tasks_and_groups_of_its_own() -> None:
    with DAG("d") as dag, TaskGroup("g"):
        EmptyOperator(task_id="a")
    twin = copy.deepcopy(dag)

    EmptyOperator(task_id="b", dag=twin)

    assert (dag.task_ids, twin.task_ids) == (["g.a"], ["g.a", "b"])
    assert twin.get_task("g.a").task_group is twin.task_group_dict["g"]
    assert twin.get_task("g.a").dag is twin


def test_a_subclass_may_set_its_fields_before_and_after_the_base_constructor() -> None:
    class Mine(BaseOperator):
        template_fields = ("early", "late")

        def __init__(self, early: Any, late: Any, **kwargs: Any) -> None:
            self.early = early
            super().__init__(**kwargs)
            self.late = late

    dag = DAG("d")
    a, b = tasks(dag, "ab")
    mine = Mine(task_id="mine", early=a.output, late=[b.output["x"]], dag=dag)

    assert mine.upstream_task_ids == {"a", "b"}


def test_a_subclass_may_choose_the_dag_itself() -> None:
    """What a constructor hands on goes before the open `with DAG`."""
    chosen = DAG("chosen")

    class Mine(BaseOperator):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(dag=chosen, **kwargs)

    with DAG("open", auto_register=False) as outer:
        mine = Mine(task_id="mine")

    assert (mine.dag, chosen.task_ids, outer.task_ids) == (chosen, ["mine"], [])
    assert mine.task_group is chosen.task_group


def test_groups_of_the_same_name_get_free_ids_inside_another_group() -> None:
    with DAG("d") as dag, TaskGroup("outer"):
        for _ in range(2):
            with TaskGroup("g", add_suffix_on_collision=True):
                EmptyOperator(task_id="a")

    assert dag.task_ids == ["outer.g.a", "outer.g__1.a"]


def test_params_of_one_run_do_not_change_those_of_the_dag() -> None:
    params = ParamsDict({"x": Param(5, type="integer")})
    of_run = copy.copy(params)
    of_run["x"] = 6

    assert (params["x"], of_run["x"]) == (5, 6)


def test_a_wrong_param_is_named_with_its_schema() -> None:
    params = ParamsDict({"x": Param(5, type="integer", minimum=1)})

    with pytest.raises(AirflowException, match="param 'x': 0 is less than the minimum of 1"):
        params["x"] = 0
    with pytest.raises(AirflowException, match="its schema is no JSON schema"):
        Param(1, type="whole").resolve()


def test_dag_test_hands_over_to_who_can_run_dags(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(local_run, "_runners", [lambda *args, **named: asked.append((args, named))])
    dag = DAG("d", schedule=None)

    dag.test(START, run_conf={"a": 1}, mark_success_pattern="x")

    ((args, named),) = asked
    assert args == (dag, START)
    assert named == {
        "conf": {"a": 1},
        "connections_file": None,
        "variables_file": None,
        "mark_success_pattern": "x",
    }
    with pytest.raises(NotYetError, match="use_executor"):
        dag.test(use_executor=True)


def test_a_dag_decorates_functions_as_its_tasks() -> None:
    dag = DAG("d", schedule=None)

    @dag.task
    def first() -> int:
        return 1

    @dag.task(task_id="second")
    def other(x: int) -> int:
        return x

    other(first())

    assert dag.task_ids == ["first", "second"]
    assert dag.get_task("second").upstream_task_ids == {"first"}
