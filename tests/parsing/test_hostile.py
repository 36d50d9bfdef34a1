"""A DAG file can do what it wants: it costs only itself, and its import error names the cause."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flowctl.parsing.output import LOG_BYTES_MAX
from tests.parsing.conftest import Folder, Loop

HOSTILE = {
    "syntax": ("def (:\n", "SyntaxError"),
    "name": ("nothing_of_that_name\n", "NameError: name 'nothing_of_that_name' is not defined"),
    "import": ("import not_there_at_all\n", "No module named 'not_there_at_all'"),
    "sys.exit": ("import sys; sys.exit(3)\n", "exited with status 3 by calling sys.exit"),
    "sys.exit text": ("raise SystemExit('no luck')\n", "sys.exit: no luck"),
    "os._exit": ("import os; os._exit(4)\n", "exited with status 4 by calling os._exit"),
    "os._exit 0": ("import os; os._exit(0)\n", "exited with status 0 by calling os._exit"),
    "segfault": ("import ctypes; ctypes.string_at(0)\n", "killed by signal 11 (SIGSEGV)"),
    "abort": ("import os; os.abort()\n", "killed by signal 6 (SIGABRT)"),
    "kill": ("import os; os.kill(os.getpid(), 9)\n", "killed by signal 9 (SIGKILL)"),
    "recursion": ("def f(): f()\nf()\n", "RecursionError"),
    "interrupt": ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    "group": ("raise BaseExceptionGroup('g', [KeyboardInterrupt()])\n", "BaseExceptionGroup"),
    "mute": (
        "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute\n",
        "Mute: (it has no text)",
    ),
    "surrogate": ("raise ValueError('\\ud800')\n", "ValueError: \\ud800"),
    "nul in text": ("raise ValueError('a\\0b')\n", "ValueError: a\\0b"),
    "nul byte": ("x = 1\0\n", "null bytes"),
    "latin-1": (b"x = '\xe9'\n", "SyntaxError"),
    "closes all": (
        "import os\nos.closerange(0, 300)\nraise ValueError('end')\n",
        "ValueError: end",
    ),
    "no streams": (
        "import sys\nsys.stdout = sys.stderr = 7\nraise ValueError('x')\n",
        "ValueError: x",
    ),
    "changes dir": ("import os\nos.chdir('/')\nraise ValueError('moved')\n", "ValueError: moved"),
}


@pytest.mark.parametrize(("content", "cause"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_went_wrong_is_said(folder: Folder, content: str | bytes, cause: str) -> None:
    """The import error of each hostile file names its cause."""
    assert cause in folder.error(content)


def test_a_file_that_takes_too_long_is_interrupted_from_within(folder: Folder) -> None:
    """The usual limit shows where the file was."""
    error = folder.error("import threading; threading.Event().wait()\n", import_timeout_s=0.3)

    assert error.startswith("import took longer than 0.3 s (core.dagbag_import_timeout)")
    assert "line 2" in error


def test_a_file_that_catches_everything_is_killed_from_outside(folder: Folder) -> None:
    """The outer limit does not need the file's help."""
    stubborn = (  # from the first line on, whenever the limit comes
        "while True:\n  try: import time; time.sleep(60)\n  except BaseException: pass\n"
    )

    error = folder.error(stubborn, import_timeout_s=0.1, timeout_s=0.7)

    assert "took longer than 0.7 s and was killed (core.dag_file_processor_timeout)" in error


def test_a_file_that_blocks_in_c_is_killed_from_outside(folder: Folder) -> None:
    """No Python line is reached any more, so that nothing can be raised inside."""
    error = folder.error(
        "'a' * 30 + '!'\nimport re\nre.match('(a+)+$', 'a' * 60 + '!')\n",
        import_timeout_s=5,
        timeout_s=0.7,
    )

    assert "core.dag_file_processor_timeout" in error


def test_a_file_that_eats_memory_is_stopped(folder: Folder) -> None:
    """The memory limit is named, with its option."""
    eater = "hoard = []\nwhile True:\n    hoard.append(bytearray(10**7))\n"

    error = folder.error(eater, memory_bytes_max=2**28)

    assert "used more than 0.25 GiB of memory ([scheduler] parsing_memory_limit_mb)" in error


def test_what_a_file_prints_is_kept_within_bounds(
    folder: Folder, watching: Callable[..., Loop]
) -> None:
    """A flood leaves its first and last lines in the log and stops nothing."""
    folder.write(
        "flood.py",
        "# airflow dag\nprint('first')\nfor i in range(20_000): print('x' * 80)\nprint('last')\n",
    )
    loop = watching()

    for _ in range(6):
        loop.parser.parse_again()
        assert loop.until_result("flood.py").error is None

    logs = folder.options.log_folder / "latest"
    text = (logs / "flood.py.log").read_text()
    assert "first\n" in text
    assert "last\n" in text
    assert "bytes are left out here" in text
    assert sum(path.stat().st_size for path in logs.iterdir()) <= 2 * LOG_BYTES_MAX


