"""Makes a scheduler or a runner kill itself at its n-th statement; found through PYTHONPATH.

It counts from the moment at which the file `arm.scheduler` or `arm.runner` appears, which holds n.
A commit counts twice: once before it and once after.
"""

import os
import signal
import sys
from pathlib import Path

FOLDER = Path(os.environ["FAULTS_FOLDER"])
ROLES = {"flowctl.runner": "runner", "scheduler": "scheduler"}


class Countdown:
    """Ends this process when it is over."""

    def __init__(self, arm: Path) -> None:
        self._arm = arm
        self._left = 0

    def step(self) -> None:
        """Count one statement, if this process is armed."""
        if not self._left:
            try:
                self._left = int(self._arm.read_text())
            except (FileNotFoundError, ValueError):
                return
            self._arm.unlink()
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


def _become_mortal(role: str) -> None:
    from sqlalchemy import Engine, event  # only the process that it concerns pays for this
    from sqlalchemy.engine.default import DefaultDialect

    countdown = Countdown(FOLDER / f"arm.{role}")
    commit = DefaultDialect.do_commit

    def commit_counted(dialect: DefaultDialect, connection: object) -> None:
        countdown.step()
        commit(dialect, connection)  # type: ignore[arg-type]  # the driver's own connection
        countdown.step()

    DefaultDialect.do_commit = commit_counted  # type: ignore[assignment,method-assign]
    event.listen(Engine, "before_cursor_execute", lambda *_: countdown.step())


for word in sys.orig_argv[-1:]:
    if word in ROLES:
        _become_mortal(ROLES[word])
