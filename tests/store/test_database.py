"""Making, checking and changing the tables, also when killed half-way or done twice at once."""

import hashlib
import multiprocessing
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect, text

from flowctl.store import database, migrations
from flowctl.store.engine import (
    VERSION_TABLE,
    MetastoreError,
    Options,
    create,
    reading,
    writing,
)
from flowctl.store.schema import METADATA
from flowctl.version import VERSION
from tests.support.postgres import Server

SPAWN = multiprocessing.get_context("spawn")
STRIDE = 10  # a migration from nothing is more than a hundred statements, in one transaction


def shape(engine: Engine) -> dict[str, Any]:
    """Return everything the database knows about its tables, in comparable form."""
    found = inspect(engine)
    shapes: dict[str, Any] = {}
    for table in sorted(set(found.get_table_names()) - {VERSION_TABLE}):
        shapes[table] = {
            "columns": {c["name"]: _column(c) for c in found.get_columns(table)},
            "primary": found.get_pk_constraint(table),
            "foreign": _by_name(found.get_foreign_keys(table)),
            "unique": _by_name(found.get_unique_constraints(table)),
            "check": _by_name(found.get_check_constraints(table)),
            "index": _indexes(engine, table),
        }
    return shapes


def _column(column: Any) -> tuple[str, bool, Any]:
    return (repr(column["type"]), column["nullable"], column.get("default"))


def _by_name(constraints: Any) -> list[Any]:
    return sorted(constraints, key=lambda one: str(one["name"]))


def _indexes(engine: Engine, table: str) -> list[str]:
    """Return the indexes as the database itself writes them, conditions included."""
    asked = (
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql NOTNULL"
        if engine.dialect.name == "sqlite"
        else "SELECT indexdef FROM pg_indexes WHERE tablename = :table"
    )
    with reading(engine) as conn:
        return sorted(conn.scalars(text(asked), {"table": table}))


def test_the_migrations_make_the_very_tables_of_the_schema(bare_engine: Engine) -> None:
    with writing(bare_engine) as conn:
        METADATA.create_all(conn)
    expected = shape(bare_engine)
    with writing(bare_engine) as conn:
        METADATA.drop_all(conn)

    database.migrate(bare_engine)

    assert shape(bare_engine) == expected
    assert expected.keys() == METADATA.tables.keys()


def test_the_constants_name_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)

    assert scripts.get_heads() == [migrations.HEAD]
    assert migrations.REVISION_OF_VERSION[VERSION] == migrations.HEAD


def test_a_new_metastore_has_a_pool_and_a_name(bare_engine: Engine) -> None:
    database.migrate(bare_engine, default_pool_slots=7)

    with reading(bare_engine) as conn:
        pools = conn.execute(text("SELECT name, slots, description FROM pool")).all()
        assert [tuple(row) for row in pools] == [("default_pool", 7, "Default pool")]
        name = conn.execute(text("SELECT value FROM instance WHERE name = 'id'")).scalar_one()
        assert re.fullmatch("[0-9a-f]{32}", name)
        assert conn.execute(text("SELECT count(*) FROM connection")).scalar() == 0


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    def names() -> list[Any]:
        with reading(engine) as conn:
            rows = conn.execute(text("SELECT value, slots FROM instance, pool"))
            return [tuple(row) for row in rows]

    before = names()
    database.migrate(engine, default_pool_slots=1)

    assert names() == before


def _migrate(url: str, barrier: Any) -> None:
    engine = create(url)
    barrier.wait(30)
    database.migrate(engine)


def test_two_that_migrate_at_once_do_no_harm(empty_url: str) -> None:
    barrier = SPAWN.Barrier(2)
    twins = [SPAWN.Process(target=_migrate, args=(empty_url, barrier)) for _ in range(2)]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join(60)

    assert [twin.exitcode for twin in twins] == [0, 0]
    with reading(create(empty_url)) as conn:
        assert conn.execute(text("SELECT count(*) FROM instance")).scalar() == 1


