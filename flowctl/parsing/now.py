"""What is in these DAG files, and what do their timetables say, right now? For commands."""

import selectors
from collections.abc import Iterator, Sequence

from flowctl.authoring.ports import Ports
from flowctl.core.parsed import ParsedFile
from flowctl.errors import FlowctlError
from flowctl.parsing.discovery import Found
from flowctl.parsing.messages import Answers, Asked
from flowctl.parsing.options import Options
from flowctl.parsing.parser import answer_of, found_in
from flowctl.parsing.pool import Pool
from flowctl.parsing.results import result_of


def parse_now(
    options: Options, below: Sequence[str] = ("",), ports: Ports | None = None
) -> list[ParsedFile]:
    """Parse the files whose path is, or is inside, one of `below`; return them sorted by path.

    Waits as long as the slowest file takes.

    Args:
        below: paths as in `DagSpec.file`; "" means every file.
        ports: who answers when a file asks for a variable or a connection.
    """
    pool = Pool(options.processes, ports)
    files = options.discovery().sweep().files
    try:
        wanted = [found for label, found in files.items() if any(_is_in(label, b) for b in below)]
        return sorted(_parse(options, pool, wanted), key=lambda result: result.path)
    finally:
        pool.close()


def _parse(options: Options, pool: Pool, wanted: list[Found]) -> Iterator[ParsedFile]:
    waiting = list(enumerate(wanted))
    left = len(wanted)
    with selectors.DefaultSelector() as selector:
        selector.register(pool.fileno(), selectors.EVENT_READ)
        while left:
            while waiting and pool.free() > 0:
                number, found = waiting.pop()
                pool.submit(options.job(found, number))
            selector.select(pool.next_free_s() if waiting else None)
            for parsed in pool.harvest():
                left -= 1
                yield result_of(parsed, wanted[parsed.job.id].fingerprint)


def ask_now(options: Options, file: str, asked: Asked, ports: Ports | None = None) -> Answers:
    """Ask a timetable that a user wrote; wait for its answer.

    Args:
        file: that defines its DAG, as in `DagSpec.file`.

    Raises:
        FlowctlError: it does not answer; the message says why.
    """
    found = found_in(options.discovery().sweep().files, file)
    if found is None:
        raise FlowctlError(f"there is no file {file} any more")
    pool = Pool(1, ports)
    try:
        pool.submit(options.job(found, 1, asked))
        with selectors.DefaultSelector() as selector:
            selector.register(pool.fileno(), selectors.EVENT_READ)
            while not (ended := pool.harvest()):
                selector.select()
        answered = answer_of(ended[0], asked)
    finally:
        pool.close()
    if answered.answers is None:
        raise FlowctlError(f"the timetable of DAG {asked.dag_id!r}: {answered.error}")
    return answered.answers


def _is_in(label: str, folder: str) -> bool:
    folder = folder.rstrip("/")
    return not folder or label == folder or label.startswith(f"{folder}/")
