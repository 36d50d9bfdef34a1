"""What does a command say with -v? What it asks of the database, and where an error comes from.

Statements are shown without their values, among which are secrets.
"""

import logging
import traceback

LEVELS = {"flowctl": logging.DEBUG, "sqlalchemy.engine": logging.INFO}
FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"
VALUES = "[%s] "  # how SQLAlchemy begins the line after a statement


def begin() -> None:
    """Log in detail from now on: to stderr, or where a daemon's log goes once it has begun."""
    logging.basicConfig(format=FORMAT)
    for name, level in LEVELS.items():
        logging.getLogger(name).setLevel(level)
    logging.getLogger("sqlalchemy.engine.Engine").addFilter(_is_statement)


def _is_statement(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(VALUES)


def tell(error: Exception) -> None:
    """Show where an error comes from; its sentence follows."""
    logging.getLogger("flowctl.cli").debug("%s", "".join(traceback.format_exception(error)))
