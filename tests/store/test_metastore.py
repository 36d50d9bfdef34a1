"""The rows of [database] reach the engines of commands and of daemons."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, QueuePool, text

from flowctl import config
from flowctl.config import Config
from flowctl.store import metastore
from flowctl.store.engine import reading

Opened = Callable[[Config], Engine]
BOTH = pytest.mark.parametrize(
    "opened", [metastore.open_engine, lambda conf: metastore.patient(conf, "test")]
)


def configured(home: Path, **settings: str) -> Config:
    """Return a configuration with these options of [database]."""
    address = {"sql_alchemy_conn": "postgresql://nobody@127.0.0.1:1/none"}
    pairs = (address | settings).items()
    return config.load(home, {f"AIRFLOW__DATABASE__{k.upper()}": value for k, value in pairs})


@BOTH
def test_the_pool_is_as_configured(tmp_path: Path, opened: Opened) -> None:
    """Its size, how far it may go over that, and how old a connection gets."""
    engine = opened(
        configured(
            tmp_path,
            sql_alchemy_pool_size="3",
            sql_alchemy_max_overflow="1",
            sql_alchemy_pool_recycle="60",
        )
    )

    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.size() == 3
    assert (engine.pool._max_overflow, engine.pool._recycle) == (1, 60)


@BOTH
def test_connections_need_not_be_kept(tmp_path: Path, opened: Opened) -> None:
    """`sql_alchemy_pool_enabled` says so."""
    engine = opened(configured(tmp_path, sql_alchemy_pool_enabled="False"))

    assert isinstance(engine.pool, NullPool)


def test_only_commands_test_a_connection_first(tmp_path: Path) -> None:
    """The loop of a daemon meets a lost one by trying again."""
    conf = configured(tmp_path)

    assert metastore.open_engine(conf).pool._pre_ping
    assert not metastore.patient(conf, "test").pool._pre_ping


@BOTH
def test_more_arguments_go_to_the_engine(tmp_path: Path, opened: Opened) -> None:
    """And win over the options of their own."""
    conf = configured(tmp_path, sql_alchemy_engine_args='{"pool_size": 7, "echo": true}')
    engine = opened(conf)

    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.size() == 7
    assert engine.echo


@BOTH
def test_arguments_for_the_driver_go_to_it(
    tmp_path: Path, opened: Opened, empty_postgres_url: str
) -> None:
    """Beside those that flowctl gives it."""
    more = '{"connect_args": {"prepare_threshold": null, "connect_timeout": 7}}'
    engine = opened(
        configured(tmp_path, sql_alchemy_conn=empty_postgres_url, sql_alchemy_engine_args=more)
    )
    with engine.connect() as conn:
        raw: Any = conn.connection.driver_connection
        assert raw.prepare_threshold is None
        assert raw.info.get_parameters()["connect_timeout"] == "7"
        assert "idle_in_transaction" in raw.info.get_parameters()["options"]


@BOTH
def test_the_tables_are_in_the_configured_schema(
    tmp_path: Path, opened: Opened, empty_postgres_url: str
) -> None:
    """Every connection looks there first."""
    conf = configured(tmp_path, sql_alchemy_conn=empty_postgres_url, sql_alchemy_schema="own")
    engine = opened(conf)
    with reading(engine) as conn:
        assert conn.execute(text("SHOW search_path")).scalar_one() == "own"
    engine.dispose()
