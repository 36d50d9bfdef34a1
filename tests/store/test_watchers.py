"""Rows of asset watchers: what files say of them, who runs them, and what they bring."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, insert, select

from flowctl.authoring.ports import AssetQuery
from flowctl.core import spec as specs
from flowctl.core.assets import AssetSpec, Condition, WatcherSpec
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, ScheduleSpec, TaskSpec
from flowctl.store import assets, dags, schema, watchers
from flowctl.store.crypto import Cipher, CipherError, new_key
from flowctl.store.queries import assets as queries
from flowctl.store.queries import watchers as to_look_at
from flowctl.store.watchers import Brought

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CIPHER = Cipher(new_key())
BELL = WatcherSpec("bell", "bells.Bell", '{"token":"s3cret"}')
HORN = WatcherSpec("horn", "bells.Horn", "{}")


def define(
    conn: Connection, dag_id: str, *said: WatcherSpec, content: bytes = b"1", **options: Any
) -> None:
    """Let a file define a DAG that waits for the asset `a`, which has watchers."""
    spec = DagSpec(
        dag_id,
        f"{dag_id}.py",
        (TaskSpec("t"),),
        schedule=ScheduleSpec("assets", condition=Condition("asset", "a")),
        assets=(AssetSpec("a", "a", watchers=said),),
    )
    parsed = ParsedFile(spec.file, str(content), (spec,), source=content)
    given: dict[str, Any] = {"cipher": CIPHER, "paused_at_creation": False} | options
    dags.record(conn, parsed, NOON, **given)


def listed(conn: Connection) -> dict[str, int]:
    """Return the keys of the watchers that are to run, by name and DAG."""
    return {f"{row.name} of {row.dag_id}": row.id for row in watchers.listed(conn)}


def triggerer(conn: Connection) -> int:
    """Add a triggerer; return its row."""
    values = {"kind": "triggerer", "host": "h", "pid": 1, "started_at": NOON, "seen_at": NOON}
    new = insert(schema.process).values(values).returning(schema.process.c.id)
    return conn.execute(new).scalar_one()


def test_a_watcher_runs_as_long_as_an_active_dag_names_it(conn: Connection) -> None:
    define(conn, "d", BELL, HORN)
    before = listed(conn)
    define(conn, "d", BELL, content=b"2")
    assert listed(conn) == {"bell of d": before["bell of d"]}  # it runs on with the next version

    changed = msgspec.structs.replace(BELL, kwargs='{"token":"other"}')
    define(conn, "d", changed, content=b"3")
    assert listed(conn).keys() == {"bell of d"}
    assert listed(conn) != {"bell of d": before["bell of d"]}

    dags.record(conn, ParsedFile("d.py", ""), NOON)
    assert listed(conn) == {}


def test_what_two_dags_say_alike_runs_once(conn: Connection) -> None:
    """The other row takes over when the first one's DAG is gone."""
    define(conn, "one", BELL)
    define(conn, "two", BELL, HORN)

    assert listed(conn).keys() == {"bell of one", "horn of two"}
    assert [row.dag_id for row in to_look_at.of_dag(conn, "one")] == ["one", "two"]
    dags.record(conn, ParsedFile("one.py", ""), NOON)
    assert listed(conn).keys() == {"bell of two", "horn of two"}


def test_arguments_are_kept_as_tokens_alone(conn: Connection) -> None:
    """Neither the row nor the version of the DAG tells them; a change makes a version all the
    same."""
    define(conn, "d", BELL)
    define(conn, "d", msgspec.structs.replace(BELL, kwargs='{"token":"other"}'))

    (row,) = watchers.listed(conn)
    assert CIPHER.decrypt(row.kwargs, "arguments") == '{"token":"other"}'
    stored = conn.scalars(select(schema.dag_version.c.spec)).all()
    assert len(stored) == 2
    assert not any("token" in one for one in stored)
    assert specs.decode(stored[0]).assets[0].watchers == (WatcherSpec("bell", "bells.Bell"),)
    with pytest.raises(CipherError):
        define(conn, "e", BELL, cipher=None)


def test_one_triggerer_has_it_until_it_is_gone(conn: Connection) -> None:
    define(conn, "d", BELL)
    (pk,) = listed(conn).values()
    me, other = triggerer(conn), triggerer(conn)

    assert watchers.claim(conn, [pk], me, []) == {pk}
    assert watchers.claim(conn, [pk], other, []) == set()
    assert watchers.claim(conn, [pk], other, [me]) == {pk}
    watchers.release(conn, other)
    assert watchers.claim(conn, [pk], me, []) == {pk}


def test_each_event_of_the_holder_updates_the_asset(conn: Connection) -> None:
    """DAGs that wait become due; another triggerer writes nothing."""
    define(conn, "d", BELL)
    (pk,) = listed(conn).values()
    me, other = triggerer(conn), triggerer(conn)
    watchers.claim(conn, [pk], me, [])

    assert watchers.record(conn, [Brought(pk, "ding")], other, NOON) == 0
    watchers.record(conn, [Brought(pk, trouble="broken")], me, NOON)
    assert to_look_at.of_dag(conn, "d")[0].trouble == "broken"
    later = NOON + timedelta(minutes=1)
    assert watchers.record(conn, [Brought(pk, "ding"), Brought(pk, {"n": 1})], me, later) == 2

    found = queries.events(conn, AssetQuery(uri="a"))
    assert [event.extra for event in found] == [
        {"from_trigger": True, "payload": "ding"},
        {"from_trigger": True, "payload": {"n": 1}},
    ]
    assert assets.news(conn).keys() == {"d"}
    (row,) = to_look_at.of_asset(conn, 1)
    assert (row.trouble, row.fired_at, row.pid) == (None, later, 1)
