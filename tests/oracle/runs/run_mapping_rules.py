"""Every rule of a mapped task, and behind mapped groups; setups, stops and names among them."""

from datetime import datetime

from airflow.decorators import dag, setup, task, task_group, teardown
from airflow.exceptions import AirflowSkipException
from airflow.operators.empty import EmptyOperator

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
    "always",
)
ENDS = {"good": "ss", "bad": "ff", "left_out": "kk", "mixed": "sfk", "some_out": "sk"}


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
def map_rules_of_mapped():
    """Every rule of a mapped task, over literals and over results, behind each kind of end."""
    for how in "sfk":
        before = end_as.override(task_id=f"before_{how}")(how)
        for rule in RULES:
            one = give.override(task_id=f"{rule}_{how}", trigger_rule=rule)
            before >> one.expand(value=[1, 2])
            if rule == "always":  # it cannot wait for what it is mapped over
                continue
            over = give.override(task_id=f"{rule}_{how}_result", trigger_rule=rule)
            before >> over.expand(value=give.override(task_id=f"source_{rule}_{how}")([3]))


map_rules_of_mapped()


@dag(**ONE_DAY)
def map_rules_after_groups():
    """Every rule behind a mapped group whose indexes end in different ways."""

    @task_group
    def chain(how):
        first = end_as.override(task_id="first", max_active_tis_per_dagrun=1)(how)
        give.override(task_id="second")(first)

    # One after the other: which of a failed and a skipped one is seen first decides what follows.
    for name, ends in ENDS.items():
        group = chain.override(group_id=name).expand(how=list(ends))
        for rule in RULES:
            group >> EmptyOperator(task_id=f"{name}_{rule}", trigger_rule=rule)


map_rules_after_groups()


@dag(**ONE_DAY)
def map_stops():
    """Branches and stops inside mapped groups: what they leave out, and what still runs."""

    @task_group
    def stopping(go_on):
        @task.short_circuit
        def stop(go_on):
            return go_on

        @task.short_circuit(ignore_downstream_trigger_rules=False)
        def stop_next(go_on):
            return go_on

        after, kept = stop(go_on), stop_next(go_on)
        after >> EmptyOperator(task_id="then")
        after >> EmptyOperator(task_id="then_done", trigger_rule="all_done")
        kept >> EmptyOperator(task_id="next") >> EmptyOperator(task_id="end", trigger_rule="all_done")

    stopping.expand(go_on=[True, False])

    @task.branch
    def choose(which):
        return [f"forks.{one}" for one in which]

    @task_group
    def forks(which):
        paths = [EmptyOperator(task_id=one) for one in "abc"]
        choose(which) >> paths >> EmptyOperator(task_id="any", trigger_rule="one_done")
        paths >> EmptyOperator(task_id="every", trigger_rule="all_done")

    forks.expand(which=[["a"], ["b", "c"], []])


map_stops()


@dag(**ONE_DAY)
def map_results_of_groups():
    """What comes out of mapped groups, reduced."""

    @task_group
    def tens(x):
        @task
        def ten(v):
            return v * 10

        return ten(x)

    numbers = give.override(task_id="numbers")([1, 2, 3])
    collect.override(task_id="reduced")(tens.expand(x=numbers))


map_results_of_groups()


@dag(**ONE_DAY)
def map_joined():
    """Lists that are joined to dicts and to nothing."""
    numbers = give.override(task_id="numbers")([1, 2, 3])
    mapping = give.override(task_id="mapping")({"a": 1, "b": 2})
    nothing = give.override(task_id="nothing")([])
    give.override(task_id="joined_to_dict").expand(value=numbers.concat(mapping))
    give.override(task_id="joined_to_nothing").expand(value=numbers.concat(nothing))
    give.override(task_id="zipped_to_nothing").expand(value=numbers.zip(nothing))
    give.override(task_id="filled_from_nothing").expand(value=numbers.zip(nothing, fillvalue=0))
    give.override(task_id="crossed").expand_kwargs(
        numbers.map(lambda v: {"value": {"double": v * 2}})
    )


map_joined()


@dag(**ONE_DAY)
def map_setups():
    """Setups and teardowns around mapped tasks, and in mapped groups."""

    @setup
    def begin(how="s"):
        if how == "f":
            raise ValueError("as it should be")

    @teardown
    def end():
        return "ended"

    up, down = begin.override(task_id="up")(), end.override(task_id="down")()
    up >> end_as.override(task_id="some_fail").expand(how=list("sf")) >> down
    up >> down

    @task_group
    def around(how):
        up, work, down = begin(how), give.override(task_id="work")(how), end()
        up >> work >> down
        up >> down

    around.expand(how=["s", "f"])


map_setups()


@dag(**ONE_DAY)
def map_names():
    """`map_index_template` over fields, over what the task sets, and in groups."""

    @task(map_index_template="{{ task.op_kwargs['value'] }}")
    def by_field(value):
        return value

    @task(map_index_template="{{ ti.map_index }} of {{ ds }}")
    def by_index(value):
        return value

    by_field.expand(value=["a", "b"])
    by_index.expand(value=give.override(task_id="source")([1, 2]))

    @task_group
    def group(x):
        by_index.override(task_id="inside")(x)

    group.expand(x=[1, 2])


map_names()
