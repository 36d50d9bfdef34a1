"""A task that copies the rows of a query from one database into a table of another."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flowctl.authoring.connection import Connection
from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.operator import BaseOperator


class GenericTransfer(BaseOperator):
    """Copies rows; they pass through the memory of the task.

    The hooks of both connections come from provider packages: the first has `get_records`, the
    other `insert_rows`.

    Args:
        sql: the query, a template.
        destination_table: where the rows go, a template.
        source_conn_id: where they come from.
        destination_conn_id: the database of the table.
        preoperator: statements to run there first, templates.
        insert_args: further arguments for `insert_rows`.
        source_hook_params: arguments for the first hook.
        destination_hook_params: arguments for the other one.

    Raises:
        AirflowException: a hook cannot do what it should.
    """

    template_fields: Sequence[str] = (
        "source_conn_id",
        "destination_conn_id",
        "sql",
        "destination_table",
        "preoperator",
        "insert_args",
    )
    template_ext: Sequence[str] = (".sql", ".hql")
    template_fields_renderers: ClassVar[dict[str, str]] = {"preoperator": "sql"}
    ui_color = "#b0f07c"

    def __init__(
        self,
        *,
        sql: str,
        destination_table: str,
        source_conn_id: str,
        destination_conn_id: str,
        preoperator: str | list[str] | None = None,
        insert_args: dict[str, Any] | None = None,
        source_hook_params: dict[str, Any] | None = None,
        destination_hook_params: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql = sql
        self.destination_table = destination_table
        self.source_conn_id = source_conn_id
        self.destination_conn_id = destination_conn_id
        self.preoperator = preoperator
        self.insert_args = insert_args or {}
        self.source_hook_params = source_hook_params
        self.destination_hook_params = destination_hook_params

    def execute(self, context: Any) -> None:  # noqa: ARG002 - the contract
        """Copy the rows."""
        source = _hook(self.source_conn_id, self.source_hook_params)
        destination = _hook(self.destination_conn_id, self.destination_hook_params)
        insert = self._able(destination, "insert_rows", self.destination_conn_id)
        rows = self._able(source, "get_records", self.source_conn_id)(self.sql)
        if self.preoperator:
            self._able(destination, "run", self.destination_conn_id)(self.preoperator)
        self.log.info("Inserting %d rows into %s", len(rows), self.destination_table)
        insert(table=self.destination_table, rows=rows, **self.insert_args)

    def _able(self, hook: Any, name: str, conn_id: str) -> Any:
        method = getattr(hook, name, None)
        if not callable(method):
            raise AirflowException(
                f"task {self.task_id!r}: the hook of connection {conn_id!r}"
                f" ({type(hook).__name__}) has no {name}; it is none of a database"
            )
        return method


def _hook(conn_id: str, params: dict[str, Any] | None) -> Any:
    return Connection.get_connection_from_secrets(conn_id).get_hook(hook_params=params)
