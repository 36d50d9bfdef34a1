"""What do the lines of a task's log look like?

Log records are written as Airflow 2 writes them; what user code prints goes out as it is. Both go
to `sys.stdout`, so that they stay in order, and both lose their secrets on the way.
"""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any, TextIO

from flowctl.authoring.exceptions import RemovedInAirflow3Warning
from flowctl.authoring.log_lines import stamp
from flowctl.authoring.masking import (
    SecretsFilter,
    SecretsStream,
    begun_at_the_end,
    in_bytes,
)

BLOCK_BYTES = 1 << 20
SECRET_BYTES_MAX = 1 << 14  # a longer one is not found where two blocks meet


class LineFormatter(logging.Formatter):
    """[2024-01-01T00:00:00.000+0000] {file.py:12} INFO - text"""

    def __init__(self) -> None:
        super().__init__("[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002 - the standard library's signature
        return stamp(record.created)


class _Stdout(logging.Handler):
    """Writes to whatever `sys.stdout` is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stdout.write(self.format(record) + "\n")
            sys.stdout.flush()
        except Exception:
            self.handleError(record)


def configure(level: str | int = logging.INFO) -> None:
    """Send all log records of this process to its output, in the form of a task's log.

    What a DAG file set up for the root logger when it was imported is replaced. Cheap: the warm
    parent of attempts calls it once, and a fork inherits it.
    """
    handler = _Stdout()
    handler.setFormatter(LineFormatter())
    handler.addFilter(SecretsFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    warnings.simplefilter("default", RemovedInAirflow3Warning)


def hide_secrets_in_prints() -> None:
    """Have `print` hide secrets; call it once `sys.stdout` is the log of the attempt."""
    if not isinstance(sys.stdout, SecretsStream):
        out: Any = SecretsStream(_line_buffered(sys.stdout))
        err: Any = SecretsStream(_line_buffered(sys.stderr))
        sys.stdout, sys.stderr = out, err


def hiding(path: str) -> Iterator[None]:
    """Blank the secrets that stand in a log, a block at a time.

    What a child process wrote went past this one. It is overwritten where it stands, so that who
    reads the log at a place loses nothing. Until the try has ended it can be read there: a pipe in
    between would tie the task to its reader.
    """
    pattern = in_bytes()
    if pattern is None:
        return
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        place, before = 0, b""
        while block := os.pread(fd, BLOCK_BYTES, place):
            text = before + block
            for found in pattern.finditer(text):
                at = place - len(before) + found.start()
                os.pwrite(fd, b"*" * len(found.group()), at)
            place += len(block)
            before = text[-SECRET_BYTES_MAX:]
            yield
    finally:
        os.close(fd)


def hide_half_a_secret(path: str) -> None:
    """Blank the beginning of a secret at the end of a log, of whoever was killed as he wrote it."""
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        end = os.fstat(fd).st_size
        half = begun_at_the_end(os.pread(fd, SECRET_BYTES_MAX, max(0, end - SECRET_BYTES_MAX)))
        os.pwrite(fd, b"*" * half, end - half)
    finally:
        os.close(fd)


def hide_secrets_in_file(path: str) -> None:
    """Blank the secrets that stand in a log, all at once; see `hiding`."""
    for _ in hiding(path):
        pass


def _line_buffered(stream: TextIO) -> TextIO:
    """Have whole lines written at once, so that a log can be followed while it grows."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(line_buffering=True)
    return stream
