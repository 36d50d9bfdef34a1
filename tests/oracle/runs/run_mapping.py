"""Tasks that are mapped over literals, results of tasks, and what is made of those."""

from datetime import datetime

from airflow.decorators import dag, task
from airflow.exceptions import AirflowSkipException
from airflow.models.baseoperator import BaseOperator
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

ONE_DAY = {
    "schedule": "@daily",
    "start_date": datetime(2024, 1, 1),
    "end_date": datetime(2024, 1, 1),
    "catchup": True,
}


@task
def give(value=None, fail=False, skip=False):
    if fail:
        raise ValueError("as it should be")
    if skip:
        raise AirflowSkipException("as it should be")
    return value


@task(trigger_rule="all_done")
def collect(values):
    return [type(values).__name__, None if values is None else list(values)]


def numbers(name, *values):
    return give.override(task_id=name)(list(values))


class Keep(BaseOperator):
    template_fields = ("text", "items")

    def __init__(self, text="", items=None, plain="", **kwargs):
        super().__init__(**kwargs)
        self.text, self.items, self.plain = text, items, plain

    def execute(self, context):
        return [self.text, self.items, self.plain]


@dag(**ONE_DAY)
def map_literals():
    @task
    def both(a, b=0, c=0):
        return [a, b, c]

    both.override(task_id="single").expand(a=[1, "two", None, {"x": 3}])
    both.override(task_id="of_dict").expand(a={"x": 1, "y": [2]})
    both.override(task_id="cross").expand(a=[1, 2], b=["x", "y", "z"])
    both.override(task_id="three").partial(c=9).expand(b=(1, 2), a=[3, 4])
    both.override(task_id="dicts").expand_kwargs([{"a": 1, "b": 2}, {"a": 3}])
    both.override(task_id="fixed").partial(b=5).expand_kwargs([{"a": 1}, {"a": 2, "c": 3}])
    both.override(task_id="again").partial(b=5).expand_kwargs([{"a": 1, "b": 2}], strict=False)
    both.override(task_id="one").expand(a=["{{ ds }}"])
    Keep.partial(task_id="templates", plain="{{ ds }}").expand(text=["{{ ds }}", "{{ ti.map_index }}"])
    Keep.partial(task_id="kept", text="{{ ds_nodash }}").expand(items=[["{{ ds }}"], [1]])
    Keep.partial(task_id="operator_dicts").expand_kwargs(
        [{"text": "{{ ds }}"}, {"text": "b", "plain": "c"}]
    )
    BashOperator.partial(task_id="bash", env={"WHO": "{{ ds }}"}).expand(
        bash_command=["echo $WHO", "echo {{ ti.map_index }} of {{ expanded_ti_count }}"]
    )
    PythonOperator.partial(task_id="python", python_callable=lambda a, b=None: [a, b]).expand(
        op_args=[[1], [2, 3]]
    )
    both.override(task_id="nothing").expand(a=[])


map_literals()


@dag(**ONE_DAY)
def map_results():
    @task
    def both(a, b=0):
        return [a, b]

    source = numbers("source", 1, 2, 3)
    mapping = give.override(task_id="mapping")({"x": 1, "y": 2})
    texts = numbers("texts", "{{ ds }}", "plain")
    rows = numbers("rows", {"a": 1}, {"a": 2, "b": 3})
    both.override(task_id="single").expand(a=source)
    both.override(task_id="of_dict").expand(a=mapping)
    both.override(task_id="mixed").expand(a=source, b=["x", "y"])
    both.override(task_id="mixed_other").expand(b=["x", "y"], a=source)
    both.override(task_id="two").expand(a=mapping, b=texts)
    both.override(task_id="fixed").partial(b=texts).expand(a=source)
    both.override(task_id="dicts").expand_kwargs(rows)
    both.override(task_id="dicts_in_list").expand_kwargs([{"a": source}, {"a": 1, "b": texts}])
    Keep.partial(task_id="not_rendered", plain="{{ ds }}").expand(text=texts)
    Keep.partial(task_id="rendered_beside", items=["{{ ds }}"]).expand(text=texts)
    doubled = both.override(task_id="first").expand(a=source)
    again = both.override(task_id="mapped_over_mapped").expand(a=doubled)
    collect.override(task_id="reduced")(again)
    both.override(task_id="mapped_over_reduced").expand(
        a=collect.override(task_id="list_of")(doubled)
    )
    Keep.partial(task_id="output").expand(text=source).output >> give.override(task_id="end")(1)


map_results()


