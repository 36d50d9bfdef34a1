"""What do hooks of providers and of DAG files have in common?"""

import logging
from typing import Any

from flowctl.authoring.connection import Connection
from flowctl.authoring.logging_mixin import LoggingMixin


class BaseHook(LoggingMixin):
    """The way from a connection id to something that talks to the other side."""

    def __init__(self, logger_name: str | None = None) -> None:
        """Log under `logger_name` instead of the name of the class."""
        if logger_name is not None:
            self._log = logging.getLogger(logger_name)

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """Return the connection with this id.

        Raises:
            AirflowNotFoundException: there is none.
        """
        return Connection.get_connection_from_secrets(conn_id)

    @classmethod
    def get_connections(cls, conn_id: str) -> list[Connection]:
        """Return the connection with this id, in a list, as Airflow 1 had it.

        Raises:
            AirflowNotFoundException: there is none.
        """
        return [cls.get_connection(conn_id)]

    @classmethod
    def get_hook(cls, conn_id: str, hook_params: dict[str, Any] | None = None) -> Any:
        """Return the hook of the connection with this id, of the provider package for its type.

        Raises:
            AirflowNotFoundException: there is no such connection.
            AirflowException: no installed package has a hook for it.
        """
        return cls.get_connection(conn_id).get_hook(hook_params=hook_params)

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Return the own fields that the type of connection has in a form."""
        return {}

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Return what the type of connection changes in its form."""
        return {}

    def get_conn(self) -> Any:
        """Return what talks to the other side; every hook has its own.

        Raises:
            NotImplementedError: this hook has none.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how to connect")
