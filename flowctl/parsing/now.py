"""What is in these DAG files, right now? For commands; nothing is recorded."""

import selectors
from collections.abc import Iterator, Sequence

from flowctl.authoring.ports import Ports
from flowctl.core.parsed import ParsedFile
from flowctl.parsing.discovery import Found
from flowctl.parsing.options import Options
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


def _is_in(label: str, folder: str) -> bool:
    folder = folder.rstrip("/")
    return not folder or label == folder or label.startswith(f"{folder}/")
