"""A function runs in another Python: what goes over, what comes back, and what it says if not."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pendulum
import pytest

from flowctl.authoring import ports
from flowctl.authoring.connection import Connection
from flowctl.authoring.context import Context
from flowctl.authoring.dag import DAG
from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowSkipException,
    DeserializingResultError,
)
from flowctl.operators import environments
from flowctl.operators.decorators import task
from flowctl.operators.environments import Recipe
from flowctl.operators.virtualenv import (
    BranchExternalPythonOperator,
    ExternalPythonOperator,
    PythonVirtualenvOperator,
)

DAY = pendulum.datetime(2024, 1, 2, tz="UTC")
CONTEXT = {"ds": "2024-01-02", "logical_date": DAY, "params": {"n": 3}}


def elsewhere(function: Callable[..., Any], **options: Any) -> Any:
    """Run a function in a Python of its own and return its result."""
    call = ExternalPythonOperator(
        task_id="t", python=sys.executable, python_callable=function, **options
    )
    return call.execute(Context(CONTEXT))


def everything(number, ds, logical_date, *, params, extra=None):  # type: ignore[no-untyped-def]
    import os

    import pendulum

    is_pendulum = isinstance(logical_date, pendulum.DateTime)
    day = logical_date.isoformat()
    return {"all": (number, ds, day, is_pendulum, params, extra), "pid": os.getpid()}


def test_arguments_and_names_of_the_context_go_over() -> None:
    result = elsewhere(everything, op_args=[1], op_kwargs={"extra": {2}})

    day = "2024-01-02T00:00:00+00:00"
    assert result["all"] == (1, "2024-01-02", day, True, {"n": 3}, {2})
    assert result["pid"] != os.getpid()


def strings() -> Any:
    return virtualenv_string_args  # type: ignore[name-defined]  # noqa: F821 - a global over there


def test_string_arguments_are_a_global() -> None:
    assert elsewhere(strings, string_args=["a", "b c"]) == ["a", "b c"]


def nothing() -> None:
    """Return nothing."""


def test_a_function_may_return_nothing() -> None:
    assert elsewhere(nothing) is None


def environment() -> Any:
    import os

    return os.environ.get("OWN"), os.environ.get("FLOWCTL_HOME")


def test_the_environment_is_inherited_only_if_wanted() -> None:
    assert elsewhere(environment, env_vars={"OWN": "1"}) == ("1", os.environ["FLOWCTL_HOME"])
    assert elsewhere(environment, env_vars={"OWN": "1"}, inherit_env=False) == ("1", None)


def names() -> str:
    from airflow.models.dag import DAG

    return DAG.__module__


def test_the_function_may_use_airflows_names() -> None:
    assert elsewhere(names) == "flowctl.authoring.dag"


def fail() -> None:
    raise LookupError("no such thing")


def leave(code: int) -> None:
    raise SystemExit(code)


def kill() -> None:
    import os

    os.kill(os.getpid(), 9)


def test_a_failure_says_what_the_function_said() -> None:
    words = "the function failed with exit code 1: LookupError: no such thing"
    with pytest.raises(AirflowException, match=words):
        elsewhere(fail)


def test_a_signal_is_named() -> None:
    with pytest.raises(AirflowException, match=r"ended by signal 9 \(SIGKILL\)"):
        elsewhere(kill)


@pytest.mark.parametrize(("code", "skips"), [(0, 0), (7, 7), (7, [3, 7])])
def test_an_exit_code_may_mean_skipped(code: int, skips: Any) -> None:
    with pytest.raises(AirflowSkipException, match=f"exit code {code}: skipped"):
        elsewhere(leave, op_args=[code], skip_on_exit_code=skips)


def own_class() -> Any:
    import sys
    import types

    class Thing:
        pass

    sys.modules["only_there"] = types.ModuleType("only_there")
    Thing.__module__ = "only_there"
    Thing.__qualname__ = "Thing"
    sys.modules["only_there"].Thing = Thing  # type: ignore[attr-defined]
    return Thing()


def test_a_result_that_cannot_be_read_here_is_explained() -> None:
    with pytest.raises(DeserializingResultError, match="cannot be read here: ModuleNotFoundError"):
        elsewhere(own_class)


def test_an_argument_that_cannot_go_over_is_explained() -> None:
    with pytest.raises(AirflowException, match="cannot be sent to another Python by pickle"):
        elsewhere(leave, op_args=[lambda: 1])


def wants_ti(ti: Any) -> None:
    """Ask for what cannot go over."""


def test_a_name_that_cannot_go_over_is_explained() -> None:
    with pytest.raises(AirflowException, match="asks for 'ti', which cannot be sent"):
        elsewhere(wants_ti)


@pytest.mark.parametrize("function", [lambda: 1, print, (lambda: (yield)), None])
def test_only_a_function_with_a_text_can_be_sent(function: Any) -> None:
    with pytest.raises(ValueError, match="is a function made with def"):
        ExternalPythonOperator(task_id="t", python=sys.executable, python_callable=function)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"serializer": "json"}, "must be one of pickle, cloudpickle, dill"),
        ({"serializer": "pickle", "use_dill": True}, "only one of serializer and use_dill"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_unknown_serializer_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(AirflowException, match=words):
        elsewhere(nothing, **options)


@pytest.mark.parametrize("python", ["python3", "/no/such/python", "/"])
def test_a_python_that_is_none_is_named(python: str) -> None:
    call = ExternalPythonOperator(task_id="t", python=python, python_callable=nothing)
    with pytest.raises(ValueError, match=f"'{python}' is not"):
        call.execute(Context(CONTEXT))


def test_a_decorated_function_goes_over_without_its_decorators() -> None:
    with DAG("d", schedule=None):

        @task.external_python(python=sys.executable, retries=2)
        def double(number, ds=None):  # type: ignore[no-untyped-def]
            return number * 2, ds

        made = double(21).operator

    assert made.task_id == "double"
    assert made.retries == 2
    assert made.execute(Context(CONTEXT)) == (42, "2024-01-02")


def choose() -> str:
    return "a"


def test_a_branch_follows_what_the_function_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    call = BranchExternalPythonOperator(task_id="t", python=sys.executable, python_callable=choose)
    chosen: list[Any] = []
    monkeypatch.setattr(call, "do_branch", lambda _context, choice: chosen.append(choice))

    call.execute(Context(CONTEXT))

    assert chosen == ["a"]


# ------------------------------------------------------------------ environments


class Installer:
    """Stands for uv and pip: notes what it is told, and makes the folder of an environment."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.told: list[list[str]] = []
        self.env: dict[str, str] = {}

    def __call__(self, command: Sequence[str], env: Any) -> int:
        self.told.append(list(command))
        self.env = dict(env)
        if "venv" in command:
            Path(command[-1]).mkdir(exist_ok=True)
        return self.code


