"""Does a connection work? Its hook is asked, which reaches out to whatever the connection says.

`python -m flowctl.runner.trial` takes a connection as JSON and answers as JSON: the web server has
the code of provider packages run there, in a process of its own that it can end.
"""

import contextlib
import sys
import traceback
from typing import NamedTuple

import msgspec

from flowctl.authoring import ports
from flowctl.authoring.ports import ConnectionRecord
from flowctl.compat import install
from flowctl.errors import FlowctlError
from flowctl.hooks import providers


class Found(NamedTuple):
    """Whether a connection works, and what the hook said."""

    is_fine: bool
    message: str


def tested(record: ConnectionRecord) -> Found:
    """Ask the hook of a connection, which sees no other.

    Raises:
        FlowctlError: there is no hook of that type, or it has no test.
    """
    install()
    seen = ports.InMemoryPorts()
    seen.connections[record.conn_id] = record
    ports.use(seen)
    hook = providers.hook(record.conn_type, record.conn_id)
    if not hasattr(hook, "test_connection"):
        raise FlowctlError(
            f"{type(hook).__name__}, the hook of type {record.conn_type!r}, has no test"
        )
    try:
        is_fine, message = hook.test_connection()
    except Exception as error:  # the code of a package
        return Found(False, "".join(traceback.format_exception_only(error)).strip())
    return Found(bool(is_fine), str(message))


def main() -> None:
    """Test the connection on stdin."""
    record = msgspec.json.decode(sys.stdin.buffer.read(), type=ConnectionRecord)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # of a hook that prints
            found = tested(record)
    except FlowctlError as error:
        found = Found(False, str(error))
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
