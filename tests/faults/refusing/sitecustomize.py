"""Makes PostgreSQL refuse every kind of statement once; found through PYTHONPATH.

In the scheduler and the runner, from the moment at which the file `refuse` appears, which holds the
share of all kinds that is refused. A kind is the text of a statement, but for the number of its
values. Each that was refused is noted in `refused.<pid>`.
"""

import os
import random
import re
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["FAULTS_FOLDER"])
VALUES = re.compile(r"(%\(\w+\)s(::[A-Z ]+)?(, )?)+")  # however many
ROLES = ("flowctl.runner", "scheduler")
SQLSTATES = ("40001", "40P01")
REFUSED = """DO $$ BEGIN
  RAISE EXCEPTION 'refused by the test' USING ERRCODE = '{}';
END $$"""

_seen: set[str] = set()


def _share() -> float:
    try:
        return float((FOLDER / "refuse").read_text())
    except (FileNotFoundError, ValueError):
        return 0.0


def _once(
    _conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, is_many: bool
) -> tuple[str, Any]:
    """Return what is executed in place of a statement."""
    if _is_refused(statement):
        return _refusal(), [()] if is_many else ()
    return statement, parameters


def _refusal() -> str:
    return REFUSED.format(SQLSTATES[len(_seen) % 2])


def _is_refused(statement: str) -> bool:
    kind = VALUES.sub("?", statement)
    share = _share()
    if kind in _seen or not share:
        return False
    _seen.add(kind)
    if random.random() > share:
        return False
    with (FOLDER / f"refused.{os.getpid()}").open("a") as file:
        file.write(" ".join(kind.split()) + "\n")
    return True


if sys.orig_argv[-1] in ROLES:
    from sqlalchemy import Engine, event

    event.listen(Engine, "before_cursor_execute", _once, retval=True)
