"""The shared fixtures give what their names say."""

import os
from pathlib import Path

from sqlalchemy import create_engine, text


def test_a_metastore_is_given_on_both_kinds_of_database(metastore_url: str) -> None:
    """The address works with SQLAlchemy and holds no table yet."""
    engine = create_engine(metastore_url)
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE task (id integer)"))
    engine.dispose()


def test_home_is_an_empty_folder_that_children_inherit(flowctl_home: Path) -> None:
    """Neither the person's home nor another test's files are seen."""
    assert list(flowctl_home.iterdir()) == []
    assert os.environ["FLOWCTL_HOME"] == str(flowctl_home)
