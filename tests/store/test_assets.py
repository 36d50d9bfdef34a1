"""Updates of assets, and the runs that take them, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from flowctl.authoring.ports import AssetQuery
from flowctl.core.assets import AssetSpec, AssetUpdate, Condition
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.store import assets, dag_actions, dags, snapshot
from flowctl.store.assets import AssetError, Update
from flowctl.store.engine import writing
from flowctl.store.queries import assets as queries
from flowctl.store.schema import asset, asset_queue, dag_run
from flowctl.store.versions import Versions
from tests.store.rows import add_run

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B = AssetSpec("s3://a", "first"), AssetSpec("b", "b")
ON_A = Condition("asset", "s3://a")
ON_BOTH = Condition("all", parts=(ON_A, Condition("asset", "b")))


def define(conn: Connection, dag_id: str, condition: Condition | None, content: str = "") -> None:
    """Let a file define a DAG that waits for assets; its task makes `b`."""
    spec = DagSpec(
        dag_id,
        f"{dag_id}.py",
        (TaskSpec("t", outlets=(Condition("asset", "b"),)),),
        schedule=ScheduleSpec("assets", condition=condition) if condition else ScheduleSpec(),
        assets=(A, B),
    )
    parsed = ParsedFile(f"{dag_id}.py", content or "1", (spec,), source=content.encode() or b"1")
    dags.record(conn, parsed, NOON, paused_at_creation=False)


def happen(conn: Connection, *specs: AssetSpec, at: datetime = NOON, **said: Any) -> None:
    """Update assets from outside."""
    assets.record(conn, [Update(AssetUpdate(spec, **said)) for spec in specs], at)


def take(conn: Connection, dag_id: str) -> Any:
    """Make the run that is due; return its row, None if there is none."""
    owner = snapshot.read_dags(conn, Versions(), [dag_id])[0]
    pk = assets.take(conn, owner, NOON)
    return pk and conn.execute(select(dag_run).where(dag_run.c.id == pk)).one()


def taken(conn: Connection, run: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of a run."""
    return [(e.uri, e.extra) for e in queries.events(conn, AssetQuery(run_pk=run.id))]


def test_an_update_is_new_for_each_dag_that_waits_and_comes_into_one_run(conn: Connection) -> None:
    """The run's date is the moment of the last update, and so is its id."""
    define(conn, "one", ON_A)
    define(conn, "both", ON_BOTH)
    happen(conn, A, at=NOON, extra={"rows": 3})
    happen(conn, B, at=NOON + timedelta(minutes=1))

    news = assets.news(conn)
    assert news["one"] == {("asset", "s3://a"), ("name", "first")}
    assert news["both"] == news["one"] | {("asset", "b"), ("name", "b")}

    run = take(conn, "both")
    assert run.run_id == "dataset_triggered__2026-03-01T12:01:00+00:00"
    assert (run.run_type, run.state) == ("dataset_triggered", "queued")
    assert (run.data_interval_start, run.data_interval_end) == (NOON, NOON + timedelta(minutes=1))
    assert taken(conn, run) == [("s3://a", {"rows": 3}), ("b", {})]
    assert "both" not in assets.news(conn)
    assert take(conn, "both") is None
    assert taken(conn, take(conn, "one")) == [("s3://a", {"rows": 3})]


def test_updates_that_come_while_a_run_waits_for_room_are_all_in_it(conn: Connection) -> None:
    """Many updates are one run."""
    define(conn, "one", ON_A)
    for number in range(3):
        happen(conn, A, at=NOON + timedelta(seconds=number), extra={"n": number})

    assert [extra["n"] for _, extra in taken(conn, take(conn, "one"))] == [0, 1, 2]