@dag(**ONE_DAY)
def map_changed():
    @task
    def one(a):
        return a

    short, long = numbers("short", 1, 2), numbers("long", "a", "b", "c")
    pairs = give.override(task_id="mapping")({"x": 1, "y": 2})

    def only_odd(value):
        if value % 2 == 0:
            raise AirflowSkipException("even")
        return value

    mapped = one.override(task_id="mapped").expand(a=short.map(lambda v: v * 10))
    one.override(task_id="mapped_twice").expand(a=short.map(lambda v: v * 10).map(str))
    odd = one.override(task_id="some_skipped").expand(a=short.map(only_odd))
    collect.override(task_id="of_some")(odd)
    one.override(task_id="fails").expand(a=short.map(lambda v: 1 // (v - 1)))
    one.override(task_id="zipped").expand(a=short.zip(long))
    one.override(task_id="zipped_three").expand(a=short.zip(long, short))
    one.override(task_id="filled").expand(a=short.zip(long, fillvalue="?"))
    one.override(task_id="zipped_mapped").expand(a=short.map(str).zip(long).map(list))
    one.override(task_id="joined").expand(a=short.concat(long))
    one.override(task_id="joined_mapped").expand(a=short.concat(long, short).map(str))
    one.override(task_id="of_mapped").expand(a=mapped.map(lambda v: v + 1))
    one.override(task_id="zipped_with_mapped").expand(a=long.zip(mapped))
    collect.override(task_id="unmapped_zip")(mapped)
    one.override(task_id="pairs").expand_kwargs(long.map(lambda v: {"a": v}))


map_changed()


@dag(**ONE_DAY)
def map_ends():
    """How what a task is mapped over ended, and what becomes of it."""

    @task
    def one(a):
        return a

    @task
    def long():
        return list(range(1025))

    one.override(task_id="over_scalar").expand(a=give.override(task_id="scalar")(1))
    one.override(task_id="over_text").expand(a=give.override(task_id="text")("abc"))
    one.override(task_id="over_none").expand(a=give.override(task_id="none")(None))
    one.override(task_id="over_long").expand(a=long())
    one.override(task_id="over_failed").expand(a=give.override(task_id="failed")(fail=True))
    one.override(task_id="over_skipped").expand(a=give.override(task_id="skipped")(skip=True))
    one.override(task_id="failed_all_done", trigger_rule="all_done").expand(
        a=give.override(task_id="failed_too")(fail=True)
    )
    silent = give.override(task_id="silent", do_xcom_push=False)([1])
    one.override(task_id="over_silent").expand(a=silent)
    empty = one.override(task_id="over_empty").expand(a=numbers("empty"))
    collect.override(task_id="after_empty")(empty)
    give.override(task_id="after_empty_succeeds")(1).set_upstream(empty)
    one.override(task_id="cross_empty").expand(a=numbers("empty_too").map(str))
    # One after the other: which of a failed and a skipped one is seen first decides for what follows.
    some = give.override(task_id="some_end_badly", max_active_tis_per_dagrun=1).expand_kwargs(
        [{"value": 1}, {"value": 2, "fail": True}, {"value": 3, "skip": True}, {"value": None}]
    )
    collect.override(task_id="what_they_left")(some)
    one.override(task_id="over_some", trigger_rule="all_done").expand(a=some)
    one.override(task_id="over_some_strictly").expand(a=some)
    wrong = one.override(task_id="wrong_dicts").expand_kwargs(numbers("no_dicts", 1, 2))
    unknown = one.override(task_id="unknown_names").expand_kwargs(numbers("bad", {"b": 1}))
    collect.override(task_id="end")([wrong, unknown])


map_ends()


@dag(**ONE_DAY)
def map_tries():
    @task(retries=2, retry_delay=0)
    def needs(tries, ti=None):
        if ti.try_number < tries:
            raise ValueError("not yet")
        return ti.map_index

    collect(needs.expand(tries=[1, 2, 3, 4]))


map_tries()


@dag(**ONE_DAY)
def map_context():
    @task
    def about(x, ti=None, expanded_ti_count=None, task=None, map_index_template=None):
        return [ti.map_index, expanded_ti_count, task.task_id, type(task).__name__, x]

    @task(map_index_template="{{ name }} of {{ ti.task_id }}")
    def named(x):
        from airflow.operators.python import get_current_context

        get_current_context()["name"] = f"number {x}"
        if x == 2:
            raise ValueError("named all the same")

    @task(trigger_rule="all_done")
    def pull(ti=None):
        return {
            "all": list(ti.xcom_pull("about")),
            "type": type(ti.xcom_pull("about")).__name__ == "list",
            "one": ti.xcom_pull("about", map_indexes=1),
            "some": list(ti.xcom_pull("about", map_indexes=[2, 0])),
            "missing": ti.xcom_pull("about", map_indexes=7),
            "tasks": list(ti.xcom_pull(["about", "single"])),
            "length": len(ti.xcom_pull("about")),
            "last": ti.xcom_pull("about")[-1],
            "keys": list(ti.xcom_pull("push", key="k")),
        }

    @task
    def push(x, ti=None):
        ti.xcom_push("k", f"{x}{ti.map_index}")

    all_of_it = about.expand(x=["a", "b", "c"])
    single = give.override(task_id="single")("alone")
    [all_of_it, single, named.expand(x=[1, 2]), push.expand(x=["p", "q"])] >> pull()
    BashOperator.partial(task_id="named_bash", map_index_template="{{ task.bash_command }}").expand(
        bash_command=["true", "echo {{ ds }}"]
    )
    BashOperator(
        task_id="of_all",
        bash_command="echo '{{ ti.xcom_pull('about')[0] }}' '{{ ti.xcom_pull('about') | length }}'",
    ).set_upstream(all_of_it)


map_context()


@dag(
    schedule="@daily",
    start_date=datetime(2024, 1, 1),
    end_date=datetime(2024, 1, 2),
    catchup=True,
)
def map_past():
    @task(depends_on_past=True)
    def waits(x, ds=None):
        if (x, ds) == (2, "2024-01-01"):
            raise AirflowSkipException("skipped is good enough")
        return x

    waits.expand(x=[1, 2, 3])
    waits.override(task_id="of_result").expand(x=numbers("source", 1, 2))


map_past()
