"""Operators that provider packages have dropped, and many DAG files still import.

Each ran SQL over the connection of one kind of database; the package common.sql has one operator
for all. An installed package that still has its own goes first.
"""

from functools import cache
from importlib import import_module
from typing import Any

from flowctl.authoring.provider_names import how_to_install

SQL = "airflow.providers.common.sql.operators.sql"

CONN_IDS = {
    "JdbcOperator": "jdbc_conn_id",
    "MsSqlOperator": "mssql_conn_id",
    "MySqlOperator": "mysql_conn_id",
    "OracleOperator": "oracle_conn_id",
    "PostgresOperator": "postgres_conn_id",
    "SqliteOperator": "sqlite_conn_id",
    "TrinoOperator": "trino_conn_id",
    "VerticaOperator": "vertica_conn_id",
}
"""By which argument each was told its connection; the default was that of its database."""


@cache
def __getattr__(name: str) -> Any:
    if name not in CONN_IDS:
        raise AttributeError(name)
    try:
        base: Any = import_module(SQL).SQLExecuteQueryOperator
    except ModuleNotFoundError as error:
        raise ImportError(f"{name} is in the package common.sql; {how_to_install(SQL)}") from error
    argument = CONN_IDS[name]

    def __init__(self: Any, *, database: str | None = None, **kwargs: Any) -> None:
        default = argument.removesuffix("_conn_id") + "_default"
        kwargs.setdefault("conn_id", kwargs.pop(argument, default))
        if database is not None:
            kwargs.setdefault("hook_params", {})["schema"] = database
        base.__init__(self, **kwargs)

    doc = f"Runs SQL over `{argument}`."
    return type(name, (base,), {"__init__": __init__, "__doc__": doc, "__module__": __name__})
