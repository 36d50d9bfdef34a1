"""What does a person read who imports an Airflow name that flowctl lacks?"""

import difflib

from flowctl.compat.names import MODULES, known_names

SIMILAR_ENOUGH = 0.8  # below this, suggestions are about other things


def sentence(name: str) -> str:
    """Say that there is no `name`, and what comes closest to it."""
    hint = closest(name)
    return f"flowctl does not have `{name}` (yet)" + (
        f"; the closest it has is `{hint}`" if hint else ""
    )


def closest(name: str) -> str | None:
    """Return the same name at another place, else a name spelled nearly like it, else None."""
    candidates = [known for known in (*known_names(), *MODULES) if not name.startswith(known)]
    last = name.rpartition(".")[2]
    same = [other for other in candidates if other.rpartition(".")[2] == last]
    similar = difflib.get_close_matches(name, same or candidates, n=1, cutoff=0)
    if same:
        return similar[0]
    return next(iter(difflib.get_close_matches(name, candidates, n=1, cutoff=SIMILAR_ENOUGH)), None)
