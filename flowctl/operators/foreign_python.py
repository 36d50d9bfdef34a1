"""A task whose function runs in another Python than flowctl: what all such operators share.

Arguments and result cross as pickles (or those of dill or cloudpickle), in files that only this
user can read, between a task and its own child.
"""

import inspect
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any

from flowctl.authoring.arguments import renamed
from flowctl.authoring.exceptions import (
    AirflowException,
    AirflowSkipException,
    DeserializingResultError,
)
from flowctl.authoring.moments import plain_utc
from flowctl.authoring.taskflow import CONTEXT_KEYS
from flowctl.operators import folders, foreign_script
from flowctl.operators.bash import listed_codes
from flowctl.operators.child import Child, ending
from flowctl.operators.python import PythonOperator

SERIALIZERS = ("pickle", "cloudpickle", "dill")
PROTOCOL = 4  # of pickles that go over: the newest that every living Python 3 reads

_TEXTS = """
    ds ds_nodash expanded_ti_count map_index_template next_ds next_ds_nodash prev_ds prev_ds_nodash
    run_id task_instance_key_str test_mode tomorrow_ds tomorrow_ds_nodash try_number ts ts_nodash
    ts_nodash_with_tz yesterday_ds yesterday_ds_nodash
"""
_MOMENTS = """
    data_interval_end data_interval_start execution_date logical_date next_execution_date
    prev_data_interval_end_success prev_data_interval_start_success prev_end_date_success
    prev_execution_date prev_execution_date_success prev_start_date_success
"""
MOMENTS = frozenset(_MOMENTS.split())


def _params(context: Any) -> Any:
    return dict(context["params"])


def _dag_run(context: Any) -> Any:
    """Return the facts of the run, without the ways to ask for more."""
    run = context["dag_run"]
    facts = {name: getattr(run, name) for name in ("dag_id", "run_id", "conf", "external_trigger")}
    facts |= {name: str(getattr(run, name)) for name in ("run_type", "state")}
    dates = ("logical_date", "execution_date", "data_interval_start", "data_interval_end")
    return SimpleNamespace(**facts, **{name: _moment(getattr(run, name)) for name in dates})


def _moment(value: Any) -> Any:
    return None if value is None else plain_utc(value)


PORTABLE: Mapping[str, Callable[[Any], Any]] = {
    **{name: lambda context, name=name: context.value(name) for name in _TEXTS.split()},  # type: ignore[misc]  # bound early
    **{name: lambda context, name=name: _moment(context.value(name)) for name in MOMENTS},  # type: ignore[misc]
    "params": _params,
    "dag_run": _dag_run,
}
"""What of the context another Python can be given, and how: plain values only."""

_STAYS = CONTEXT_KEYS - PORTABLE.keys() - {"templates_dict"}


