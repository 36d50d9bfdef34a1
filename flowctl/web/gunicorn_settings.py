"""How gunicorn runs the app: workers share the memory of what was loaded before they were forked,
and end with their master, so that no orphan holds the port."""

import gc
import os
from typing import Any

from flowctl.runner import bonds

worker_class = "gthread"
threads = 128  # started when they are needed; pages that watch hold one each
preload_app = True
graceful_timeout = 2  # seconds that requests get to finish when the server ends
control_socket_disable = True
loglevel = "warning"


def when_ready(_server: Any) -> None:
    """Tell who waits for a daemon that it runs; see `flowctl.cli.daemon`."""
    gc.collect()
    gc.freeze()
    fd = os.environ.pop("FLOWCTL_READY_FD", None)
    if fd is not None:
        os.write(int(fd), b"y")
        os.close(int(fd))


def post_fork(server: Any, _worker: Any) -> None:
    """Tie a worker to its master."""
    bonds.end_with(server.pid)
