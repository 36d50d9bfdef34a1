"""PostgreSQL refuses statements, commits and connections; the daemons go on, and nothing is lost.

`FAULTS_S` says for how many seconds each kind of trouble lasts, `FAULTS_SHARE` which share of all
kinds of statements is refused; the defaults are short and small.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.bench.waiting import pause, pause_between, wait_until
from tests.faults.conftest import running
from tests.faults.harness import SETTLED_S, Home
from tests.faults.outage import switchable_server
from tests.faults.processes import Role
from tests.support.postgres import USER, Server

TROUBLE_S = float(os.environ.get("FAULTS_S", "1"))
STANDING = (Role.SCHEDULER, Role.RUNNER, Role.BASE)
POOR = "poor"
TOO_MANY = "too many connections"
REFUSING = Path(__file__).parent / "refusing"
SHARE = os.environ.get("FAULTS_SHARE", "0.25")  # of the about forty kinds of statements

THEIRS = "application_name LIKE 'flowctl%' AND pid <> pg_backend_pid()"
REFUSE = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF current_setting('application_name') LIKE 'flowctl%'
    AND (random() < 0.05 OR nextval('refusals') = 1) THEN
    RAISE EXCEPTION 'refused by the test'
      USING ERRCODE = CASE WHEN random() < 0.5 THEN '40001' ELSE '40P01' END;
  END IF;
  RETURN NULL;
END $$;
DO $$ DECLARE found regclass; BEGIN
  FOR found IN SELECT c.oid::regclass FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('CREATE TRIGGER refuse_now AFTER INSERT OR UPDATE OR DELETE ON %s
      FOR EACH STATEMENT EXECUTE FUNCTION refuse()', found);
    EXECUTE format('CREATE CONSTRAINT TRIGGER refuse_commit AFTER INSERT OR UPDATE ON %s
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()', found);
  END LOOP;
END $$;
"""
ACCEPT = "DROP FUNCTION refuse() CASCADE"
REFUSED = "refused by the test"
AWAITS_REPLICA = f"FROM pg_stat_activity WHERE {THEIRS} AND wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a server whose commits are real."""
    with switchable_server() as outage:
        yield outage.server


@pytest.fixture
def troubled(tmp_path: Path, server: Server) -> Iterator[Home]:
    """Give a home on that server."""
    with server.database() as url:
        yield from running(Home(tmp_path, url))


def _connect(home: Home) -> "psycopg.Connection[tuple[object, ...]]":
    url = home.url.replace("postgresql+psycopg", "postgresql")
    return psycopg.connect(url, autocommit=True, application_name="faults")


@contextmanager
def _meanwhile(deed: Callable[[], None]) -> Iterator[None]:
    """Do something again and again, until the block ends; at least once."""
    stopping, errors = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            while True:
                deed()
                if stopping.is_set():
                    return
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
    assert not errors, errors


def _make(conn: "psycopg.Connection[tuple[object, ...]]", statements: str) -> None:
    """Change the tables that the daemons write into; it is they who may come first."""
    while True:
        try:
            conn.execute(statements)
            return
        except psycopg.errors.DeadlockDetected:
            continue


def _require_all_done(home: Home) -> None:
    for dag_id in ("layers", "gate"):
        home.await_runs(dag_id, 60)
    home.judge()


def _under_load(home: Home) -> Callable[[], bool]:
    """Have something to do, and return how to ask whether the daemons still live."""
    home.trigger("gate")
    home.trigger("layers", 2 + int(TROUBLE_S / 3))
    home.await_line("START", "waits")
    home.await_line("END", "t0_0")
    daemons = home.processes(*STANDING)
    return lambda: all(daemon.is_alive for daemon in daemons)


def test_deadlocks_and_failed_serializations_are_survived_wherever_they_come(
    troubled: Home,
) -> None:
    """The first write fails, and one in twenty, and one commit in twenty."""
    home = troubled
    have_survived = _under_load(home)
    with _connect(home) as conn:
        _make(conn, REFUSE)
        home.open_gates()
        pause(TROUBLE_S)
        wait_until(lambda: REFUSED in home.log.read_text() + _runner_log(home), SETTLED_S, REFUSED)
        _make(conn, ACCEPT)
    _require_all_done(home)

    assert have_survived(), home.situation()


