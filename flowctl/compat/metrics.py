"""Where do the counters go that DAG files and providers keep by `airflow.stats`?

Nowhere, as in an Airflow whose `[metrics] statsd_on` is off: flowctl sends its metrics itself.
"""

from time import perf_counter
from typing import Any


class Timer:
    """Measures the block it stands around; `duration` is in milliseconds."""

    duration: float | None = None

    def __enter__(self) -> "Timer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> "Timer":
        """Begin to measure."""
        self._began = perf_counter()
        return self

    def stop(self, send: bool = True) -> None:  # noqa: ARG002 - Airflow's signature
        """End measuring."""
        self.duration = 1000.0 * (perf_counter() - self._began)


class Stats:
    """Airflow's interface to metrics; all of it is asked of the class."""

    @classmethod
    def incr(cls, stat: str, count: int = 1, rate: float = 1, *, tags: Any = None) -> None:
        """Count up."""

    @classmethod
    def decr(cls, stat: str, count: int = 1, rate: float = 1, *, tags: Any = None) -> None:
        """Count down."""

    @classmethod
    def gauge(
        cls, stat: str, value: float, rate: float = 1, delta: bool = False, *, tags: Any = None
    ) -> None:
        """Tell a value."""

    @classmethod
    def timing(cls, stat: str, dt: Any, *, tags: Any = None) -> None:
        """Tell a duration."""

    @classmethod
    def timer(cls, stat: str | None = None, *args: Any, tags: Any = None, **kwargs: Any) -> Timer:  # noqa: ARG003 - Airflow's signature
        """Measure a block."""
        return Timer()
