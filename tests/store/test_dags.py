"""What recording a parsed file changes, and what it leaves alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, select

from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import DagSpec, TaskSpec
from flowctl.store import dags
from flowctl.store.queries import files
from flowctl.store.schema import METADATA, dag, dag_file, dag_source, dag_tag, dag_version

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def spec(dag_id: str, file: str = "a.py", **fields: Any) -> DagSpec:
    """Return a DAG with one task."""
    return DagSpec(dag_id, file, tasks=(TaskSpec("t", owner="ann"),), **fields)


def parsed(*specs: DagSpec, path: str = "a.py", mark: str = "1", **fields: Any) -> ParsedFile:
    """Return the result of a file."""
    return ParsedFile(path, mark, specs=specs, source=b"text", **fields)


def row(conn: Connection, dag_id: str) -> Any:
    """Return the row of one DAG."""
    return conn.execute(select(dag).where(dag.c.dag_id == dag_id)).one()


def active(conn: Connection) -> set[str]:
    """Return the ids of the active DAGs."""
    return set(conn.scalars(select(dag.c.dag_id).where(dag.c.is_active)))


def numbers(conn: Connection, dag_id: str) -> list[int]:
    """Return the numbers of the versions of one DAG."""
    wanted = select(dag_version.c.number).where(dag_version.c.dag_id == dag_id)
    return list(conn.scalars(wanted.order_by("number")))


def test_a_new_dag_gets_its_first_version(conn: Connection) -> None:
    """Spec and source can be read back as they were."""
    one = spec("one", tags=("x", "y"), description="d", is_paused_upon_creation=False)

    recorded = dags.record(conn, parsed(one), NOW)

    assert recorded == dags.Recorded(frozenset({"one"}))
    assert row(conn, "one").owners == "ann"
    assert not row(conn, "one").is_paused
    assert dags.spec_of_version(conn, row(conn, "one").version_id) == one
    version = conn.execute(select(dag_version)).one()
    assert dags.source(conn, version.source_hash) == b"text"
    assert sorted(conn.scalars(select(dag_tag.c.name))) == ["x", "y"]


@pytest.mark.parametrize("default", [True, False])
def test_a_new_dag_is_paused_as_the_configuration_says(conn: Connection, default: bool) -> None:
    """Unless the DAG says it itself."""
    own = spec("own", is_paused_upon_creation=not default)

    dags.record(conn, parsed(spec("one"), own), NOW, paused_at_creation=default)

    assert row(conn, "one").is_paused is default
    assert row(conn, "own").is_paused is not default


def test_the_same_result_writes_nothing(conn: Connection) -> None:
    """Not a row is touched by a file that was parsed again as it was."""
    dags.record(conn, parsed(spec("one")), NOW)
    before = [conn.execute(select(table)).all() for table in METADATA.sorted_tables]

    recorded = dags.record(conn, parsed(spec("one"), duration_s=2.0), LATER)

    assert recorded == dags.Recorded()
    assert [conn.execute(select(table)).all() for table in METADATA.sorted_tables] == before


def test_a_changed_dag_gets_a_version_and_keeps_its_pause(conn: Connection) -> None:
    """The revision tells the scheduler; who paused the DAG is not overruled."""
    dags.record(conn, parsed(spec("one")), NOW)

    dags.record(conn, parsed(spec("one", is_paused_upon_creation=False), mark="2"), LATER)

    assert numbers(conn, "one") == [1, 2]
    assert (row(conn, "one").revision, row(conn, "one").is_paused) == (2, True)


def test_going_back_to_an_older_text_uses_its_version_again(conn: Connection) -> None:
    """Versions are addressed by content."""
    for mark, description in enumerate(["a", "b", "a"]):
        changed = parsed(spec("one", description=description), mark=str(mark))
        dags.record(conn, changed, NOW)

    assert numbers(conn, "one") == [1, 2]
    assert (
        conn.scalar(
            select(dag_version.c.number).where(dag_version.c.id == row(conn, "one").version_id)
        )
        == 1
    )


def test_only_the_dags_that_changed_are_reported(conn: Connection) -> None:
    """One spec of two is new; the source is the same."""
    dags.record(conn, parsed(spec("one"), spec("two")), NOW)

    recorded = dags.record(conn, parsed(spec("one"), spec("two", catchup=False), mark="2"), LATER)

    assert recorded.changed == {"two"}


def test_a_dag_that_left_its_file_is_not_active_and_comes_back(conn: Connection) -> None:
    """Its row and its versions stay."""
    dags.record(conn, parsed(spec("one"), spec("two")), NOW)

    recorded = dags.record(conn, parsed(spec("one"), mark="2"), LATER)
    assert recorded.changed == {"two"}
    assert active(conn) == {"one"}

    dags.record(conn, parsed(spec("one"), spec("two"), mark="3"), LATER)
    assert active(conn) == {"one", "two"}
    assert numbers(conn, "two") == [1]


def test_an_import_error_keeps_the_last_good_version(conn: Connection) -> None:
    """The error is there, and so are the DAGs."""
    dags.record(conn, parsed(spec("one"), spec("two")), NOW)

    broken = parsed(spec("one", catchup=False), mark="2", error="DAG 'two': boom")
    recorded = dags.record(conn, broken, LATER)

    assert recorded.changed == {"one"}
    assert active(conn) == {"one", "two"}
    assert [(e.path, e.error, e.error_at) for e in files.import_errors(conn)] == [
        ("a.py", "DAG 'two': boom", LATER)
    ]


def test_a_repaired_file_has_no_error(conn: Connection) -> None:
    """The error goes with the next good result."""
    dags.record(conn, parsed(error="boom"), NOW)

    dags.record(conn, parsed(spec("one"), mark="2"), LATER)

    assert not files.import_errors(conn)


def test_a_file_that_is_gone_takes_its_dags_out_of_use(conn: Connection) -> None:
    """History stays, the file's own row does not."""
    dags.record(conn, parsed(spec("one")), NOW)

    recorded = dags.record(conn, ParsedFile("a.py", ""), LATER)

    assert recorded.changed == {"one"}
    assert not active(conn)
    assert not dags.known_files(conn)
    assert numbers(conn, "one") == [1]


