"""Changes in the DAG folder become results, soon, and only where something changed."""

import os
import select
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select as select_rows

from flowctl import clock
from flowctl.core.parsed import ParsedFile
from flowctl.core.spec import decode
from flowctl.parsing import watch
from flowctl.parsing.parser import Known
from flowctl.parsing.watch import SWEEP_EVERY_MIN_S, Pace, Watch
from flowctl.store import dags, schema
from flowctl.store.engine import create, writing
from tests.parsing.conftest import Folder, Loop

Watching = Callable[..., Loop]
SHARE_MAX = 0.01  # of a core, for files of which none changes


def ids(result: ParsedFile) -> list[str]:
    """Return the ids of the DAGs in a result, after making sure that it is fine."""
    assert result.error is None
    return [spec.dag_id for spec in result.specs]


def known(results: list[ParsedFile]) -> dict[str, Known]:
    """Return what the metastore would know."""
    return {r.path: Known(r.fingerprint, r.depends, r.error is not None) for r in results}


@pytest.fixture
def only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the looks without a reason: what is seen, the kernel told.

    How soon it is usable then says `tests.bench --only parse`.
    """
    monkeypatch.setattr(watch, "SWEEP_EVERY_MIN_S", 3600.0)


@pytest.mark.usefixtures("only_when_told")
def test_a_new_file_is_usable_at_once(folder: Folder, watching: Watching) -> None:
    """In the folder itself, and in a folder that is new as well."""
    loop = watching()
    loop.settle()

    for name in ("one.py", "sub/folder/two.py"):
        folder.good(name)
        assert ids(loop.until_result(name)) == [Path(name).stem]


@pytest.mark.usefixtures("only_when_told")
def test_an_edited_file_is_usable_at_once(folder: Folder, watching: Watching) -> None:
    """Written in place or replaced."""
    path = folder.good("one.py")
    loop = watching()
    loop.settle()

    path.write_text("from airflow import DAG\nd = DAG('edited')\n")
    assert ids(loop.until_result("one.py")) == ["edited"]

    folder.good("one.py", "replaced")
    assert ids(loop.until_result("one.py")) == ["replaced"]


def test_a_half_written_file_is_parsed_again_when_it_is_whole(
    folder: Folder, watching: Watching
) -> None:
    """What was seen too early is not what stays."""
    loop = watching()
    loop.settle()
    with (folder.path / "slow.py").open("w") as file:
        file.write("from airflow import DAG\nd = DAG('slo")
        file.flush()
        assert loop.until_result("slow.py").error is not None

        file.write("w')\n")

    assert ids(loop.until_result("slow.py")) == ["slow"]


def test_a_moved_file_is_gone_here_and_found_there(folder: Folder, watching: Watching) -> None:
    """That it is gone is told first, so that its DAGs are free."""
    path = folder.good("old.py")
    loop = watching()
    loop.settle()

    path.rename(folder.path / "new.py")
    loop.until_result("new.py")

    told = [(result.path, result.is_gone) for result in loop.results[1:]]
    assert told == [("old.py", True), ("new.py", False)]


def test_a_folder_that_is_moved_away_takes_its_files_along(
    folder: Folder, watching: Watching
) -> None:
    """Its watches do not stay behind, and it is found again when it comes back."""
    folder.good("team/one.py")
    loop = watching()
    loop.settle()

    (folder.path / "team").rename(folder.path.parent / "away")
    assert loop.until_result("team/one.py").is_gone

    (folder.path.parent / "away").rename(folder.path / "team")
    assert ids(loop.until_result("team/one.py")) == ["one"]


def test_the_dag_folder_may_come_and_go(folder: Folder, watching: Watching) -> None:
    """A folder that is not there yet, or is replaced as a whole, is no error."""
    shutil.rmtree(folder.path)
    loop = watching()
    loop.settle()

    folder.good("one.py")

    assert ids(loop.until_result("one.py")) == ["one"]


def test_an_ignore_file_hides_and_shows_at_once(folder: Folder, watching: Watching) -> None:
    """Hidden is the same as gone."""
    folder.good("one.py")
    loop = watching()
    loop.settle()

    hiding = folder.write(".airflowignore", "one\n")
    assert loop.until_result("one.py").is_gone

    hiding.unlink()
    assert ids(loop.until_result("one.py")) == ["one"]


def test_a_restart_parses_nothing_that_did_not_change(folder: Folder, watching: Watching) -> None:
    """Fingerprints come from the metastore; another version of flowctl would differ in each."""
    folder.good("one.py")
    folder.good("two.py")
    before = known(watching().settle())
    folder.good("two.py", "other")

    results = watching(known=before).settle()

    assert [result.path for result in results] == ["two.py"]


def test_a_file_that_went_while_nobody_looked_is_gone(folder: Folder, watching: Watching) -> None:
    """A restarted parser tells it."""
    path = folder.good("one.py")
    before = known(watching().settle())
    path.unlink()

    assert [r.is_gone for r in watching(known=before).settle()] == [True]


def test_a_file_is_parsed_again_when_a_module_or_a_table_it_reads_changes(
    folder: Folder, watching: Watching
) -> None:
    """Also across a restart."""
    folder.write("names.py", "NAME = 'first'\n")
    folder.write("conf/table.txt", "a\n")
    folder.write(
        "made.py",
        "import os\nfrom airflow import DAG\nfrom names import NAME\n"
        "for line in open(os.path.dirname(__file__) + '/conf/table.txt'):\n"
        "    globals()[line] = DAG(NAME + '_' + line.strip())\n",
    )
    loop = watching()
    results = loop.settle()
    assert ids(results[0]) == ["first_a"]

    folder.write("names.py", "NAME = 'second'\n")
    assert ids(loop.until_result("made.py")) == ["second_a"]

    folder.write("conf/table.txt", "a\nb\n")
    assert ids(loop.until_result("made.py")) == ["second_a", "second_b"]

    assert ids(watching(known=known(results)).settle()[0]) == ["second_a", "second_b"]


def test_what_a_file_writes_and_python_compiles_is_not_read_by_it(folder: Folder) -> None:
    """Python writes bytecode under a name that it has for a moment only."""
    folder.write("names.py", "NAME = 'first'\n")
    folder.write(
        "made.py",
        "import os, sys\nfrom airflow import DAG\nsys.dont_write_bytecode = False\n"
        "os.open(os.path.dirname(__file__) + '/left.txt', os.O_WRONLY | os.O_CREAT)\n"
        "from names import NAME\nd = DAG(NAME)\n",
    )
    found = folder.parse()["made.py"]

    assert list((folder.path / "__pycache__").iterdir())
    assert set(found.depends) == {str(folder.path / "names.py")}


def test_bytecode_is_no_change_of_a_folder(tmp_path: Path) -> None:
    watch = Watch()
    watch.cover([str(tmp_path)])
    for name in ("x.pyc", "x.cpython-311.pyc.139"):
        (tmp_path / name).touch()

    assert not watch.drain()
    (tmp_path / "x.py").touch()
    assert watch.drain()
    watch.close()


def test_a_file_that_lacked_a_module_is_parsed_again_when_files_come(
    folder: Folder, watching: Watching
) -> None:
    """The order in which files are copied does not matter."""
    folder.write("user.py", "from airflow import DAG\nimport lib.names\nd = DAG(lib.names.NAME)\n")
    folder.good("other.py")
    loop = watching()
    assert any(result.error for result in loop.settle())

    folder.write("lib/names.py", "NAME = 'here'\n")

    assert ids(loop.until_result("user.py")) == ["here"]


def test_a_file_that_asks_the_metastore_is_parsed_again_from_time_to_time(
    folder: Folder, watching: Watching
) -> None:
    """A variable has no date that could be watched."""
    folder.write(
        "asks.py",
        "from airflow import DAG\nfrom flowctl.authoring import ports\n"
        "try: ports.current().variable('x')\nexcept Exception as e: d = DAG('asked')\n",
    )
    loop = watching(dynamic_every_s=0.2)

    assert loop.until_result("asks.py").is_dynamic
    assert ids(loop.until_result("asks.py")) == ["asked"]


def test_each_module_of_an_archive_is_parsed(folder: Folder, watching: Watching) -> None:
    """They import each other; what lies in packages is no DAG file."""
    with zipfile.ZipFile(folder.path / "all.zip", "w") as archive:
        archive.writestr("one.py", "from airflow import DAG\nimport shared\nd = DAG(shared.NAME)\n")
        archive.writestr("two.py", "from airflow import DAG\nfrom pack.deep import x\nd = DAG(x)\n")
        archive.writestr("shared.py", "NAME = 'shared_name'\n")
        archive.writestr("pack/__init__.py", "")
        archive.writestr("pack/deep.py", "from airflow import DAG\nx = 'deep'\n")

    (result,) = watching().settle()

    assert [(spec.dag_id, spec.file) for spec in result.specs] == [
        ("shared_name", "all.zip/one.py"),
        ("deep", "all.zip/two.py"),
    ]


def test_a_damaged_archive_is_an_import_error(folder: Folder, watching: Watching) -> None:
    """Whatever is wrong inside."""
    with zipfile.ZipFile(folder.path / "bad.zip", "w") as archive:
        archive.writestr("one.py", "x = 1 # dag airflow" * 100)
    data = bytearray((folder.path / "bad.zip").read_bytes())
    data[60] ^= 0xFF
    (folder.path / "bad.zip").write_bytes(bytes(data))

    (result,) = watching().settle()

    assert "Bad CRC-32" in str(result.error)


def test_two_hundred_files_are_usable_from_the_first_look_on(
    folder: Folder, watching: Watching
) -> None:
    """How soon says `tests.bench --only parse`."""
    for number in range(200):
        folder.good(f"team{number % 10}/dag_{number}.py")
    loop = watching()

    results = loop.settle()

    assert len(results) == 200
    assert not any(result.error for result in results)


@pytest.mark.parametrize("cost_s", [0.0, 0.002, 0.1, 5.0])
def test_looks_without_a_reason_take_next_to_nothing(cost_s: float) -> None:
    """However much there is to look at, and however slow the machine."""
    pace = Pace()
    pace.swept(100.0, 100.0 + cost_s)

    assert pace.due_s >= 100.0 + max(SWEEP_EVERY_MIN_S, cost_s / SHARE_MAX)


def test_between_two_looks_at_two_hundred_files_there_is_nothing_to_do(
    folder: Folder, watching: Watching
) -> None:
    """Nothing wakes the loop before the next one."""
    for number in range(200):
        folder.good(f"dag_{number}.py")
    loop = watching()
    loop.settle()

    loop.until(
        lambda: (
            loop.parser.next_look() > SWEEP_EVERY_MIN_S / 2
            and not select.select([loop.parser], [], [], 0)[0]
        )
    )


def test_closing_ends_the_children(folder: Folder, watching: Watching, tmp_path: Path) -> None:
    """None of them is left when `close` returns."""
    told = tmp_path / "pid"
    folder.write(
        "long.py",
        f"# airflow dag\nimport os, time\nopen({str(told)!r}, 'w').write(str(os.getpid()))\n"
        "time.sleep(600)\n",
    )
    loop = watching()
    loop.until(lambda: told.exists() and told.read_text() != "")

    loop.parser.close()

    assert not os.path.exists(f"/proc/{told.read_text()}")


def test_tasks_get_the_defaults_of_the_configuration(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, metastore_url: str
) -> None:
    """From the environment of the daemon to the stored spec."""
    monkeypatch.setenv("AIRFLOW__CORE__DEFAULT_TASK_RETRIES", "2")
    task = "from airflow.operators.empty import EmptyOperator\nEmptyOperator(task_id='t', dag=d)\n"
    folder.write("one.py", "from airflow import DAG\nd = DAG('one')\n" + task)

    engine = create(metastore_url)
    with writing(engine) as conn:
        dags.record(conn, folder.parse()["one.py"], clock.utcnow(), paused_at_creation=False)
        stored = conn.execute(select_rows(schema.dag_version.c.spec)).scalar_one()
    engine.dispose()

    assert decode(stored).tasks[0].retries == 2