def test_pip_is_told_requirements_options_and_indexes(tmp_path: Path) -> None:
    recipe = Recipe(
        ("six", "attrs<24"), options=("--no-deps",), indexes=("https://a/", "https://b/")
    )
    pip = Installer()

    environments.make(recipe, tmp_path / "v", pip, "pip")

    python = str(tmp_path / "v" / "bin" / "python")
    assert pip.told[0] == [sys.executable, "-m", "venv", str(tmp_path / "v")]
    assert pip.told[1][:4] == [python, "-m", "pip", "install"]
    assert pip.told[1][-3:-1] == ["--no-deps", "-r"]
    assert Path(pip.told[1][-1]).read_text() == "six\nattrs<24\n"
    assert pip.env["PIP_INDEX_URL"] == "https://a/"
    assert pip.env["PIP_EXTRA_INDEX_URL"] == "https://b/"


def test_passwords_of_indexes_stay_out_of_the_command(tmp_path: Path) -> None:
    pip = Installer()
    recipe = Recipe(("six",), indexes=("https://me:secret@a/",))

    environments.make(recipe, tmp_path / "v", pip, "pip")

    assert "secret" not in str(pip.told)


def test_no_index_at_all_means_that_nothing_is_fetched(tmp_path: Path) -> None:
    pip = Installer()

    environments.make(Recipe(("six",), indexes=()), tmp_path / "v", pip, "pip")

    assert "--no-index" in pip.told[1]


def test_an_installer_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(AirflowException, match="ended with exit code 3; the lines above"):
        environments.make(Recipe(), tmp_path / "v", Installer(3), "pip")


def test_a_python_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(AirflowException, match=r"there is no python3\.4 on the PATH"):
        environments.make(Recipe(python="3.4"), tmp_path / "v", Installer(), "pip")


def test_equal_recipes_share_an_environment(tmp_path: Path) -> None:
    pip = Installer()
    first = environments.cached(Recipe(("six",)), tmp_path, pip, "pip")
    commands = len(pip.told)

    assert environments.cached(Recipe(("six",)), tmp_path, pip, "pip") == first
    assert len(pip.told) == commands
    assert environments.cached(Recipe(("six", "attrs")), tmp_path, pip, "pip") != first
    assert environments.cached(Recipe(("six",), key="2"), tmp_path, pip, "pip") != first


def test_half_an_environment_is_made_anew(tmp_path: Path) -> None:
    with pytest.raises(AirflowException):
        environments.cached(Recipe(("six",)), tmp_path, Installer(1), "pip")
    pip = Installer()

    environments.cached(Recipe(("six",)), tmp_path, pip, "pip")

    assert len(pip.told) == 2


def parent() -> Any:
    import sys

    import sqlalchemy

    return sys.prefix, sqlalchemy.__name__


def test_an_environment_sees_ours_or_not(tmp_path: Path) -> None:
    ports.use(ports.InMemoryPorts())
    options: dict[str, Any] = {"python_callable": parent, "venv_cache_path": tmp_path}
    seeing = PythonVirtualenvOperator(task_id="a", **options)
    blind = PythonVirtualenvOperator(task_id="b", system_site_packages=False, **options)

    prefix, name = seeing.execute(Context(CONTEXT))

    assert Path(prefix).parent == tmp_path
    assert name == "sqlalchemy"
    with pytest.raises(AirflowException, match="No module named 'sqlalchemy'"):
        blind.execute(Context(CONTEXT))


def test_what_a_recipe_is_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Connection(
        "mine", "package_index", host="https://host/simple", login="me", password="p/w"
    )
    monkeypatch.setenv("AIRFLOW_CONN_MINE", found.as_json())
    call = PythonVirtualenvOperator(
        task_id="t",
        python_callable=nothing,
        requirements=["six\n\nattrs", " numpy<2 "],
        serializer="cloudpickle",
        system_site_packages=False,
        index_urls="https://main/simple",
        index_urls_from_connection_ids="mine",
    )

    recipe = call._recipe()

    assert recipe.requirements == ("six", "attrs", "numpy<2", "cloudpickle")
    assert recipe.indexes == ("https://main/simple", "https://me:p%2Fw@host/simple")


def test_python_2_is_refused() -> None:
    with pytest.raises(AirflowException, match="in Python 3 only"):
        PythonVirtualenvOperator(task_id="t", python_callable=nothing, python_version="2.7")


def test_the_fields_of_airflow_are_templates() -> None:
    fields = set(PythonVirtualenvOperator.template_fields)

    assert {"requirements", "index_urls", "venv_cache_path", "op_args", "op_kwargs"} <= fields
