"""What the log says of ticks that fail: each trouble now and then, not at each try."""

import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from flowctl.store.engine import in_words, is_transient

LOG = logging.getLogger("flowctl.scheduler")

AGAIN_AFTER_S = 60.0


class Complaint:
    """Says what is wrong, and once that it is over.

    The metastore is asked twice a second while it is away: an outage of a night must not fill the
    disk with one sentence.
    """

    def __init__(self, again_after_s: float = AGAIN_AFTER_S) -> None:
        self._again_after_s = again_after_s
        self._said = ""
        self._said_at = 0.0

    def about(self, error: SQLAlchemyError) -> None:
        """Say it, unless just this was said."""
        told, now = in_words(error), time.monotonic()
        if told == self._said and now - self._said_at < self._again_after_s:
            return
        self._said, self._said_at = told, now
        if is_transient(error):
            LOG.warning("the metastore does not answer; nothing is lost, trying again: %s", told)
        else:
            LOG.error("a tick failed; trying again", exc_info=error)

    def is_over(self) -> None:
        """Say that ticks go well again, if they did not before."""
        if self._said:
            self._said = ""
            LOG.warning("the metastore answers again")
