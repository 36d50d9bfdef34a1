"""Which of its DAGs shall a file make? All of them: a file is read once for all its tasks.

Files that make many DAGs ask, so that Airflow 2 can read them faster in front of each task.
"""

from typing import NamedTuple


class AirflowParsingContext(NamedTuple):
    """What is wanted; None means all."""

    dag_id: str | None = None
    task_id: str | None = None


def get_parsing_context() -> AirflowParsingContext:
    """Return what is wanted of the file that is being read."""
    return AirflowParsingContext()
