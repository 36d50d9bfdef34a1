"""Where a runner works, read from the configuration once."""

import socket
from dataclasses import dataclass
from pathlib import Path

from flowctl.config import Config


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders and limits of one runner."""

    home: Path
    dags_folder: Path
    log_folder: Path
    killed_task_cleanup_s: float
    host: str
    log_bytes_max: int  # of one attempt; 0: any
    may_group: bool  # control groups may hold attempts to their memory limits

    @property
    def run_folder(self) -> Path:
        """Return where sockets, claims and journals are."""
        return self.home / "run"

    @property
    def socket(self) -> Path:
        """Return where the runner listens."""
        return self.run_folder / "runner.sock"

    @property
    def spool_folder(self) -> Path:
        """Return where claims and journals are."""
        return self.run_folder / "attempts"


def read(conf: Config) -> Settings:
    """Return what the configuration says."""
    return Settings(
        home=conf.home,
        dags_folder=conf.path("core", "dags_folder"),
        log_folder=conf.path("logging", "base_log_folder"),
        killed_task_cleanup_s=conf.whole("core", "killed_task_cleanup_time"),
        host=socket.gethostname(),
        log_bytes_max=conf.get("logging", "task_log_size"),
        may_group=conf.text("core", "memory_guard") == "auto",
    )
