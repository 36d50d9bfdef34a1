"""What does a person read who imports an Airflow name that flowctl lacks?"""

from fnmatch import fnmatch
from typing import TYPE_CHECKING, NamedTuple

from flowctl.compat.names import MODULES, known_names
from flowctl.late import Late

if TYPE_CHECKING:
    import difflib
else:
    difflib = Late("difflib")


class Feature(NamedTuple):
    """What flowctl lacks as a whole: patterns of its names, what it is, what to do instead."""

    names: str
    what: str
    instead: str


LACKING = (
    Feature(
        "airflow.sdk.*Mapper airflow.sdk.*Window airflow.sdk.Partition* airflow.sdk.WaitForAll"
        " airflow.sdk.MinimumCount airflow.sdk.CronPartitionTimetable",
        "partitions of assets",
        "schedule by the asset, and let the `extra` of its events say which part is new",
    ),
    Feature(
        "airflow.sdk.NEVER_EXPIRE airflow.sdk.ResumableJobMixin"
        " airflow.sdk.execution_time.context.NEVER_EXPIRE",
        "stores in which tasks keep their state",
        "keep what the next try needs in a Variable or a file",
    ),
    Feature(
        "airflow.providers.standard.operators.hitl airflow.sdk.execution_time.hitl*",
        "tasks that wait for the answer of a person",
        "let a sensor wait for a Variable that the person sets",
    ),
    Feature(
        "airflow.sdk.AssetAccessControl",
        "teams that own assets",
        "`access_control` of the DAG says who may do what",
    ),
    Feature(
        "airflow.sdk.BaseDeadlineReference airflow.sdk.deadline_reference",
        "deadline references of your own",
        "use those of `airflow.sdk.DeadlineReference`",
    ),
)
SIMILAR_ENOUGH = 0.8  # below this, suggestions are about other things


def sentence(name: str) -> str:
    """Say that there is no `name`, and what comes closest to it."""
    lack = lacking(name)
    if lack is not None:
        return f"flowctl does not have `{name}`: it has no {lack.what} (yet); {lack.instead}"
    hint = closest(name)
    return f"flowctl does not have `{name}` (yet)" + (
        f"; the closest it has is `{hint}`" if hint else ""
    )


def lacking(name: str) -> Feature | None:
    """Return the feature that a name belongs to and that flowctl lacks, None without one."""
    return next(
        (one for one in LACKING if any(fnmatch(name, each) for each in one.names.split())), None
    )


def closest(name: str) -> str | None:
    """Return the same name at another place, else one spelled nearly like it, else None."""
    candidates = [known for known in (*known_names(), *MODULES) if not name.startswith(known)]
    last_parts = {known.rpartition(".")[2] for known in candidates}
    nearest = difflib.get_close_matches(name.rpartition(".")[2], last_parts, 1, SIMILAR_ENOUGH)
    if not nearest:
        return None
    places = [known for known in candidates if known.rpartition(".")[2] == nearest[0]]
    return difflib.get_close_matches(name, places, 1, cutoff=0)[0]
