"""The program that calls one function of a DAG file in another Python.

The function goes over as text, its arguments and its result as files. The program takes four file
names: arguments, result, string arguments, and where to write what an exception says.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

_HEAD = """\
from __future__ import annotations

import sys
import {serializer}
"""

_AIRFLOW = """
try:
    import airflow
except ImportError:
    pass  # the function may do without
"""

_MODULE = """
import types

sys.modules["{module}"] = types.ModuleType("{module}")
setattr(sys.modules["{module}"], "{name}", {name})
"""

_ARGUMENTS = """
with open(sys.argv[1], "rb") as _file:
    _given = {serializer}.load(_file)
"""

_NO_ARGUMENTS = """
_given = {"args": [], "kwargs": {}}
"""

_STRINGS = """
with open(sys.argv[3]) as _file:
    virtualenv_string_args = [_line.strip() for _line in _file]
"""

_DATES = """
try:
    import pendulum as _pendulum
except ImportError:
    pass  # then they stay what the standard library has
else:
    for _name in {names!r}:
        if _given["kwargs"].get(_name) is not None:
            _given["kwargs"][_name] = _pendulum.instance(_given["kwargs"][_name])
"""

_CALL = """
try:
    _result = {name}(*_given["args"], **_given["kwargs"])
except Exception as _error:
    with open(sys.argv[4], "w") as _file:
        _file.write(type(_error).__name__ + ": " + str(_error))
    raise

with open(sys.argv[2], "wb") as _file:
    if _result is not None:
        {serializer}.dump(_result, _file)
"""


def program(
    *,
    source: str,
    name: str,
    serializer: str = "pickle",
    has_arguments: bool = True,
    has_strings: bool = True,
    expect_airflow: bool = False,
    module: str | None = None,
    dates: Iterable[str] = (),
) -> str:
    """Return the text of the program.

    Args:
        source: text of the function.
        name: its name.
        serializer: module with `load` and `dump` that reads the arguments and writes the result.
        has_arguments: False leaves the file of arguments alone.
        has_strings: False leaves the file of string arguments alone.
        expect_airflow: import Airflow, or what stands in for it, before the arguments are read.
        module: what the module of the function is called in pickles.
        dates: keyword arguments that become pendulum's where that is installed.
    """
    wanted = tuple(dates)
    parts = (
        _HEAD.format(serializer=serializer),
        _AIRFLOW if expect_airflow else "",
        "\n" + source,
        _MODULE.format(module=module, name=name) if module else "",
        _ARGUMENTS.format(serializer=serializer) if has_arguments else _NO_ARGUMENTS,
        _STRINGS if has_strings else "",
        _DATES.format(names=wanted) if wanted else "",
        _CALL.format(name=name, serializer=serializer),
    )
    return "".join(parts)


def source_of(function: Callable[..., Any]) -> str:
    """Return the text of a function without its decorators, whose names only the DAG file knows.

    Raises:
        OSError: the text is nowhere to be found.
    """
    text = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(text).body[0]
    return "".join(text.splitlines(keepends=True)[definition.lineno - 1 :])


def write_python_script(
    jinja_context: Mapping[str, Any],
    filename: str,
    render_template_as_native_obj: bool = False,  # noqa: ARG001 - Airflow's signature
) -> None:
    """Write the program into a file; `jinja_context` says what it consists of, as in Airflow.

    Decorators of provider packages, as `@task.docker`, call this.
    """
    given = jinja_context
    Path(filename).write_text(
        program(
            source=given["python_callable_source"],
            name=given["python_callable"],
            serializer=given["pickling_library"],
            has_arguments=bool(given["op_args"] or given["op_kwargs"]),
            has_strings=bool(given.get("string_args_global", True)),
            expect_airflow=bool(given.get("expect_airflow")),
            module=given.get("modified_dag_module_name"),
        )
    )
