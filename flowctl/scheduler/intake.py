"""How do parsed files come into the metastore? Several at a time, while others are being parsed."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from flowctl.core.parsed import ParsedFile
from flowctl.parsing.parser import Parser
from flowctl.store import lease
from flowctl.store.dags import Recorded
from flowctl.store.engine import writing

LOG = logging.getLogger("flowctl.scheduler")

GATHER_FILES_S = 0.1  # while others are parsed, files are recorded so often


class Intake:
    """Keeps what the parser brings until it is recorded."""

    def __init__(
        self,
        engine: Engine,
        parser: Parser,
        record: Callable[[Connection, ParsedFile], Recorded],
        term: int,
    ) -> None:
        self._engine = engine
        self._parser = parser
        self._record = record
        self._term = term
        self._waiting: list[ParsedFile] = []
        self._recorded_at = 0.0
        self._complaints: tuple[str, ...] = ()

    def take(self, now: datetime) -> Sequence[ParsedFile]:
        """Record what was parsed, unless more is to be gathered; return what was recorded.

        Raises:
            lease.Deposed: another scheduler leads.
        """
        self._waiting += self._parser.step()
        self._pass_on_complaints()
        if not self._waiting or self._is_gathering():
            return ()
        with writing(self._engine) as conn:
            lease.hold(conn, self._term, now)
            recorded = [self._record(conn, parsed) for parsed in self._waiting]
        taken, self._waiting = self._waiting, []
        for one in recorded:
            self._parser.parse_again(one.released)
        return taken

    def next_look(self) -> float:
        """Return the seconds after which to look again at the latest."""
        wait_s = self._parser.next_look()
        if self._waiting:
            wait_s = min(wait_s, self._recorded_at + GATHER_FILES_S - time.monotonic())
        return wait_s

    def _pass_on_complaints(self) -> None:
        if self._parser.complaints != self._complaints:
            self._complaints = self._parser.complaints
            for complaint in self._complaints:
                LOG.warning("%s", complaint)

    def _is_gathering(self) -> bool:
        """Say whether to wait for further files, to record several at a time."""
        moment = time.monotonic()
        if self._parser.is_idle or moment - self._recorded_at >= GATHER_FILES_S:
            self._recorded_at = moment
            return False
        return True
