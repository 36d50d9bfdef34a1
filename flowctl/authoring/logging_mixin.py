"""Where do operators and hooks get `self.log` from?"""

import logging


class LoggingMixin:
    """Gives an object `log`, a logger named after its class."""

    _log: logging.Logger | None = None

    @property
    def log(self) -> logging.Logger:
        """Return the logger of this object."""
        if self._log is None:
            kind = type(self)
            self._log = logging.getLogger(f"{kind.__module__}.{kind.__qualname__}")
        return self._log
