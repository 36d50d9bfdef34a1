"""What DAG files of tests begin with: `from marks import *`, from the folder of plug-ins."""

import os
import threading
from pathlib import Path

HOME = Path(os.environ["WORKSHOP"])
LOOK_S = 0.01


def mark(*words):
    """Add one line; one write with O_APPEND is never torn."""
    fd = os.open(HOME / "marks", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, (" ".join(map(str, words)) + "\n").encode())
    os.close(fd)


def wait_for(name="open"):
    """Wait until a file is there."""
    while not (HOME / name).exists():
        threading.Event().wait(LOOK_S)
