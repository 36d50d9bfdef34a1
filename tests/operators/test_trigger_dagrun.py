"""A task starts a run of another DAG, waits for it, and leaves a link to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowctl import clock
from flowctl.authoring import ports
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowSkipException,
    DagNotFound,
    DagRunAlreadyExists,
)
from flowctl.authoring.extra_links import BaseOperatorLink
from flowctl.authoring.ports import (
    InMemoryPorts,
    RunAnswer,
    RunRequest,
    RunRow,
    StateQuery,
    StateRow,
)
from flowctl.authoring.starting_runs import trigger_dag
from flowctl.core.attempt import Outcome
from flowctl.operators.python import PythonOperator
from flowctl.operators.trigger_dagrun import XCOM_RUN_ID, TriggerDagRunOperator
from flowctl.runner.local import run_dag

DAY = datetime(2024, 1, 1, tzinfo=UTC)


class World(InMemoryPorts):
    """Other DAGs, whose runs take the given states one after the other, look by look."""

    def __init__(self, *states: str, how: str = "") -> None:
        super().__init__()
        self.next_states = list(states)
        self.how = how
        self.requests: list[RunRequest] = []

    def start_run(self, request: RunRequest) -> RunAnswer:
        self.requests.append(request)
        if self.how in ("absent", "paused"):
            return RunAnswer(self.how)  # type: ignore[arg-type]  # one of them
        date = request.logical_date or DAY
        row = RunRow(request.run_id or f"manual__{date.isoformat()}", "manual", "queued", date)
        return RunAnswer(self.how or "started", row)  # type: ignore[arg-type]

    def state_rows(self, query: StateQuery) -> list[StateRow]:
        assert query.run_ids is not None
        assert all(isinstance(run_id, str) for run_id in query.run_ids)
        return [StateRow(query.run_ids[0], DAY, self.next_states.pop(0))]


class Instance:
    """The running task instance, as far as starting runs goes."""

    def __init__(self, world: World) -> None:
        self.start_run = world.start_run
        self.pushed: dict[str, Any] = {}

    map_index = -1

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def xcom_pull(self, task_ids: str, key: str, map_indexes: int | None = None) -> Any:
        """Answer as for a mapped task: without an index with what all instances left."""
        assert task_ids == "t"
        return [self.pushed[key]] if map_indexes != self.map_index else self.pushed[key]


def started(world: World, **options: Any) -> Instance:
    ports.use(world)
    ti = Instance(world)
    call = TriggerDagRunOperator(task_id="t", trigger_dag_id="other", poke_interval=0, **options)
    call.execute({"ti": ti})
    return ti


def test_what_is_asked_for_is_handed_on() -> None:
    world = World()

    ti = started(
        world,
        trigger_run_id="x",
        conf={"day": DAY.day},
        logical_date="2024-01-01T00:00:00",
        reset_dag_run=True,
        fail_when_dag_is_paused=True,
        note="why",
    )

    assert world.requests == [
        RunRequest("other", "x", DAY, {"day": 1}, "why", clears=True, unless_paused=True)
    ]
    assert ti.pushed == {
        "trigger_run_id": "x",
        "trigger_logical_date_iso": "2024-01-01T00:00:00+00:00",
    }


def test_a_run_without_a_date_is_for_now() -> None:
    world = World()
    before = clock.utcnow()

    started(world)

    date = world.requests[0].logical_date
    assert date is not None
    assert before <= date <= clock.utcnow()


def test_a_conf_may_be_json() -> None:
    world = World()
    started(world, conf='{"a": [1]}')
    assert world.requests[0].conf == {"a": [1]}


@pytest.mark.parametrize("conf", [{"a": object()}, "{nothing", [1]])
def test_a_conf_that_is_none_is_refused(conf: Any) -> None:
    with pytest.raises(AirflowException, match="conf of task 't'"):
        started(World(), conf=conf)


def test_it_waits_until_the_run_is_in_an_allowed_state() -> None:
    world = World("queued", "running", "success", "never asked")
    started(world, wait_for_completion=True)
    assert world.next_states == ["never asked"]


@pytest.mark.parametrize(
    ("states", "options"),
    [(["running", "failed"], {}), (["success"], {"failed_states": ["success"]})],
)
def test_a_run_that_fails_fails_the_task(states: list[str], options: dict[str, Any]) -> None:
    with pytest.raises(AirflowException, match=f"other failed with failed states {states[-1]}"):
        started(World(*states), wait_for_completion=True, **options)


def test_an_instance_of_a_mapped_task_goes_on_with_the_run_that_it_started() -> None:
    world = World("success")
    ports.use(world)
    ti = Instance(world)
    ti.map_index = 1
    ti.xcom_push(XCOM_RUN_ID, "mine")
    call = TriggerDagRunOperator(task_id="t", trigger_dag_id="other", wait_for_completion=True)

    call.execute_complete({"ti": ti}, ("", {"run_ids": ["mine"]}))

    assert world.next_states == []


def test_other_states_may_be_allowed() -> None:
    started(World("failed"), wait_for_completion=True, allowed_states=["failed"], failed_states=[])


def test_a_state_that_is_none_is_refused_when_the_file_is_read() -> None:
    with pytest.raises(ValueError, match="'done'"):
        started(World(), allowed_states=["done"])


@pytest.mark.parametrize(
    ("how", "options", "error"),
    [
        ("there", {}, DagRunAlreadyExists),
        ("there", {"skip_when_already_exists": True}, AirflowSkipException),
        ("absent", {}, DagNotFound),
        ("paused", {}, AirflowException),
    ],
)
def test_what_stands_in_the_way_is_said_as_in_airflow(
    how: str, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        started(World(how=how), **options)


def test_a_moment_to_come_is_refused() -> None:
    with pytest.raises(AirflowException, match="which is still to come"):
        started(World(), run_after=clock.utcnow() + timedelta(hours=1))


def test_the_old_name_of_the_date_still_works() -> None:
    world = World()
    with pytest.warns(DeprecationWarning, match="execution_date of task 't'"):
        started(world, execution_date=DAY)
    assert world.requests[0].logical_date == DAY


def test_a_date_is_no_number() -> None:
    with pytest.raises(TypeError, match="logical_date of task 't' is a datetime or a text, not 3"):
        started(World(), logical_date=3)


def last_try(*tasks: Any) -> Outcome:
    """Run a DAG of one task in this process."""
    with DAG("d", start_date=DAY, schedule=None) as dag:
        (make,) = tasks
        made = make()
    return run_dag(dag, DAY).outcomes[made.task_id][-1]


def test_in_a_test_of_a_dag_a_run_that_is_waited_for_counts_as_successful() -> None:
    outcome = last_try(
        lambda: TriggerDagRunOperator(
            task_id="t", trigger_dag_id="other", wait_for_completion=True, trigger_run_id="x"
        )
    )
    assert outcome.state == "success"
    assert outcome.xcoms["_link_TriggerDagRunLink"].endswith('/dags/other/grid?dag_run_id=x"')


class Docs(BaseOperatorLink):
    """A link as users write it."""

    name = "Docs"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        return f"https://docs/{operator.task_id}/{ti_key.run_id}"


class Old(BaseOperatorLink):
    """A link as it was before Airflow 2.3."""

    name = "Old"

    def get_link(self, _operator: Any, dttm: datetime) -> str:  # type: ignore[override]
        return f"https://old/{dttm.isoformat()}"


class Broken(BaseOperatorLink):
    """A link that fails."""

    name = "Broken"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        raise LookupError(f"nothing of {operator} at {ti_key}")


class Linked(PythonOperator):
    operator_extra_links = (Docs(), Old(), Broken())


@pytest.mark.parametrize(("result", "state"), [("1", "success"), ("1 / 0", "failed")])
def test_links_are_kept_however_the_task_ends(result: str, state: str) -> None:
    outcome = last_try(lambda: Linked(task_id="t", python_callable=lambda: eval(result)))

    assert outcome.state == state
    assert outcome.xcoms["_link_Docs"] == '"https://docs/t/manual__2024-01-01T00:00:00+00:00"'
    assert outcome.xcoms["_link_Old"] == '"https://old/2024-01-01T00:00:00+00:00"'
    assert "_link_Broken" not in outcome.xcoms


def test_the_code_of_a_task_may_start_runs() -> None:
    world = World()
    ports.use(world)

    run = trigger_dag("other", conf='{"a": 1}', execution_date=DAY.replace(microsecond=5))

    assert (run.dag_id, run.run_id) == ("other", "manual__2024-01-01T00:00:00+00:00")
    assert world.requests[0].conf == {"a": 1}
