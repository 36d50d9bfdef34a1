"""Wait until a query finds something."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from flowctl.authoring.exceptions import AirflowException
from flowctl.hooks.base import BaseHook
from flowctl.sensors.base import BaseSensorOperator


class SqlSensor(BaseSensorOperator):
    """Waits until the first row of a query has something true in its first cell.

    Args:
        conn_id: the connection; the hook for its type comes with a provider package.
        sql: the query, or a file of it.
        parameters: of the query.
        success: judges the cell instead of its truth.
        failure: judges it before; where it says yes the task fails.
        selector: makes of the first row what is judged; default takes its first cell.
        fail_on_empty: fail where there is no row.
        hook_params: arguments for the hook.
    """

    template_fields: Sequence[str] = ("sql", "hook_params", "parameters")
    template_ext: Sequence[str] = (".hql", ".sql")
    ui_color = "#7c7287"

    def __init__(
        self,
        *,
        conn_id: str,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        success: Callable[[Any], bool] | None = None,
        failure: Callable[[Any], bool] | None = None,
        selector: Callable[[tuple[Any, ...]], Any] = itemgetter(0),
        fail_on_empty: bool = False,
        hook_params: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, given in (("success", success), ("failure", failure), ("selector", selector)):
            if given is not None and not callable(given):
                raise AirflowException(f"{name} of task {self.task_id!r} is a function: {given!r}")
        self.conn_id = conn_id
        self.sql = sql
        self.parameters = parameters
        self.success = success
        self.failure = failure
        self.selector = selector
        self.fail_on_empty = fail_on_empty
        self.hook_params = hook_params

    def _get_hook(self) -> Any:
        hook = BaseHook.get_connection(self.conn_id).get_hook(hook_params=self.hook_params)
        if not hasattr(hook, "get_records"):
            raise AirflowException(
                f"connection {self.conn_id!r} of task {self.task_id!r} leads to no database: its"
                f" hook is {type(hook).__name__}"
            )
        return hook

    def poke(self, context: Any) -> bool:  # noqa: ARG002 - Airflow's signature
        """Ask the database."""
        self.log.info("Asking: %s (parameters %s)", self.sql, self.parameters)
        rows = self._get_hook().get_records(self.sql, self.parameters)
        if not rows:
            if self.fail_on_empty:
                raise AirflowException("the query found no row, and fail_on_empty is set")
            return False
        found = self.selector(rows[0])
        if self.failure is not None and self.failure(found):
            raise AirflowException(f"the query found {found!r}, which `failure` calls a failure")
        return bool(found if self.success is None else self.success(found))