def test_the_last_output_of_a_crash_is_part_of_the_error(folder: Folder) -> None:
    """A segmentation fault shows the Python lines that led to it."""
    error = folder.error("import ctypes\nprint('up to here')\nctypes.string_at(0)\n")

    assert "up to here" in error
    assert "bad.py" in error


@pytest.mark.parametrize("detach", ["", "os.setsid()"], ids=["in the group", "detached"])
def test_nothing_that_a_file_started_outlives_it(
    folder: Folder, tmp_path: Path, detach: str
) -> None:
    """Grandchildren are killed, also those that left the process group."""
    pids = tmp_path / "pids"
    folder.write(
        "forks.py",
        f"""# airflow dag
import os, time
for _ in range(3):
    if os.fork() == 0:
        {detach or "pass"}
        with open({str(pids)!r}, "a") as f: print(os.getpid(), file=f)
        time.sleep(600)
while not os.path.exists({str(pids)!r}) or len(open({str(pids)!r}).readlines()) < 3: pass
""",
    )

    assert folder.parse()["forks.py"].error is None

    for pid in map(int, pids.read_text().split()):
        assert not Path(f"/proc/{pid}").exists()


def test_a_fork_that_goes_on_in_the_file_does_not_end_twice(folder: Folder) -> None:
    """The report of a grandchild that runs on into our code does no harm."""
    folder.write(
        "twice.py", "# airflow\nimport os\nos.fork()\nfrom airflow import DAG\nd = DAG('twice')\n"
    )

    assert [s.dag_id for s in folder.parse()["twice.py"].specs] == ["twice"]


def test_a_broken_link_is_an_import_error(folder: Folder) -> None:
    """The error says where the link leads."""
    (folder.path / "link.py").symlink_to("nowhere.py")

    assert "symbolic link to nowhere.py, which does not exist" in str(
        folder.parse()["link.py"].error
    )


def test_a_file_without_read_permission_is_an_import_error(folder: Folder) -> None:
    """The operating system's words are passed on."""
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    folder.good("secret.py").chmod(0)

    assert "cannot be read: Permission denied" in str(folder.parse()["secret.py"].error)


def test_a_huge_file_is_refused(folder: Folder) -> None:
    """64 MB are no DAG file; the limit is named."""
    error = folder.error(b"#" * 64 * 2**20)

    assert "67,108,878 bytes; flowctl reads DAG files of up to 16,777,216 bytes" in error


def test_a_byte_order_mark_is_no_error(folder: Folder) -> None:
    """Editors of another system write one."""
    folder.write("bom.py", b"\xef\xbb\xbf" + b"from airflow import DAG\nd = DAG('bom')\n")

    assert folder.parse()["bom.py"].error is None


def test_a_file_that_is_deleted_meanwhile_is_gone(
    folder: Folder, watching: Callable[..., Loop]
) -> None:
    """Its child's answer is not wanted any more."""
    path = folder.write("brief.py", "# airflow dag\nimport time\ntime.sleep(600)\n")
    loop = watching()
    loop.until(lambda: not loop.parser.is_idle)

    path.unlink()

    assert loop.until_result("brief.py").is_gone


def test_two_dags_of_one_id_in_one_file_are_an_import_error(folder: Folder) -> None:
    """The first is used, the error names the id."""
    folder.write("twin.py", "from airflow import DAG\na = DAG('same')\nb = DAG('same')\n")

    result = folder.parse()["twin.py"]

    assert "DAG 'same': two DAGs of this file have this id" in str(result.error)
    assert [spec.dag_id for spec in result.specs] == ["same"]


def test_an_invalid_id_is_an_import_error(folder: Folder) -> None:
    """Ids are checked before anything is stored."""
    assert "no/good" in folder.error("from airflow import DAG\nd = DAG('no/good')\n")


def test_files_that_hang_do_not_delay_the_others(
    folder: Folder, watching: Callable[..., Loop]
) -> None:
    """More hang than may run at once; a good file is usable while they still do."""
    for number in range(8):
        folder.write(f"hang{number}.py", "# airflow dag\nimport time\ntime.sleep(600)\n")
    loop = watching(import_timeout_s=600, timeout_s=600)
    loop.until(lambda: not loop.parser.is_idle)

    folder.good("good.py")

    assert loop.until_result("good.py").error is None
    assert [result.path for result in loop.results] == ["good.py"]


def test_a_file_that_hangs_can_be_repaired_at_once(
    folder: Folder, watching: Callable[..., Loop]
) -> None:
    """The new text does not wait for the old one's time limit."""
    folder.write("fix.py", "# airflow dag\nimport time\ntime.sleep(600)\n")
    loop = watching()
    loop.until(lambda: not loop.parser.is_idle)

    folder.good("fix.py")

    assert [s.dag_id for s in loop.until_result("fix.py").specs] == ["fix"]


def test_a_dead_zygote_is_replaced(folder: Folder) -> None:
    """Who kills it is told apart from the others by trying again."""
    folder.good("good.py")
    folder.write("killer.py", "# airflow dag\nimport os\nos.kill(os.getppid(), 9)\n")

    results = folder.parse()

    assert results["good.py"].error is None
    assert "parser process itself died" in str(results["killer.py"].error)
