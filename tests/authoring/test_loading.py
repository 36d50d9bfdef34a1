"""How the code of a DAG file becomes DAG objects."""

import inspect
import sys
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl import compat
from flowctl.authoring import dag_files, loading

PLAIN = "from airflow import DAG\nd = DAG('plain')\n"


@pytest.fixture(autouse=True)
def _interpreter_as_it_was() -> Iterator[None]:
    """Undo what loading does to the interpreter, which elsewhere is a disposable one."""
    compat.install()
    paths, finders, modules = sys.path[:], sys.meta_path[:], set(sys.modules)
    yield
    sys.path[:], sys.meta_path[:] = paths, finders
    for name in set(sys.modules) - modules:
        if not name.startswith(("airflow", "flowctl.")):
            del sys.modules[name]


def load(root: Path, name: str, text: str | None = None, **options: object) -> loading.LoadedFile:
    """Load a file of the folder, written first when a text is given."""
    if text is not None:
        (root / name).write_text(text)
    return loading.load_file(root / name, root=root, **options)  # type: ignore[arg-type]


def test_dags_are_found_by_global_name_and_by_scope(tmp_path: Path) -> None:
    """Each once, in the order of the file; those that do not register need a name."""
    loaded = load(
        tmp_path,
        "many.py",
        "from airflow import DAG\n"
        "a = DAG('a')\nagain = a\n"
        "def hide():\n"
        "    with DAG('hidden'): pass\n"
        "    with DAG('private', auto_register=False): pass\n"
        "    DAG('lost')\n"
        "hide()\n"
        "with DAG('b') as b: pass\n",
    )

    assert list(loaded.dags) == ["a", "b", "hidden"]


def test_the_module_knows_where_it_is(tmp_path: Path) -> None:
    """`__file__` is the path, and the name is not that of another file with the same stem."""
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        load(tmp_path, f"{folder}/same.py", "HERE = __file__, __name__\n")

    loaded = [m for name, m in sys.modules.items() if name.startswith("flowctl_dag_")]
    heres = {m.HERE for m in loaded if hasattr(m, "HERE")}  # others are of other tests
    assert {Path(file) for file, _ in heres} == {tmp_path / "x/same.py", tmp_path / "y/same.py"}
    assert len({name for _, name in heres}) == 2


def test_siblings_can_be_imported(tmp_path: Path) -> None:
    """From the DAG folder, wherever the file is."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sibling_of_mine.py").write_text("NAME = 'from_sibling'\n")

    loaded = load(
        tmp_path,
        "sub/user.py",
        "from airflow import DAG\nimport sibling_of_mine\nd = DAG(sibling_of_mine.NAME)\n",
    )

    assert list(loaded.dags) == ["from_sibling"]


def test_an_older_text_runs_and_shows_as_if_it_were_the_file(tmp_path: Path) -> None:
    """Definitions, `inspect` and tracebacks come from the bytes that were given."""
    older = "from airflow import DAG\nd = DAG('older')\ndef f():\n    raise LookupError  # older\n"
    (tmp_path / "x.py").write_text(PLAIN)

    loaded = load(tmp_path, "x.py", source=older.encode())

    assert list(loaded.dags) == ["older"]
    assert loaded.source == older.encode()
    function = sys.modules[loading.module_name(tmp_path / "x.py")].f
    assert "raise LookupError  # older" in inspect.getsource(function)
    with pytest.raises(LookupError) as caught:
        function()
    assert "raise LookupError  # older" in "".join(traceback.format_exception(caught.value))


def test_one_module_of_an_archive_can_be_loaded(tmp_path: Path) -> None:
    """With the others of the archive importable, and also from older bytes."""
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("one.py", "from airflow import DAG\nimport helper\nd = DAG(helper.NAME)\n")
        archive.writestr("helper.py", "NAME = 'in_zip'\n")
        archive.writestr("two.py", PLAIN)
    content = (tmp_path / "all.zip").read_bytes()
    (tmp_path / "all.zip").write_bytes(b"another file by now")

    loaded = load(tmp_path, "all.zip/one.py", source=content)

    assert list(loaded.dags) == ["in_zip"]


def test_an_error_keeps_its_cause(tmp_path: Path) -> None:
    """For who wants the traceback."""
    with pytest.raises(loading.LoadError, match="ZeroDivisionError: division by zero") as caught:
        load(tmp_path, "x.py", "1 / 0\n")

    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_file_that_takes_too_long_is_an_error(tmp_path: Path) -> None:
    """Even where the file catches every Exception."""
    text = "while True:\n    try:\n        while True: pass\n    except Exception: pass\n"

    with pytest.raises(loading.LoadError, match=r"import took longer than 0\.1 s"):
        load(tmp_path, "x.py", text, timeout_s=0.1)


def test_warnings_are_collected(tmp_path: Path) -> None:
    """With file and line."""
    loaded = load(tmp_path, "x.py", "import warnings\nwarnings.warn('old', DeprecationWarning)\n")

    assert loaded.warnings == (f"{tmp_path / 'x.py'}:2: DeprecationWarning: old",)


def test_a_label_leads_back_to_its_file(tmp_path: Path) -> None:
    """Labels of the examples as well."""
    assert dag_files.locate("sub/x.py", tmp_path) == (tmp_path / "sub/x.py", tmp_path)

    path, root = dag_files.locate("examples://x.py", tmp_path)
    assert (path, root) == (root / "x.py", dag_files.examples_folder())
