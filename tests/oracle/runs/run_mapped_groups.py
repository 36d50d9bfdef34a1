"""Task groups that are mapped, rules over mapped tasks, branches among them."""

from datetime import datetime

from airflow.decorators import dag, task, task_group
from airflow.exceptions import AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.utils.task_group import TaskGroup

ONE_DAY = {
    "schedule": "@daily",
    "start_date": datetime(2024, 1, 1),
    "end_date": datetime(2024, 1, 1),
    "catchup": True,
}
RULES = (
    "all_success",
    "all_failed",
    "all_done",
    "one_success",
    "one_failed",
    "one_done",
    "none_failed",
    "none_failed_min_one_success",
    "none_skipped",
    "all_skipped",
)
ENDS = {
    "good": "ss",
    "bad": "ff",
    "left_out": "kk",
    "mixed": "sfk",
    "some_bad": "sf",
    "some_out": "sk",
}


@task
def give(value):
    return value


@task
def end_as(how):
    if how == "f":
        raise ValueError("as it should be")
    if how == "k":
        raise AirflowSkipException("as it should be")
    return how


@task(trigger_rule="all_done")
def collect(values):
    return None if values is None else list(values)


@dag(**ONE_DAY)
def map_rules():
    """Every rule behind a mapped task whose instances end in different ways."""
    # One after the other: which of a failed and a skipped one is seen first decides what follows.
    for name, ends in ENDS.items():
        one_by_one = end_as.override(task_id=name, max_active_tis_per_dagrun=1)
        mapped = one_by_one.expand(how=list(ends))
        for rule in RULES:
            EmptyOperator(task_id=f"{name}_{rule}", trigger_rule=rule).set_upstream(mapped)


map_rules()


@dag(**ONE_DAY)
def map_groups():
    @task_group
    def steps(x, y=5):
        first = give.override(task_id="first")(x)
        with TaskGroup("inner"):
            second = give.override(task_id="second")(first)
            BashOperator(task_id="bash", bash_command="$DO", env={"DO": x}).set_upstream(second)
        EmptyOperator(task_id="empty").set_upstream(second)
        give.override(task_id="both")([second, y])
        return second

    source = give.override(task_id="source")(["echo 1", "exit 1", "echo {{ ds }}"])
    collect.override(task_id="of_results")(steps.expand(x=source))
    collect.override(task_id="of_literals")(
        steps.override(group_id="literal").expand(x=["echo a", "echo b"], y=[1, 2])
    )
    collect.override(task_id="of_partial")(
        steps.override(group_id="partial").partial(y=7).expand(x=["echo a"])
    )
    rows = give.override(task_id="rows")([{"x": "echo 1", "y": 2}, {"x": "echo 3", "y": 4}])
    steps.override(group_id="dicts").expand_kwargs(rows)
    steps.override(group_id="literal_dicts").expand_kwargs([{"x": "echo 1", "y": 1}])
    nothing = give.override(task_id="nothing")([])
    collect.override(task_id="of_nothing")(steps.override(group_id="none").expand(x=nothing))


map_groups()


@dag(**ONE_DAY)
def map_group_ends():
    """One index that ends badly stops its own index only."""

    @task_group
    def chain(how):
        first = end_as.override(task_id="first")(how)
        second = give.override(task_id="second")(first)
        give.override(task_id="third", trigger_rule="all_done")(second)
        give.override(task_id="fourth", trigger_rule="none_failed")(second)

    for name, ends in ENDS.items():
        after = chain.override(group_id=name).expand(how=list(ends))
        after >> EmptyOperator(task_id=f"after_{name}", trigger_rule="one_success")
        xcom = give.override(task_id=f"give_{name}")(list(ends))
        again = chain.override(group_id=f"{name}_result").expand(how=xcom)
        again >> EmptyOperator(task_id=f"after_{name}_result", trigger_rule="none_skipped")

    before = end_as.override(task_id="fails_before")("f")
    before >> chain.override(group_id="behind_failed").expand(how=["s", "s"])
    source = give.override(task_id="good_source")(["s", "s"])
    before >> chain.override(group_id="behind_failed_result").expand(how=source)
    chain.override(group_id="over_failed").expand(how=before)


map_group_ends()


@dag(**ONE_DAY)
def map_group_rules():
    """Every rule inside a mapped group, behind a task of the same index."""

    @task_group
    def each(how, rule):
        first = end_as.override(task_id="first")(how)
        EmptyOperator(task_id="then", trigger_rule=rule).set_upstream(first)

    for rule in RULES:
        if rule in ("one_success", "one_failed", "one_done"):
            continue  # those look at all indexes, and when they do depends on the pace
        each.override(group_id=rule).partial(rule=rule).expand(how=["s", "f", "k"])


map_group_rules()


@dag(**ONE_DAY)
def map_branches():
    @task.branch
    def choose(ids):
        return ids

    @task_group
    def branching(which):
        branch = choose.override(task_id="branch")(which)
        left = EmptyOperator(task_id="left")
        right = EmptyOperator(task_id="right")
        join = EmptyOperator(task_id="join", trigger_rule="none_failed_min_one_success")
        branch >> [left, right] >> join

    branching.expand(which=["branching.left", "branching.right"])

    @task_group
    def stopping(go_on):
        @task.short_circuit
        def stop(go_on):
            return go_on

        stop(go_on) >> EmptyOperator(task_id="then") >> EmptyOperator(task_id="last")

    stopping.expand(go_on=[True, False])

    source = give.override(task_id="source")([1, 2])
    over_result = give.override(task_id="over_result").expand(value=source)
    other = EmptyOperator(task_id="other")
    choose.override(task_id="plain_branch")("other") >> [over_result, other]

    chosen = give.override(task_id="chosen").expand(value=source)
    choose.override(task_id="to_mapped")("chosen") >> [chosen, EmptyOperator(task_id="left_out")]


map_branches()
