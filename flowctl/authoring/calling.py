"""Where did the author's code make a DAG or a task?"""

import sys
from pathlib import Path
from typing import Any

_FLOWCTL = str(Path(__file__).parents[1])


def calling_place() -> tuple[str, int]:
    """Return file and line of the innermost code that is not part of flowctl."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_FLOWCTL):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else ("", 0)
