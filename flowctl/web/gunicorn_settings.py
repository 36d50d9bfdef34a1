"""How gunicorn runs the app: workers share the memory of what was loaded before they were forked,
and end with their master, so that no orphan holds the port."""

import os
from pathlib import Path
from typing import Any

from flowctl import clock, garbage
from flowctl.config import forget  # a module named config would be a setting of gunicorn
from flowctl.errors import FlowctlError
from flowctl.runner import bonds, pidfiles

worker_class = "flowctl.web.worker.Worker"
threads = 512  # started when they are needed; pages that watch hold one each
limit_request_line = 8190
worker_connections = 600  # a worker that is full leaves clients to the others
preload_app = True
graceful_timeout = 5  # seconds that requests get to finish when the server ends
control_socket_disable = True
loglevel = "warning"
forwarded_allow_ips = ""  # what proxies say is read by the app, when [webserver] tells it to
forwarder_headers = ""  # gunicorn would take the path of the app from whoever is on this machine

held = os.environ.get("FLOWCTL_PID_FILE")  # read again after SIGHUP; see `flowctl.cli.daemon`


def when_ready(_server: Any) -> None:
    """Tell who waits for a daemon that it runs; see `flowctl.cli.daemon`."""
    garbage.settle()
    fd = os.environ.pop("FLOWCTL_READY_FD", None)
    if fd is not None:
        os.write(int(fd), b"y")
        os.close(int(fd))


def on_reload(server: Any) -> None:
    """Read airflow.cfg again after SIGHUP; the workers that come next answer by it.

    What does not fit is said, and changes nothing. Other code needs another start.
    """
    before = server.app.callable
    server.app.callable = None
    forget()
    try:
        server.app.wsgi()
    except FlowctlError as error:
        server.app.callable = before
        server.log.error("nothing is loaded anew: %s", error)


def on_exit(server: Any) -> None:
    """Say goodbye: the workers are gone, so nobody forks any more."""
    if held is not None:
        pidfiles.let_go(Path(held), server.pid)
    app = server.app.callable
    if app is not None:
        app.extensions["site"].pulse_of(os.getpid()).stop(clock.utcnow())


def post_fork(server: Any, _worker: Any) -> None:
    """Tie a worker to its master."""
    bonds.end_with(server.pid)
