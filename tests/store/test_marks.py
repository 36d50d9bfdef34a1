"""Clearing follows ExternalTaskMarkers into other DAGs as Airflow 2.10.5 does.

`data/ask_marks.py` asked the real one about the same three DAGs; `data/marks.json` has the answers.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from flowctl.authoring.dag import DAG
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import MarkSpec
from flowctl.operators.empty import EmptyOperator
from flowctl.parsing.convert import dag_spec
from flowctl.parsing.task_convert import task_spec
from flowctl.sensors.external_task import ExternalTaskMarker
from flowctl.store import dags
from flowctl.store.clears import Clear, ClearError, clear, concerned
from flowctl.store.schema import dag_run, task_instance
from flowctl.store.triggers import Trigger, trigger

CASES = json.loads((Path(__file__).parent / "data" / "marks.json").read_text())["cases"]
DAYS = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC))
NEXT_DAY = "{{ (logical_date + macros.timedelta(days=1)).isoformat() }}"
FAILED = ("to_b", "x", "z")


def three_dags() -> list[DAG]:
    """Return DAGs that lead from A to B, to C a day later, and back to the second day of A."""
    with DAG("A", schedule="@daily", start_date=DAYS[0]) as first:
        to_b = ExternalTaskMarker(
            task_id="to_b", external_dag_id="B", external_task_id="x", recursion_depth=3
        )
        EmptyOperator(task_id="a") >> to_b >> EmptyOperator(task_id="after")
    with DAG("B", schedule="@daily", start_date=DAYS[0]) as second:
        make, drop = EmptyOperator(task_id="s"), EmptyOperator(task_id="t")
        work = EmptyOperator(task_id="y")
        to_c = ExternalTaskMarker(
            task_id="to_c", external_dag_id="C", external_task_id="z", execution_date=NEXT_DAY
        )
        EmptyOperator(task_id="x") >> work >> to_c
        make >> work >> drop.as_teardown(setups=make)
    with DAG("C", schedule="@daily", start_date=DAYS[0]) as third:
        EmptyOperator(task_id="z") >> ExternalTaskMarker(
            task_id="back",
            external_dag_id="A",
            external_task_id="a",
            execution_date=DAYS[1].isoformat(),
        )
    return [first, second, third]


@pytest.fixture
def site(conn: Connection) -> Connection:
    """Give a metastore with two ended runs of each DAG."""
    for dag in three_dags():
        spec = dag_spec(dag, f"{dag.dag_id}.py")
        dags.record(conn, ParsedFile(spec.file, "1", (spec,), spec.dag_id.encode()), DAYS[0])
        for day in DAYS:
            trigger(conn, Trigger(dag.dag_id, logical_date=day), "me", DAYS[1])
    ended = {"state": "success", "end_date": DAYS[1]}
    conn.execute(update(dag_run).values(ended))
    conn.execute(update(task_instance).values(ended))
    failed = task_instance.c.task_id.in_(FAILED)
    conn.execute(update(task_instance).where(failed).values(state="failed"))
    return conn


def test_what_a_marker_leads_to_is_what_airflow_clears(site: Connection) -> None:
    """66 questions: each task, alone and with what follows, on both days, all or failed only."""
    for dag_id, pattern, day, downstream, state, expected in CASES:
        wanted = Clear(
            (dag_id,),
            task_pattern=pattern,
            since=DAYS[day],
            until=DAYS[day],
            downstream=downstream,
            only_failed=state == "failed",
            is_recursive=True,
        )
        try:
            found = sorted(
                f"{one.dag_id} {one.logical_date.day} {one.task_id}"
                for one in concerned(site, wanted)
            )
        except ClearError:
            found = ["AirflowException"]

        assert found == expected, (dag_id, pattern, day, downstream, state)


def test_a_circle_of_markers_is_named(site: Connection) -> None:
    """Not followed for ever."""
    wanted = Clear(("A",), "to_b", since=DAYS[0], until=DAYS[0], is_recursive=True)

    with pytest.raises(ClearError, match="'to_b' of DAG 'A' leads on over more than 3 DAGs"):
        concerned(site, wanted)


def test_other_dags_are_left_alone_on_request(site: Connection) -> None:
    """As `tasks clear -x` wants it."""
    found = concerned(site, Clear(("A",), task_pattern="to_b", since=DAYS[1]))

    assert [one.task_id for one in found] == ["to_b"]


def test_the_runs_of_other_dags_start_again_as_well(site: Connection) -> None:
    """Their tasks are cleared in the same unit of work."""
    wanted = Clear(("A",), task_pattern="to_b", since=DAYS[1], is_recursive=True)

    cleared = clear(site, wanted, "me", DAYS[1])

    restarted = site.execute(
        dag_run.select().where(dag_run.c.state == "queued").order_by(dag_run.c.dag_id)
    ).all()
    assert [(run.dag_id, run.logical_date) for run in restarted] == [("A", DAYS[1]), ("B", DAYS[1])]
    assert {one.dag_id for one in cleared} == {"A", "B"}


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("{{ logical_date.isoformat() }}", {"offset": timedelta()}),
        ("{{ execution_date.subtract(hours=6) }}", {"offset": timedelta(hours=-6)}),
        ("{{ macros.ds_add(ds, 1) }}", None),  # midnight: not as far from every run
        ("{{ ts }}", {"offset": timedelta()}),
        ("2024-05-06T07:00:00", {"date": datetime(2024, 5, 6, 7, tzinfo=UTC)}),
        ("{{ run_id }}", None),
    ],
)
def test_a_marker_knows_how_far_away_the_other_run_is(
    date: str, expected: dict[str, object] | None
) -> None:
    """The template is rendered where the DAG file is parsed, never where tasks are cleared."""
    with DAG("d", schedule=None):
        marker = ExternalTaskMarker(
            task_id="m", external_dag_id="o", external_task_id="t", execution_date=date
        )

    if expected is None:
        with pytest.warns(UserWarning, match="'m' of DAG 'd': clearing does not go on to 'o'"):
            assert task_spec(marker).mark is None
    else:
        assert task_spec(marker).mark == MarkSpec("o", "t", **expected)  # type: ignore[arg-type]  # by name
