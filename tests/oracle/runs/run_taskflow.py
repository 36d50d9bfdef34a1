"""TaskFlow: results handed on, several outputs, groups, and what the context gives."""

from datetime import datetime

from airflow.decorators import dag, task, task_group


@dag(
    schedule="@daily", start_date=datetime(2024, 1, 1), end_date=datetime(2024, 1, 1), catchup=True
)
def run_taskflow(first: int = 4, second: str = "two"):
    @task
    def numbers(start):
        return [start, start + 1, start + 2]

    @task(multiple_outputs=True)
    def sizes(values: list):
        return {"length": len(values), "total": sum(values)}

    @task
    def outputs() -> dict[str, int]:
        return {"a": 1, "b": 2}

    @task
    def show(length, total, ds=None, ti=None, params=None):
        return [length, total, ds, ti.task_id, ti.try_number, params["second"]]

    @task
    def with_everything(value, **context):
        return [value, context["ds"], context["task"].task_id, sorted(context["params"])]

    @task_group
    def finish(value):
        @task
        def double(value):
            return value * 2

        @task
        def as_text(value, suffix="!"):
            return f"{value}{suffix}"

        return as_text(double(value))

    @task.bash
    def command(word, ds=None):
        return f"echo {word} {ds} {{{{ run_id }}}}"

    @task.bash(skip_on_exit_code=3)
    def leaves(code):
        return f"exit {code}"

    @task.short_circuit
    def go_on(value):
        return value > 100

    found = sizes(numbers(first))
    command("hello") >> [leaves(2), leaves(3)]
    go_on(found["total"]) >> show.override(task_id="not_shown")(0, 0)
    shown = show(found["length"], found["total"])
    more = outputs()
    with_everything.override(task_id="renamed")(more["a"])
    finish(more["b"]) >> shown
    [show.override(task_id=f"again_{n}")(n, second) for n in range(2)]


run_taskflow()
