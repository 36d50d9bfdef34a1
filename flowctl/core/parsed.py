"""What reading one DAG file gave: plain data that the parser hands to the store."""

import msgspec

from flowctl.core.spec import DagSpec

PLUGINS = "plugins://"
"""Paths of files of the plugins folder begin with this: they define no DAGs, but may be broken."""


class ParsedFile(msgspec.Struct, frozen=True):
    """One DAG file (or zip archive), parsed once.

    `error` and `specs` may both be there: DAGs that could be read are used, the others keep their
    last good version. Without an error, the DAGs of the file are exactly `specs`.
    """

    path: str  # relative to the DAG folder, "/" separated
    fingerprint: str  # of the file that was read; "" says that there is no such file any more
    specs: tuple[DagSpec, ...] = ()
    source: bytes = b""  # the bytes that were executed; of an archive all of it
    error: str | None = None
    duration_s: float = 0.0
    depends: dict[str, str] = {}  # other files it read: absolute path -> fingerprint
    is_dynamic: bool = False  # it asked the metastore something, so it may change by itself
    warnings: tuple[str, ...] = ()

    @property
    def is_gone(self) -> bool:
        """Say whether the file was deleted, moved away or is ignored now."""
        return not self.fingerprint
