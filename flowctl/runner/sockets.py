"""Unix sockets by path, also where the path is longer than the 108 bytes the kernel takes."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

PATH_MAX_BYTES = 100
BACKLOG = 512  # attempts may all ask at once


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    if len(os.fsencode(path)) <= PATH_MAX_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def listen(path: Path) -> socket.socket:
    """Return a non-blocking listening socket at `path`, readable by its owner alone.

    The caller holds the lock that says that nobody else listens there.
    """
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        with _address(path) as address:
            server.bind(address)
    finally:
        os.umask(mask)
    server.listen(BACKLOG)
    server.setblocking(False)
    return server


def connect(path: Path) -> socket.socket:
    """Return a blocking socket connected to who listens at `path`.

    Raises:
        OSError: nobody does.
    """
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(path) as address:
            client.connect(address)
    except OSError:
        client.close()
        raise
    return client
