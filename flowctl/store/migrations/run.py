"""The only module that imports Alembic, besides the migrations themselves."""

import io
from pathlib import Path

from alembic import command as commands
from alembic.config import Config
from sqlalchemy import Connection

COMMANDS = {"upgrade": commands.upgrade, "downgrade": commands.downgrade}


def run(command: str, dialect: str, span: str, conn: Connection | None) -> str:
    """Run one command inside the transaction of `conn`; without one, return its SQL instead.

    Args:
        span: the revision to reach; without `conn` "from:to".
    """
    shown = io.StringIO()
    config = Config(output_buffer=shown)
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=conn, dialect=dialect)
    COMMANDS[command](config, span, sql=conn is None)
    return shown.getvalue()
