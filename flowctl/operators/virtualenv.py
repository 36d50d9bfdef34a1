"""Tasks whose function runs in an environment made for them, or in one that is there."""

import os
import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from flowctl.authoring.connection import Connection
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.settings import defaults
from flowctl.authoring.variable import Variable
from flowctl.operators import environments, folders
from flowctl.operators.branch import BranchMixIn
from flowctl.operators.foreign_python import ForeignPythonOperator
from flowctl.operators.python import PythonOperator


class PythonVirtualenvOperator(ForeignPythonOperator):
    """Runs a function in an environment that is made for it.

    Args:
        requirements: packages, or the text or name (.txt) of a requirements file; templates.
        python_version: as "3.12"; default is the Python of flowctl.
        system_site_packages: let the function import the packages beside flowctl as well.
        pip_install_options: options for the installer.
        index_urls: addresses of package indexes, the main one first; none of them ([]) means that
            nothing may be fetched.
        index_urls_from_connection_ids: connections whose host is such an address; login and
            password are put into it.
        venv_cache_path: a folder in which environments are kept and used again by all tasks with
            equal requirements. The variable "PythonVirtualenvOperator.cache_key" makes them anew.

    The rest are those of `ForeignPythonOperator`.
    """

    template_fields: Sequence[str] = (
        *PythonOperator.template_fields,
        "requirements",
        "index_urls",
        "index_urls_from_connection_ids",
        "venv_cache_path",
    )
    template_ext: Sequence[str] = (".txt",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        requirements: Iterable[str] | str | None = None,
        python_version: str | None = None,
        system_site_packages: bool = True,
        pip_install_options: list[str] | None = None,
        index_urls: Collection[str] | str | None = None,
        index_urls_from_connection_ids: Collection[str] | str | None = None,
        venv_cache_path: str | os.PathLike[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(python_callable=python_callable, **kwargs)
        self.requirements = _several(requirements) or []
        self.python_version = self._version(python_version)
        self.system_site_packages = system_site_packages
        self.pip_install_options = pip_install_options or []
        self.index_urls = _several(index_urls)
        self.index_urls_from_connection_ids = _several(index_urls_from_connection_ids)
        self.venv_cache_path = None if venv_cache_path is None else os.fspath(venv_cache_path)

    def _version(self, version: Any) -> str | None:
        if version is None:
            return None
        if not isinstance(version, str):
            warnings.warn(
                f"python_version of task {self.task_id!r} is {version!r}; give it as text",
                DeprecationWarning,
                stacklevel=4,
            )
        if str(version).split(".")[0] != "3":
            raise AirflowException(
                f"python_version of task {self.task_id!r} is {version!r}; flowctl runs functions in"
                " Python 3 only"
            )
        return str(version)

    def execute_callable(self) -> Any:
        """Call the function in its environment, which is made first if it is not kept."""
        recipe = self._recipe()
        method = defaults.venv_install_method
        if self.venv_cache_path:
            cache = Path(self.venv_cache_path)
            return self._call_in(environments.cached(recipe, cache, self._run, method))
        folder = folders.make("venv")
        try:
            return self._call_in(environments.make(recipe, Path(folder), self._run, method))
        finally:
            folders.remove(folder)

    def _recipe(self) -> environments.Recipe:
        lines = [line for text in self.requirements for line in str(text).splitlines()]
        needs_serializer = self.serializer != "pickle" and not self.system_site_packages
        if needs_serializer and not any(line.startswith(self.serializer) for line in lines):
            lines.append(self.serializer)
        cache_key = "PythonVirtualenvOperator.cache_key"
        return environments.Recipe(
            requirements=tuple(line.strip() for line in lines if line.strip()),
            python=self.python_version,
            sees_parent=self.system_site_packages,
            options=tuple(self.pip_install_options),
            indexes=self._indexes(),
            key=str(Variable.get(cache_key, "")) if self.venv_cache_path else "",
        )

    def _indexes(self) -> tuple[str, ...] | None:
        named = self.index_urls_from_connection_ids
        if self.index_urls is None and named is None:
            return None
        return (*(self.index_urls or ()), *(_index_of(conn_id) for conn_id in named or ()))


class ExternalPythonOperator(ForeignPythonOperator):
    """Runs a function in an environment that is there already.

    Args:
        python: absolute path of its interpreter, a template.
        expect_pendulum: taken as Airflow has it. Dates are pendulum's over there wherever it is
            installed, and the standard library's elsewhere, whatever is expected.

    The rest are those of `ForeignPythonOperator`.

    Raises:
        ValueError: `python` is empty.
    """

    template_fields: Sequence[str] = (*PythonOperator.template_fields, "python")

    def __init__(
        self,
        *,
        python: str,
        python_callable: Callable[..., Any],
        expect_pendulum: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(python_callable=python_callable, **kwargs)
        if not python:
            raise ValueError(f"task {self.task_id!r} needs the path of an interpreter as `python`")
        self.python = python
        self.expect_pendulum = expect_pendulum

    def execute_callable(self) -> Any:
        """Call the function there.

        Raises:
            ValueError: there is no such interpreter.
        """
        path = Path(self.python)
        if not path.is_absolute() or not path.is_file():
            raise ValueError(
                f"python of task {self.task_id!r} is the absolute path of an interpreter;"
                f" {self.python!r} is not"
            )
        return self._call_in(path)


class BranchPythonVirtualenvOperator(BranchMixIn, PythonVirtualenvOperator):
    """Follows what a function returns that runs in an environment made for it."""

    def execute(self, context: Any) -> Any:
        """Skip what was not chosen; return the choice."""
        return self.do_branch(context, super().execute(context))


class BranchExternalPythonOperator(BranchMixIn, ExternalPythonOperator):
    """Follows what a function returns that runs in another environment."""

    def execute(self, context: Any) -> Any:
        """Skip what was not chosen; return the choice."""
        return self.do_branch(context, super().execute(context))


def _several(given: Iterable[str] | str | None) -> list[str] | None:
    return given if given is None else [given] if isinstance(given, str) else list(given)


def _index_of(conn_id: str) -> str:
    """Return the address of a package index, with the login of its connection in it."""
    conn = Connection.get_connection_from_secrets(conn_id)
    parts = urlsplit(conn.host or "")
    if not (parts.scheme and parts.netloc):
        raise AirflowException(
            f"connection {conn_id!r} is no package index: its host is an address with https://"
        )
    if not conn.login:
        return parts.geturl()
    secret = f":{quote(conn.password, safe='')}" if conn.password else ""
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(conn.login, safe='')}{secret}@{host}").geturl()