def test_the_interval_covers_the_data_of_the_runs_that_made_the_updates(conn: Connection) -> None:
    """It is taken from the runs of the tasks."""
    define(conn, "one", ON_A)
    pk = add_run(conn, "source", "r", [])
    conn.execute(
        dag_run.update()
        .where(dag_run.c.id == pk)
        .values(data_interval_start=NOON - timedelta(days=9), data_interval_end=NOON)
    )
    ti = conn.exec_driver_sql(
        "INSERT INTO task_instance (dag_run_id, task_id, map_index, state, try_number, max_tries,"
        " operator, pool, pool_slots, priority_weight, queue, revision)"
        f" VALUES ({pk}, 't', 4, 'running', 1, 0, '', 'default_pool', 1, 1, 'default', 1)"
        " RETURNING id"
    ).scalar_one()
    assets.record(conn, [Update(AssetUpdate(A), ti)], NOON + timedelta(hours=1))

    run = take(conn, "one")
    assert (run.data_interval_start, run.data_interval_end) == (NOON - timedelta(days=9), NOON)
    event = queries.events(conn, AssetQuery(run_pk=run.id))[0]
    assert (event.source_dag_id, event.source_task_id, event.source_map_index) == ("source", "t", 4)
    assert event.source_run is not None
    assert event.source_run.data_interval_end == NOON


def test_a_paused_dag_gets_its_updates_but_no_run(conn: Connection) -> None:
    """They are in its next run. Source: Airflow 2.10.5."""
    define(conn, "one", ON_A)
    dag_actions.pause(conn, ["one"])
    happen(conn, A, extra={"while": "paused"})
    dag_actions.pause(conn, ["one"], paused=False)
    assert "one" not in assets.news(conn)

    happen(conn, A, extra={"while": "awake"})
    assert [e["while"] for _, e in taken(conn, take(conn, "one"))] == ["paused", "awake"]


def test_an_alias_stands_for_what_was_updated_through_it(conn: Connection) -> None:
    """Also once the asset is updated in another way."""
    define(conn, "one", Condition("alias", "x"))
    found = AssetSpec("s3://found", "s3://found")
    happen(conn, found, aliases=("x",))
    assert taken(conn, take(conn, "one")) == [("s3://found", {})]

    happen(conn, found)
    assert ("alias", "x") in assets.news(conn)["one"]
    assert queries.aliases(conn) == {"x": ["s3://found"]}
    through = queries.events(conn, AssetQuery(alias="x", limit=5))
    assert [event.aliases for event in through] == [["x"]]


def test_what_a_dag_no_longer_waits_for_leaves_its_queue(conn: Connection) -> None:
    """And what it waits for stays."""
    define(conn, "one", ON_BOTH)
    happen(conn, A, B)
    define(conn, "one", ON_A, "changed")

    assert ("asset", "b") not in assets.news(conn)["one"]
    assert ("asset", "s3://a") in assets.news(conn)["one"]


def test_an_asset_that_no_file_names_any_more_is_not_listed(conn: Connection) -> None:
    """Its events stay: they are the history."""
    define(conn, "one", ON_A)
    assert [row.uri for row in queries.listed(conn)] == ["b", "s3://a"]

    dags.record(conn, ParsedFile("one.py", ""), NOON)
    assert queries.listed(conn) == []
    assert len(conn.execute(select(asset)).all()) == 2


def test_deleting_a_dag_takes_along_what_waits_for_it(conn: Connection) -> None:
    """No row is left that names it."""
    define(conn, "one", ON_A)
    happen(conn, A)
    dag_actions.remove(conn, "one")

    assert conn.execute(select(asset_queue)).all() == []


def test_an_update_from_outside_needs_an_asset_that_is_known(conn: Connection) -> None:
    """By URI or by name."""
    define(conn, "one", ON_A)
    assets.post(conn, ("name", "first"), {"by": "hand"}, "me", NOON)
    assert taken(conn, take(conn, "one")) == [("s3://a", {"by": "hand"})]

    with pytest.raises(AssetError, match="there is no asset 's3://other'"):
        assets.post(conn, ("asset", "s3://other"), {}, "me", NOON)


def test_two_runs_never_share_a_date(conn: Connection) -> None:
    """Also when a clock went back."""
    define(conn, "one", ON_A)
    happen(conn, A)
    first = take(conn, "one")
    happen(conn, A)
    second = take(conn, "one")

    assert second.logical_date - first.logical_date == timedelta(microseconds=1)


def test_an_update_that_is_rolled_back_was_never_there(engine: Engine) -> None:
    """It is written with what made it, or not at all."""
    with writing(engine) as conn:
        define(conn, "one", ON_A)
    with engine.connect() as conn:  # closed without a commit
        happen(conn, A)
    with writing(engine) as conn:
        assert assets.news(conn) == {}
        assert queries.events(conn, AssetQuery(uri="s3://a")) == []
