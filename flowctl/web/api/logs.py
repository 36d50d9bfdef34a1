"""The log of a try: a piece at a time, or all of it as a stream; its size does not matter."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec

from flowctl.store.queries import tasks as queries
from flowctl.store.roles import READ
from flowctl.web import log_lines
from flowctl.web.api.runs import require_run
from flowctl.web.api.system import wants_json
from flowctl.web.api.task_instances import ONE, require_task
from flowctl.web.call import Call
from flowctl.web.paging import END, Id, Number
from flowctl.web.problems import BadRequest, NotFound
from flowctl.web.routes import Text, on_dag, route

PIECE_BYTES = 1 << 20
FULL_BYTES = 1 << 23  # of `full_content` at once: more than one answer holds comes with the token
LINES_MAX = 10_000


class LogPiece(msgspec.Struct):
    """A piece of a log; with the token the next one is asked for."""

    content: str
    continuation_token: str


class LogQuery(msgspec.Struct):
    full_content: bool = False
    map_index: Number = -1
    token: Annotated[str, msgspec.Meta(pattern=f"^[0-9]{{1,18}}{END}")] = "0"


@route(
    "GET", ONE + "/logs/{task_try_number}", may=on_dag(READ, "Task Logs"), tag="TaskInstance",
    errors=(406,),
)  # fmt: skip
def get_log(
    call: Call[LogQuery, None], dag_id: str, dag_run_id: str, task_id: str, task_try_number: int
) -> LogPiece | Text:
    """Return the log of a try: as JSON a piece at a time, as plain text all of it."""
    asked = call.query
    log, _ = _log(call, (dag_id, dag_run_id, task_id, asked.map_index), task_try_number)
    if not wants_json(call):
        return Text(_pieces(log) if log else "")
    content, end = _piece(log, int(asked.token), FULL_BYTES if asked.full_content else PIECE_BYTES)
    return LogPiece(content, str(end))


def _log(
    call: Call[Any, Any], key: tuple[str, str, str, int], number: int
) -> tuple[Path | None, bool]:
    """Return where the log of a try lies, if there is any, and whether the try has ended.

    Raises:
        NotFound: there is no such try.
    """
    dag_id, run_id, task_id, map_index = key
    with call.reading() as conn:
        require_run(conn, dag_id, run_id)
        row = require_task(conn, dag_id, run_id, task_id, map_index)
        tries = [
            one for one in queries.tries(conn, row.id) if one.try_number - one.resumed == number
        ]
    if not tries:
        raise NotFound(f"task {task_id!r} has no try {number} in run {run_id!r}")
    log = _file(call.site.conf.path("logging", "base_log_folder"), tries[-1].log_path)
    return log, tries[-1].end_date is not None


class LogLine(msgspec.Struct):
    """One line; `start` is its place in the log, in bytes."""

    start: int
    text: str
    level: log_lines.Level | None


class LogLines(msgspec.Struct):
    """Lines in the order of the log, between two places of it.

    Ask with `after=end` for what follows, with `before=start` for what comes before.
    """

    lines: list[LogLine]
    start: int
    end: int
    size: int
    is_first: bool  # nothing comes before
    is_last: bool  # nothing follows, now or later: the try has ended


class LinesQuery(msgspec.Struct):
    map_index: Number = -1
    after: Id | None = None  # a place
    before: Id | None = None  # a place; without both: the end of the log
    limit: Annotated[int, msgspec.Meta(ge=1, le=LINES_MAX)] = 500
    contains: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    level: tuple[log_lines.Level, ...] = ()


@route("GET", ONE + "/logs/{task_try_number}/lines", may=on_dag(READ, "Task Logs"), tag="View",
       errors=(400,))  # fmt: skip
def get_log_lines(
    call: Call[LinesQuery, None], dag_id: str, dag_run_id: str, task_id: str, task_try_number: int
) -> LogLines:
    """Return lines of the log of a try: from its end, or around a place; also while it runs.

    Where lines are searched for, an answer may have none and yet not be the last: the search went
    as far as `end`, or back to `start`.
    """
    asked = call.query
    if asked.after is not None and asked.before is not None:
        raise BadRequest("give either after or before")
    key = (dag_id, dag_run_id, task_id, asked.map_index)
    log, has_ended = _log(call, key, task_try_number)
    if log is None:
        return LogLines([], 0, 0, 0, True, has_ended)
    wanted = log_lines.Wanted(asked.contains.lower().encode(), asked.level)
    if asked.after is not None:
        piece = log_lines.after(log, asked.after, asked.limit, wanted, is_whole=has_ended)
    else:
        piece = log_lines.before(log, asked.before, asked.limit, wanted, is_whole=has_ended)
    lines = [LogLine(one.start, one.text, one.level) for one in piece.lines]
    is_last = has_ended and piece.end >= piece.size
    return LogLines(lines, piece.start, piece.end, piece.size, piece.start == 0, is_last)


def _file(folder: Path, log_path: str | None) -> Path | None:
    """Return where a log lies, inside the log folder whatever the path says; None: nowhere yet."""
    if not log_path:
        return None
    root = folder.resolve()
    found = (root / log_path).resolve()
    return found if found.is_relative_to(root) and found.is_file() else None


def _piece(log: Path | None, start: int, size: int) -> tuple[str, int]:
    """Return text from a position on, to the end of a line if there is one, and where it ends."""
    if log is None:
        return "", start
    with log.open("rb") as file:
        file.seek(min(start, os.fstat(file.fileno()).st_size))
        content = file.read(size)
        end = content.rfind(b"\n") + 1 or len(content)
        return content[:end].decode(errors="replace"), file.tell() - len(content) + end


def _pieces(log: Path) -> Iterator[bytes]:
    with log.open("rb") as file:
        while content := file.read(PIECE_BYTES):
            yield content