def _killed_before(moment: str, number: int, engine: Engine) -> bool:
    """Migrate in a child that dies by SIGKILL before its n-th such moment; say whether it died."""
    child = os.fork()
    if child == 0:  # pragma: no cover - in the child
        left = [number]

        def countdown(*_arguments: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(engine, moment, countdown)
        database.migrate(engine)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("moment", "stride", "least"), [("before_cursor_execute", STRIDE, 5), ("commit", 1, 1)]
)
def test_killed_at_any_moment_the_next_migration_finishes(
    bare_engine: Engine, moment: str, stride: int, least: int
) -> None:
    """After each kill the database is as if nothing had been tried."""
    url = bare_engine.url.render_as_string(hide_password=False)
    deaths = 0
    while _killed_before(moment, 1 + deaths * stride, create(url)):
        deaths += 1
        assert database.revision(bare_engine) is None
        assert inspect(bare_engine).get_table_names() == []
        bare_engine.dispose()
    assert deaths >= least

    assert database.revision(bare_engine) == migrations.HEAD
    database.require_current(bare_engine)


def test_downgraded_to_nothing_it_is_empty_and_can_be_made_again(engine: Engine) -> None:
    expected = shape(engine)

    database.downgrade(engine, to="base")
    assert inspect(engine).get_table_names() == []
    database.downgrade(engine, to="base")
    database.migrate(engine)

    assert shape(engine) == expected


def test_a_reset_leaves_fresh_tables(engine: Engine) -> None:
    with writing(engine) as conn:
        conn.execute(text("INSERT INTO pool VALUES ('mine', 3, NULL, :no)"), {"no": False})

    database.reset(engine, default_pool_slots=9)

    with reading(engine) as conn:
        pools = conn.execute(text("SELECT name, slots FROM pool")).all()
    assert [tuple(row) for row in pools] == [("default_pool", 9)]


def test_a_daemon_on_no_tables_is_told_the_command(bare_engine: Engine) -> None:
    with pytest.raises(MetastoreError, match="has no tables yet; run: flowctl db migrate"):
        database.require_current(bare_engine)


def test_a_question_makes_no_file(tmp_path: Path) -> None:
    engine = create(f"sqlite:///{tmp_path / 'flowctl.db'}")
    for question in (database.require_current, database.check):
        with pytest.raises(MetastoreError, match="flowctl db migrate"):
            question(engine)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [("0000", "stop all flowctl processes and run: flowctl db migrate"), ("9999", "newer flowctl")],
)
def test_a_daemon_on_another_version_is_told_what_to_do(
    engine: Engine, found: str, words: str
) -> None:
    with writing(engine) as conn:
        conn.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{found}'"))

    with pytest.raises(MetastoreError, match=words):
        database.require_current(engine)


def test_a_newer_metastore_is_not_migrated(engine: Engine) -> None:
    with writing(engine) as conn:
        conn.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))

    with pytest.raises(MetastoreError, match="upgrade flowctl"):
        database.migrate(engine)


