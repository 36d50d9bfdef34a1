"""Whose defaults does a DAG get: those of Airflow 2, or those of Airflow 3?

A file that imports `airflow.sdk` was written for 3, where a DAG without a word about it has no
schedule, no catch-up, and runs that stand for moments. It is told by the text of the file that
makes the DAG, so that old and new files live side by side in one process. A class `airflow.sdk.DAG`
of its own lost: it is the same class, and helpers such as `@dag` have no class to tell by.
"""

import linecache
import re

from flowctl.authoring.settings import defaults

_SDK = re.compile(r"^[ \t]*(?:from|import)[ \t]+airflow\.sdk\b", re.MULTILINE)

_known: dict[str, tuple[list[str], int]] = {}


def generation_of(file: str) -> int:
    """Return 2 or 3, for DAGs that the code of `file` makes."""
    if defaults.generation is not None:
        return defaults.generation
    lines = linecache.getlines(file) if file else []
    known = _known.get(file)
    if known is None or known[0] is not lines:
        _known[file] = known = (lines, 3 if _SDK.search("".join(lines)) else 2)
    return known[1]
