"""A DAG folder to write files into, and a parser over it that is waited for, never slept for."""

import selectors
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flowctl.core.parsed import ParsedFile
from flowctl.parsing.now import parse_now
from flowctl.parsing.options import Options
from flowctl.parsing.parser import Known, Parser

DEADLINE_S = 60.0  # for what never comes
GOOD = 'from airflow import DAG\nwith DAG("{dag_id}"):\n    pass\n'


class Folder:
    """A DAG folder, and the options to parse it with."""

    def __init__(self, base: Path) -> None:
        self.path = base / "dags"
        self.path.mkdir()
        self.options = Options(self.path, log_folder=base / "logs", dynamic_every_s=3600)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file as editors do: a new one takes the place of the old."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.swp")
        aside.write_bytes(content if isinstance(content, bytes) else content.encode())
        aside.replace(target)
        return target

    def good(self, name: str, dag_id: str | None = None) -> Path:
        """Write a DAG file that is fine."""
        return self.write(name, GOOD.format(dag_id=dag_id or Path(name).stem))

    def parse(self, **changes: object) -> dict[str, ParsedFile]:
        """Parse everything now, with some options changed."""
        results = parse_now(replace(self.options, **changes))  # type: ignore[arg-type]
        return {result.path: result for result in results}

    def error(self, content: str | bytes, **changes: object) -> str:
        """Return the import error of a file with this content (after a word for safe mode)."""
        head = b"# airflow dag\n"
        self.write("bad.py", head + (content if isinstance(content, bytes) else content.encode()))
        error = self.parse(**changes)["bad.py"].error
        assert error is not None
        return error


class Loop:
    """Does for a parser what the scheduler's loop does."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser
        self.results: list[ParsedFile] = []

    def until(self, is_done: Callable[[], bool]) -> None:
        """Step until `is_done`."""
        started_s = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self.parser.fileno(), selectors.EVENT_READ)
            while not is_done():
                left_s = started_s + DEADLINE_S - time.monotonic()
                assert left_s > 0, f"not within {DEADLINE_S} s; until then: {self.results}"
                selector.select(min(left_s, self.parser.next_look()))
                self.results += self.parser.step()

    def until_result(self, path: str) -> ParsedFile:
        """Step until there is a new result for `path`; return it."""
        seen = len(self.results)
        self.until(lambda: any(r.path == path for r in self.results[seen:]))
        return next(r for r in self.results[seen:] if r.path == path)

    def settle(self) -> list[ParsedFile]:
        """Step until all that is there has been parsed; return what came meanwhile."""
        seen = len(self.results)
        self.results += self.parser.step()
        self.until(lambda: self.parser.is_idle)
        return self.results[seen:]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Give an empty DAG folder."""
    return Folder(tmp_path)


@pytest.fixture
def watching(folder: Folder) -> Iterator[Callable[..., Loop]]:
    """Give a function that starts a parser over the folder; all are closed at the end."""
    started: list[Parser] = []

    def start(known: dict[str, Known] | None = None, **changes: object) -> Loop:
        parser = Parser(replace(folder.options, **changes), known)  # type: ignore[arg-type]
        started.append(parser)
        return Loop(parser)

    yield start
    for parser in started:
        parser.close()
