"""The metastore that the configuration names: its engine, and the keys to its secrets."""

import dataclasses
import json
from typing import Any

from sqlalchemy import Engine

from flowctl.config import Config
from flowctl.store import engine as engines
from flowctl.store.crypto import Cipher


def open_engine(conf: Config, *, name: str = "flowctl", pool_size: int | None = None) -> Engine:
    """Return an engine for `[database] sql_alchemy_conn`; nothing is opened yet.

    Args:
        conf: the configuration.
        name: how the connections of this process are called in PostgreSQL's own lists.
        pool_size: how many connections are kept, where the process knows better than the option.

    Raises:
        MetastoreError: the address is not understood, or its driver is missing.
    """
    options = _options(conf, name)
    if pool_size is not None:
        options = dataclasses.replace(options, pool_size=pool_size)
    return engines.create(conf.text("database", "sql_alchemy_conn"), options)


def patient(conf: Config, name: str) -> Engine:
    """Return an engine for a daemon's loop: no ping before each use, a loss is met by trying again.

    A ping costs a round trip for every unit of work, which is half of what a short one takes.
    """
    options = dataclasses.replace(_options(conf, name), pre_ping=False)
    return engines.create(conf.text("database", "sql_alchemy_conn"), options)


def cipher(conf: Config) -> Cipher:
    """Return the keys to the stored secrets.

    Raises:
        CipherError: `[core] fernet_key` is missing or not a key.
    """
    return Cipher(conf.text("core", "fernet_key"))


def _object(value: Any) -> dict[str, Any]:
    if not value:
        return {}
    return dict(json.loads(value)) if isinstance(value, str) else dict(value)


def _options(conf: Config, name: str) -> engines.Options:
    more = _object(conf.get("database", "sql_alchemy_engine_args"))
    return engines.Options(
        pool_enabled=conf.flag("database", "sql_alchemy_pool_enabled"),
        pool_size=conf.whole("database", "sql_alchemy_pool_size"),
        max_overflow=conf.whole("database", "sql_alchemy_max_overflow"),
        pool_recycle_s=conf.whole("database", "sql_alchemy_pool_recycle"),
        pre_ping=conf.flag("database", "sql_alchemy_pool_pre_ping"),
        schema=conf.text("database", "sql_alchemy_schema"),
        connect_args=more.pop("connect_args", {}),
        engine_args=more,
        application_name=name,
    )
