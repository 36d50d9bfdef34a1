"""What does a person read who imports an Airflow name that flowctl lacks?"""

from typing import TYPE_CHECKING

from flowctl.compat.names import MODULES, known_names
from flowctl.late import Late

if TYPE_CHECKING:
    import difflib
else:
    difflib = Late("difflib")

SIMILAR_ENOUGH = 0.8  # below this, suggestions are about other things


def sentence(name: str) -> str:
    """Say that there is no `name`, and what comes closest to it."""
    hint = closest(name)
    return f"flowctl does not have `{name}` (yet)" + (
        f"; the closest it has is `{hint}`" if hint else ""
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