class Portable:
    """The part of a context that can go over; each value is made when it is asked for."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._own: dict[str, Any] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        self._own[name] = value

    def __getitem__(self, name: str) -> Any:
        return self._own[name] if name in self._own else PORTABLE[name](self._context)

    def __contains__(self, name: object) -> bool:
        return name in self._own or (name in PORTABLE and name in self._context)

    def items(self) -> Any:
        """Return all that can go over."""
        names = [name for name in PORTABLE if name in self._context]
        return {name: self[name] for name in (*names, *self._own)}.items()


class ForeignPythonOperator(PythonOperator):
    """Runs a function in another Python; a subclass says in which.

    The function is sent as text: it sees nothing of the DAG file, and imports what it needs itself.

    Args:
        python_callable: a function made with `def`.
        serializer: "pickle", "cloudpickle" or "dill"; the others must be installed on both sides.
        string_args: texts that the function finds in the global `virtualenv_string_args`.
        expect_airflow: let the function import Airflow's names, where they can be had over there.
        skip_on_exit_code: the exit code, or codes, that mean "skipped"; None for none.
        env_vars: added to the environment of the function.
        inherit_env: give it the environment of this process as well.
        use_dill: the same as serializer="dill", by its name before Airflow 2.10.

    Raises:
        AirflowException: the serializer is not known, or given twice.
        ValueError: `python_callable` is something that cannot be sent.
    """

    template_fields: Sequence[str] = PythonOperator.template_fields

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        serializer: str | None = None,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        string_args: Iterable[str] | None = None,
        templates_dict: dict[str, Any] | None = None,
        templates_exts: list[str] | None = None,
        expect_airflow: bool = True,
        skip_on_exit_code: int | Collection[int] | None = None,
        env_vars: dict[str, str] | None = None,
        inherit_env: bool = True,
        use_dill: bool = False,
        **kwargs: Any,
    ) -> None:
        _check_function(type(self).__name__, python_callable)
        super().__init__(
            python_callable=python_callable,
            op_args=op_args,
            op_kwargs=op_kwargs,
            templates_dict=templates_dict,
            templates_exts=templates_exts,
            **kwargs,
        )
        self.string_args = string_args or []
        self.serializer = _serializer(f"task {self.task_id!r}", serializer, use_dill)
        self.expect_airflow = expect_airflow
        self.skip_on_exit_code = listed_codes(skip_on_exit_code)
        self.env_vars = env_vars
        self.inherit_env = inherit_env
        self._child: Child | None = None

    @property
    def pickling_library(self) -> Any:
        """Return the module that writes and reads what crosses.

        Raises:
            AirflowException: it is not installed here.
        """
        try:
            return import_module(self.serializer)
        except ModuleNotFoundError:
            raise AirflowException(
                f"serializer={self.serializer!r} of task {self.task_id!r} needs the package"
                f" {self.serializer} beside flowctl; install it there"
            ) from None

    def execute(self, context: Any) -> Any:
        """Call the function over there."""
        self._check_names()
        return super().execute(Portable(context))

    def _check_names(self) -> None:
        """Complain of names of the context that cannot go over.

        Raises:
            AirflowException: the function needs one.
        """
        for name, parameter in inspect.signature(self.python_callable).parameters.items():
            is_needed = parameter.default is parameter.empty and name not in self.op_kwargs
            if is_needed and name in _STAYS:
                raise AirflowException(
                    f"the function of task {self.task_id!r} asks for {name!r}, which cannot be sent"
                    f" to another Python; it can have {', '.join(sorted(PORTABLE))}"
                )

    def execute_callable(self) -> Any:
        """Call the function in the Python that `interpreter` names."""
        raise NotImplementedError(f"{type(self).__name__} does not say which Python runs its task")

    def get_python_source(self) -> str:
        """Return the text of the function, without its decorators."""
        return foreign_script.source_of(self.python_callable)

    def on_kill(self) -> None:
        """Send SIGTERM to the other Python and all that it has started."""
        if self._child is not None:
            self._child.terminate()

    def _run(self, command: Sequence[str], env: Mapping[str, str]) -> int:
        self._child = Child(self.log)
        return self._child.run(command, env=env)[0]

    def _call_in(self, python: Path) -> Any:
        """Call the function in the Python at a path; return its result.

        Raises:
            AirflowSkipException: it ended with one of `skip_on_exit_code`.
            AirflowException: it failed; with the words of its exception.
        """
        folder = Path(folders.make("venv-call"))
        try:
            return self._call(python, folder)
        finally:
            folders.remove(str(folder))

    def _call(self, python: Path, folder: Path) -> Any:
        files = [folder / name for name in ("script.py", "in", "out", "strings", "error")]
        script, given, left, strings, error = files
        kwargs = dict(self.op_kwargs)
        given.write_bytes(self._pickled({"args": list(self.op_args), "kwargs": kwargs}))
        strings.write_text("\n".join(map(str, self.string_args)))
        script.write_text(
            foreign_script.program(
                source=self.get_python_source(),
                name=self.python_callable.__name__,
                serializer=self.serializer,
                expect_airflow=self.expect_airflow,
                module=self.python_callable.__module__,
                dates=sorted(MOMENTS & kwargs.keys()),
            )
        )
        env = dict(os.environ) if self.inherit_env else {}
        code = self._run([str(python), "-u", *map(str, files)], env | (self.env_vars or {}))
        if code in self.skip_on_exit_code:
            raise AirflowSkipException(f"the function ended with exit code {code}: skipped")
        if code:
            said = error.read_text() if error.exists() else ""
            raise AirflowException(f"the function {ending(code)}" + (f": {said}" if said else ""))
        return self._result(left)

    def _pickled(self, arguments: dict[str, Any]) -> bytes:
        try:
            return bytes(self.pickling_library.dumps(arguments, protocol=PROTOCOL))
        except AirflowException:
            raise
        except Exception as error:  # the arguments are objects of the user
            raise AirflowException(
                f"an argument of task {self.task_id!r} cannot be sent to another Python by"
                f" {self.serializer}: {error}"
            ) from error

    def _result(self, file: Path) -> Any:
        if not file.exists() or not file.stat().st_size:
            return None
        try:
            return self.pickling_library.loads(file.read_bytes())
        except Exception as error:  # what it returned is an object of any library
            raise DeserializingResultError(
                f"what the function of task {self.task_id!r} returned cannot be read here:"
                f" {type(error).__name__}: {error}. Return plain values, or install that library"
                " beside flowctl"
            ) from error


def _check_function(kind: str, function: Any) -> None:
    if not isinstance(function, FunctionType) or function.__name__ == "<lambda>":
        raise ValueError(
            f"python_callable of {kind} is a function made with def, whose text can be sent to"
            f" another Python, not {function!r}"
        )
    if inspect.isgeneratorfunction(function):
        raise ValueError(f"python_callable of {kind} returns its result; it cannot yield")


def _serializer(where: str, given: str | None, use_dill: bool) -> str:
    if use_dill:
        renamed(where, "use_dill", "serializer='dill'", stacklevel=4)
        if given:
            raise AirflowException(f"give {where} only one of serializer and use_dill")
    chosen = "dill" if use_dill else given or SERIALIZERS[0]
    if chosen not in SERIALIZERS:
        raise AirflowException(
            f"serializer of {where} is {chosen!r}; it must be one of {', '.join(SERIALIZERS)}"
        )
    return chosen
