"""Rows that say what user code and provider packages find: [compat], [secrets], XComs."""

from flowctl.config.kinds import choice, text
from flowctl.config.row import Option

ROWS: tuple[Option, ...] = (
    Option(
        "compat",
        "airflow_version",
        text("2.11.2"),
        "What `airflow.__version__` says, and the package apache-airflow that provider packages\n"
        "look for. The newest packages ask for 2.11 at least; with 3.x they take other paths.",
    ),
    Option(
        "compat",
        "dag_defaults",
        choice("by_import", "2", "3"),
        "Whose defaults a DAG gets: 2, 3, or by_import, which is those of Airflow 3 if its file\n"
        "imports airflow.sdk, else those of Airflow 2. In 3 a DAG has no schedule, no catch-up,\n"
        "and runs that stand for moments instead of intervals, unless it says otherwise.",
    ),
)