def test_every_kind_of_statement_may_be_refused_once(tmp_path: Path, server: Server) -> None:
    """Those that only read as well; the daemons ask again."""
    with server.database() as url:
        home = Home(tmp_path, url)
        home.environ["PYTHONPATH"] = f"{REFUSING}:{Path.cwd()}"
        for _ in running(home):
            have_survived = _under_load(home)
            (home.shared / "refuse").write_text(SHARE)
            home.open_gates()
            home.trigger("gates")
            home.add(REFUSING.parent / "dags" / "late.py")
            home.await_runs("gates", 60)
            _require_all_done(home)
            home.trigger("late")  # it was recorded

            assert have_survived(), home.situation()
            refused = [file.read_text() for file in home.shared.glob("refused.*")]
            assert len("".join(refused).splitlines()) >= 40 * float(SHARE) / 2, refused


def test_connections_that_are_cut_at_any_moment_lose_nothing(troubled: Home) -> None:
    """Each is cut after a short random time, in the middle of whatever it does."""
    home = troubled
    have_survived = _under_load(home)
    with _connect(home) as conn:

        def cut() -> None:
            conn.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {THEIRS}"
                " ORDER BY random() LIMIT 1"
            )
            pause_between(0, 0.05)

        with _meanwhile(cut):
            home.open_gates()
            pause(TROUBLE_S)
    _require_all_done(home)

    assert have_survived(), home.situation()


def test_a_commit_whose_answer_is_lost_is_not_done_twice(troubled: Home) -> None:
    """It waits for a replica that does not exist, is committed all the same, and cut off then."""
    home = troubled
    have_survived = _under_load(home)
    unheard = 0
    with _connect(home) as conn:
        conn.execute("SET synchronous_commit = off")

        def lose_an_answer() -> None:
            nonlocal unheard
            _await_replica(conn, "ghost")
            wait_until(lambda: _count(conn, AWAITS_REPLICA) > 0, SETTLED_S, "a commit that waits")
            pause_between(0, 0.04)
            unheard += len(
                conn.execute(f"SELECT pg_terminate_backend(pid) {AWAITS_REPLICA}").fetchall()
            )
            _await_replica(conn, "")
            pause_between(0, 0.1)

        with _meanwhile(lose_an_answer):
            home.open_gates()
            pause(TROUBLE_S)
    _require_all_done(home)

    assert have_survived(), home.situation()
    assert unheard > 0


def _count(conn: "psycopg.Connection[tuple[object, ...]]", rows: str) -> int:
    ((found,),) = conn.execute(f"SELECT count(*) {rows}").fetchall()
    return int(str(found))


def _await_replica(conn: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    conn.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'".encode())
    conn.execute("SELECT pg_reload_conf()")


def test_too_many_connections_are_waited_out(tmp_path: Path, server: Server) -> None:
    """Those that were open are cut, and PostgreSQL gives no other for a while."""
    server.execute(f"CREATE ROLE {POOR} LOGIN PASSWORD '{POOR}'")
    with server.database() as url:
        database = url.rpartition("/")[2]
        server.execute(f"ALTER DATABASE {database} OWNER TO {POOR}")
        home = Home(tmp_path, url.replace(f"{USER}:{server.password}@", f"{POOR}:{POOR}@"))
        for _ in running(home):
            have_survived = _under_load(home)
            server.execute(f"ALTER ROLE {POOR} CONNECTION LIMIT 0")
            server.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{POOR}'"
            )
            home.open_gates()
            pause(TROUBLE_S)
            wait_until(lambda: TOO_MANY in home.log.read_text(), SETTLED_S, TOO_MANY)
            server.execute(f"ALTER ROLE {POOR} CONNECTION LIMIT -1")
            _require_all_done(home)

            assert have_survived(), home.situation()


def _runner_log(home: Home) -> str:
    return (home.path / "logs" / "runner.log").read_text()
