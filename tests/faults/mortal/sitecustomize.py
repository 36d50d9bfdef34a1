"""Makes a scheduler or a runner kill itself at its n-th step; found through PYTHONPATH.

It counts from the moment at which the file `arm.scheduler` or `arm.runner` appears, which holds n.
A step is a statement, or what is about to be done to a file of the home: opening it for writing,
renaming or removing it. A commit counts twice: once before it and once after.
"""

import os
import signal
import sys
from pathlib import Path

FOLDER = Path(os.environ["FAULTS_FOLDER"])
HOME = os.environ["FLOWCTL_HOME"]
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
ROLES = {"flowctl.runner": "runner", "scheduler": "scheduler"}


class Countdown:
    """Ends this process when it is over."""

    def __init__(self, arm: Path) -> None:
        self._arm = arm
        self._left = 0
        self._pid = os.getpid()

    def step(self) -> None:
        """Count one step, if this process is armed; what it forked is not."""
        if os.getpid() != self._pid:
            return
        if not self._left:
            try:
                self._left = int(self._arm.read_text())
            except (FileNotFoundError, ValueError):
                return
            self._arm.unlink()
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, name: str, given: tuple[object, ...]) -> None:
        """Count what is about to change a file of the home."""
        is_open = name == "open" and isinstance(given[2], int) and given[2] & WRITING
        if (is_open or name in ("os.rename", "os.remove")) and str(given[0]).startswith(HOME):
            self.step()


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
    sys.addaudithook(countdown.hear)
    event.listen(Engine, "before_cursor_execute", lambda *_: countdown.step())


for word in sys.orig_argv[-1:]:
    if word in ROLES:
        _become_mortal(ROLES[word])
