"""Where the log of an attempt is, and what the runner itself writes there."""

import hashlib
import os
from datetime import datetime

from flowctl.core.attempt import Order

NAME_MAX_BYTES = 255  # of every file system in use


def path(order: Order) -> str:
    """Return the log file of an attempt, relative to the log folder, in Airflow's layout.

    Ids hold no slash: they were checked when the DAG was parsed and the run was made.
    """
    run = order.run
    parts = [of_run(run.dag_id, run.run_id)]
    if order.callback_id:
        subject = [_folder("task_id", order.task_id)] if order.task_id else []
        return "/".join([*parts, *subject, f"callback={order.callback_id}.log"])
    parts.append(_folder("task_id", order.task_id))
    if order.map_index >= 0:
        parts.append(f"map_index={order.map_index}")
    return "/".join([*parts, f"attempt={order.shown_try}.log"])


def dag_folder(dag_id: str) -> str:
    """Return the folder of a DAG in the log folder."""
    return _folder("dag_id", dag_id)


def of_run(dag_id: str, run_id: str) -> str:
    """Return the folder of a run, relative to the log folder."""
    return f"{dag_folder(dag_id)}/{_folder('run_id', run_id)}"


def _folder(kind: str, name: str) -> str:
    """Return the folder of one id; what is too long for a file system ends in its digest."""
    folder = f"{kind}={name}"
    raw = folder.encode()
    if len(raw) <= NAME_MAX_BYTES:
        return folder
    digest = hashlib.sha256(raw).hexdigest()[:16]
    return f"{raw[: NAME_MAX_BYTES - 17].decode(errors='ignore')}~{digest}"


def append(log_path: str, text: str, at: datetime) -> None:
    """Add a line to the log of an attempt that could not write it itself."""
    try:
        os.makedirs(os.path.dirname(log_path), mode=0o750, exist_ok=True)
        fd = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    except OSError:
        return  # the disk is full or gone; the metastore has the reason
    try:
        os.write(fd, line(text, at))
    except OSError:
        return
    finally:
        os.close(fd)


def line(text: str, at: datetime, level: str = "ERROR") -> bytes:
    """Return a line of the runner as it stands in the log of an attempt."""
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}{at:%z}"
    return f"[{stamp}] {{runner}} {level} - {text}\n".encode(errors="replace")
