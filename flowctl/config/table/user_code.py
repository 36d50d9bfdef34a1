"""Rows that say what user code and provider packages find: [compat], [secrets], XComs."""

from flowctl.config.kinds import text
from flowctl.config.row import Option

ROWS: tuple[Option, ...] = (
    Option(
        "compat",
        "airflow_version",
        text("2.11.2"),
        "What `airflow.__version__` says, and the package apache-airflow that provider packages\n"
        "look for. The newest packages ask for 2.11 at least; with 3.x they take other paths.",
    ),
)
