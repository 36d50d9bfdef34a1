"""The shared fixtures give what their names say."""

import os
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from flowctl.store import database
from flowctl.store.engine import create, writing
from flowctl.store.schema import pool


def test_an_empty_database_is_given_of_both_kinds(empty_url: str) -> None:
    engine = create(empty_url)

    assert database.revision(engine) is None
    engine.dispose()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_metastore_is_given_on_both_kinds_of_database(metastore_url: str, turn: str) -> None:
    """It is as migrations make it, whatever other tests did to theirs."""
    engine = create(metastore_url)
    database.require_current(engine)

    with writing(engine) as conn:
        assert conn.scalars(select(pool.c.name)).all() == ["default_pool"]
        conn.execute(insert(pool).values(name=turn, slots=1, include_deferred=False))
    engine.dispose()


def test_home_is_an_empty_folder_that_children_inherit(flowctl_home: Path) -> None:
    """Neither the person's home nor another test's files are seen."""
    assert list(flowctl_home.iterdir()) == []
    assert os.environ["FLOWCTL_HOME"] == str(flowctl_home)
