"""Wait for a file."""

import asyncio
import glob
import os
import warnings
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from flowctl.authoring.triggers import BaseEventTrigger, BaseTrigger, TriggerEvent


class FileTrigger(BaseTrigger):
    """Fire once a file is there, or a folder with a file in it; the task finds True as `event`.

    Args:
        filepath: absolute; it may be a pattern of `glob`.
        recursive: `**` in the pattern stands for any folders.
        poke_interval: seconds between two looks.
    """

    def __init__(
        self, filepath: str, recursive: bool = False, poke_interval: float = 5.0, **kwargs: Any
    ) -> None:
        super().__init__()
        if kwargs.get("poll_interval") is not None:
            warnings.warn(
                "poll_interval of FileTrigger is called poke_interval now",
                DeprecationWarning,
                stacklevel=2,
            )
            poke_interval = kwargs["poll_interval"]
        self.filepath = filepath
        self.recursive = recursive
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.triggers.file.FileTrigger",
            {
                "filepath": self.filepath,
                "recursive": self.recursive,
                "poke_interval": self.poke_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while (found := await asyncio.to_thread(_found, self.filepath, self.recursive)) is None:
            await asyncio.sleep(self.poke_interval)
        self.log.info("%s", found)
        yield TriggerEvent(True)


class FileDeleteTrigger(BaseEventTrigger):
    """Fire when a file is there, and delete it, so that the next one is news again.

    Args:
        filepath: absolute.
        poke_interval: seconds between two looks.
    """

    def __init__(self, filepath: str, poke_interval: float = 5.0) -> None:
        super().__init__()
        self.filepath = filepath
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.providers.standard.triggers.file.FileDeleteTrigger",
            {"filepath": self.filepath, "poke_interval": self.poke_interval},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while not await asyncio.to_thread(_deleted, self.filepath):
            await asyncio.sleep(self.poke_interval)
        self.log.info("File %s was there and is deleted", self.filepath)
        yield TriggerEvent(self._told())

    def _told(self) -> Any:
        return True


class DirectoryFileDeleteTrigger(FileDeleteTrigger):
    """The same for one file name in a folder; the event says which file it was.

    Args:
        directory: absolute.
        filename: without its folder.
        poke_interval: seconds between two looks.
    """

    def __init__(self, *, directory: str, filename: str, poke_interval: float = 5.0) -> None:
        super().__init__(os.path.join(directory, filename), poke_interval)
        self.directory = directory
        self.filename = filename

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.providers.standard.triggers.file.DirectoryFileDeleteTrigger",
            {
                "directory": self.directory,
                "filename": self.filename,
                "poke_interval": self.poke_interval,
            },
        )

    def _told(self) -> Any:
        return {"filepath": self.filepath}


def _found(pattern: str, recursive: bool) -> str | None:
    """Say what was found; None: nothing. A file system may be slow: call it in a thread."""
    for path in glob.iglob(pattern, recursive=recursive):
        if os.path.isfile(path):
            changed = datetime.fromtimestamp(os.path.getmtime(path), UTC)
            return f"Found the file {path}, changed at {changed.isoformat()}"
        if any(files for _, _, files in os.walk(path)):
            return f"Found the folder {path}, which is not empty"
    return None


def _deleted(path: str) -> bool:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True
