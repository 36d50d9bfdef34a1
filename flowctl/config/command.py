"""What does a command print?

Not `subprocess`: loading it takes longer than loading the whole rest of this package, and a setting
that is a command is rare.
"""

import os
from collections.abc import Mapping


def output(argv: list[str], environ: Mapping[str, str]) -> tuple[int, str]:
    """Run a program without a shell; return its exit code and what it printed.

    Its error output goes where ours goes. When somebody else in this process collects the exit
    codes of all children, the code is taken for 0.

    Raises:
        OSError: it cannot be started.
    """
    ours, its = os.pipe()
    nothing = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    with open(ours, "rb") as reader:
        try:
            actions = [nothing, (os.POSIX_SPAWN_DUP2, its, 1)]
            pid = os.posix_spawnp(argv[0], argv, environ, file_actions=actions)
        finally:
            os.close(its)
        printed = reader.read()
    try:
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        status = 0
    return status, printed.decode(errors="replace")