def test_a_daemon_does_not_pay_for_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'flowctl.db'}"
    database.migrate(create(url))
    script = (
        "import sys; from flowctl.store import database, engine;"
        f"database.require_current(engine.create({url!r}));"
        "sys.exit('alembic' in sys.modules or 'sqlalchemy.orm' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_waiting_for_migrations_ends_when_they_are_done(bare_engine: Engine) -> None:
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            database.migrate(bare_engine)

    database.await_migrations(bare_engine, wait, timeout_s=10)

    assert pauses == [1.0, 1.0, 1.0]


def test_waiting_for_migrations_ends_at_the_deadline(bare_engine: Engine) -> None:
    pauses: list[float] = []
    with pytest.raises(MetastoreError, match="has no tables yet"):
        database.await_migrations(bare_engine, pauses.append, timeout_s=2.5)
    assert pauses == [1.0, 1.0, 0.5]


AIRFLOW_VERSIONS = {
    "2.10": ("ab_user", "alembic_version", "connection", "dag", "dag_run", "slot_pool", "xcom"),
    "3.3 without users": ("alembic_version", "dag_version", "log_template", "serialized_dag"),
    "1.10": ("alembic_version", "dag", "dag_pickle", "sla_miss", "slot_pool", "variable"),
}


def make_airflow(engine: Engine, version: str) -> None:
    """Make some of the tables that a real `airflow db migrate` leaves."""
    with engine.connect() as conn:
        for name in AIRFLOW_VERSIONS[version]:
            conn.execute(text(f"CREATE TABLE {name} (id INTEGER, version_num VARCHAR(32))"))
        conn.execute(text("INSERT INTO alembic_version VALUES (1, '5f2621c13b39')"))
        conn.commit()


DEEDS: dict[str, Callable[[Engine], None]] = {
    "check": database.check,
    "require_current": database.require_current,
    "migrate": database.migrate,
    "reset": database.reset,
    "downgrade": lambda engine: database.downgrade(engine, to="base"),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("version", AIRFLOW_VERSIONS)
def test_the_metastore_of_airflow_is_refused(bare_engine: Engine, version: str, deed: str) -> None:
    make_airflow(bare_engine, version)

    with pytest.raises(MetastoreError, match="belongs to Apache Airflow and is left as it is"):
        DEEDS[deed](bare_engine)

    assert sorted(inspect(bare_engine).get_table_names()) == sorted(AIRFLOW_VERSIONS[version])


def test_not_a_byte_of_airflows_sqlite_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "airflow.db"
    with sqlite3.connect(path) as raw:  # in the journal mode that Airflow leaves
        raw.execute("CREATE TABLE slot_pool (id INTEGER)")
    raw.close()
    before = hashlib.sha256(path.read_bytes()).digest()

    for deed in DEEDS.values():
        engine = create(f"sqlite:///{path}")
        with pytest.raises(MetastoreError, match="Apache Airflow"):
            deed(engine)
        engine.dispose()

    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert list(tmp_path.iterdir()) == [path]


def test_somebody_elses_tables_are_left_alone(bare_engine: Engine) -> None:
    with bare_engine.begin() as conn:
        conn.execute(text("CREATE TABLE connection (id INTEGER)"))

    with pytest.raises(MetastoreError, match="has a table 'connection' that flowctl did not make"):
        database.migrate(bare_engine)


def test_a_postgresql_schema_of_its_own_is_made(empty_postgres_url: str) -> None:
    """Beside it somebody else may have tables of the same names."""
    with create(empty_postgres_url).begin() as conn:
        conn.execute(text("CREATE TABLE connection (id INTEGER)"))
    engine = create(empty_postgres_url, Options(schema="own"))

    database.migrate(engine)

    database.require_current(engine)
    assert "dag_run" in inspect(engine).get_table_names("own")
    assert inspect(engine).get_table_names("public") == ["connection"]


def test_the_statements_can_be_shown_without_running_any(bare_engine: Engine) -> None:
    shown = database.sql(bare_engine)

    assert "CREATE TABLE dag_run" in shown
    assert f"INSERT INTO {VERSION_TABLE}" in shown
    assert "DROP TABLE dag_run" in database.sql(bare_engine, start="0001", to="base", down=True)
    assert inspect(bare_engine).get_table_names() == []


def test_a_database_that_is_away_is_said_in_one_sentence(postgres_server: Server) -> None:
    url = f"postgresql://flowctl:secret@127.0.0.1:{postgres_server.port}/none"
    with pytest.raises(MetastoreError, match=r"does not answer: .*authentication failed") as away:
        database.check(create(url))
    assert "secret" not in str(away.value)


def test_the_shell_gets_a_password_by_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program: f"/usr/bin/{program}")
    engine = create("postgresql://ann:secret@db:5433/flow?sslmode=require")

    assert database.shell(engine) == (
        ["/usr/bin/psql", "postgresql://ann@db:5433/flow?sslmode=require"],
        {"PGPASSWORD": "secret"},
    )
    assert database.shell(create("sqlite:////a/b.db")) == (["/usr/bin/sqlite3", "/a/b.db"], {})


def test_a_missing_shell_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MetastoreError, match="apt install sqlite3"):
        database.shell(create("sqlite:////a/b.db"))
