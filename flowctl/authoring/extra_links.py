"""Links that an operator shows beside its task, to what the task works with elsewhere.

An operator lists link objects under `operator_extra_links`; plug-ins add others. When a try has
ended, each is asked for its address, which is kept as an XCom under `xcom_key`. So whoever shows
links needs no code of the DAG file.
"""

import inspect
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from flowctl.authoring.dag_run import TaskInstanceKey
from flowctl.authoring.settings import defaults

ADDED: list[Any] = []
"""Links of plug-ins; each holds for the operator classes in its `operators`, for all if empty."""


class BaseOperatorLink:
    """One link. Subclasses set `name`, which people see, and define `get_link`."""

    name: str = ""
    operators: ClassVar[list[type]] = []

    @property
    def xcom_key(self) -> str:
        """Return the key of the XCom that holds the address."""
        return f"_link_{type(self).__name__}"

    def get_link(self, operator: Any, *, ti_key: TaskInstanceKey) -> str:
        """Return the address for one task instance; an empty one is not shown."""
        raise NotImplementedError(f"{type(self).__name__} does not define get_link")


class XComOperatorLink(BaseOperatorLink):
    """A link whose address the task leaves itself, as the XCom `xcom_key`."""

    def __init__(self, name: str, xcom_key: str) -> None:
        self.name = name
        self._key = xcom_key

    @property
    def xcom_key(self) -> str:
        """Return the key that the task writes."""
        return self._key


def links_of(operator: Any) -> Sequence[Any]:
    """Return the links of an operator: its own, then those of plug-ins that have other names."""
    own = list(getattr(operator, "operator_extra_links", ()))
    names = {link.name for link in own}
    return [*own, *(link for link in ADDED if link.name not in names and _is_for(link, operator))]


def _is_for(link: Any, operator: Any) -> bool:
    kinds = tuple(getattr(link, "operators", ()))
    return not kinds or isinstance(operator, kinds)


def key_of(link: Any) -> str:
    """Return the key of the XCom that holds a link's address."""
    return str(getattr(link, "xcom_key", "") or f"_link_{type(link).__name__}")


def address(link: Any, operator: Any, ti: Any) -> str:
    """Return the address that a link has for a task instance; "" where the task leaves it itself.

    Links of Airflow before 2.3 take the logical date instead of the task instance's key.
    """
    if isinstance(link, XComOperatorLink):
        return ""
    parameters = inspect.signature(link.get_link).parameters
    if "ti_key" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return str(link.get_link(operator, ti_key=ti.key) or "")
    return str(link.get_link(operator, ti.execution_date) or "")


def build_airflow_url_with_query(query: dict[str, Any]) -> str:
    """Return the address of a DAG's grid; `query` holds `dag_id` and what else is chosen there."""
    rest = {name: value for name, value in query.items() if name != "dag_id"}
    dag_id = quote(str(query["dag_id"]), safe="")
    return f"{defaults.base_url}/dags/{dag_id}/grid?{urlencode(rest)}"


def build_airflow_dagrun_url(dag_id: str, run_id: str) -> str:
    """Return the address of a run."""
    return build_airflow_url_with_query({"dag_id": dag_id, "dag_run_id": run_id})