def test_the_first_file_keeps_an_id(conn: Connection) -> None:
    """The second gets an import error that names the first; its other DAGs are fine."""
    dags.record(conn, parsed(spec("one")), NOW)

    twin = parsed(spec("one", "b.py"), spec("two", "b.py"), path="b.py")
    recorded = dags.record(conn, twin, LATER)

    assert recorded.error == "DAG id 'one' is taken by a.py; rename one of the two DAGs"
    assert row(conn, "one").file == "a.py"
    assert active(conn) == {"one", "two"}


@pytest.mark.parametrize("ending", [ParsedFile("a.py", ""), parsed(mark="2")])
def test_a_released_id_is_free_for_the_twin(conn: Connection, ending: ParsedFile) -> None:
    """The caller learns which file to parse again."""
    twin = parsed(spec("one", "b.py"), path="b.py")
    dags.record(conn, parsed(spec("one")), NOW)
    dags.record(conn, twin, NOW)

    assert dags.record(conn, ending, LATER).released == ("b.py",)

    assert dags.record(conn, twin, LATER).error is None
    assert row(conn, "one").file == "b.py"


def test_a_moved_file_moves_its_dags(conn: Connection) -> None:
    """The parser tells of what is gone first."""
    dags.record(conn, parsed(spec("one")), NOW)

    dags.record(conn, ParsedFile("a.py", ""), LATER)
    dags.record(conn, parsed(spec("one", "sub/a.py"), path="sub/a.py"), LATER)

    assert row(conn, "one").file == "sub/a.py"
    assert active(conn) == {"one"}


def test_the_modules_of_an_archive_belong_together(conn: Connection) -> None:
    """Each DAG knows its module; the archive is the file that is there or gone."""
    archive = parsed(spec("one", "a.zip/m.py"), spec("two", "a.zip/n.py"), path="a.zip")
    dags.record(conn, archive, NOW)
    dags.record(conn, parsed(spec("other", "a_zip/m.py"), path="a_zip/m.py"), NOW)

    dags.record(conn, ParsedFile("a.zip", ""), LATER)

    assert active(conn) == {"other"}


def test_the_row_of_a_file_says_how_it_went(conn: Connection) -> None:
    """What a restarted parser needs to parse nothing."""
    result = msgspec.structs.replace(parsed(spec("one")), depends={"/d/x.py": "7"}, duration_s=0.5)

    dags.record(conn, result, NOW)

    file = dags.known_files(conn)["a.py"]
    assert (file.fingerprint, file.depends, file.dag_count) == ("1", {"/d/x.py": "7"}, 1)
    assert (file.duration_s, file.parsed_at, file.error) == (0.5, NOW, None)


def test_one_text_is_kept_once(conn: Connection) -> None:
    """Two DAGs of one file share its source."""
    dags.record(conn, parsed(spec("one"), spec("two")), NOW)

    assert len(conn.execute(select(dag_source)).all()) == 1
    assert len(conn.execute(select(dag_file)).all()) == 1
