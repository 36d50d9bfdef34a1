"""What the triggerer is given to run, what comes of it, and from whom it has it."""

import asyncio
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Protocol

from flowctl.authoring.triggers import short_name

Key = tuple[str, int, int]
"""Names a trigger: its source, and what it belongs to there."""


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One trigger to be run."""

    key: Key
    classpath: str
    kwargs: str  # a token of the metastore's
    subject: str  # whom it belongs to, for people: "task 'a' of DAG 'd', run 'r'"
    file: str = ""  # the DAG file, as in `DagSpec.file`, in which its class may be
    source_hash: str = ""  # of that file's content
    log_path: str = ""  # absolute: where its lines go
    task_instance: Any = None
    goes_on: bool = False  # it may bring more than one event

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"{self.trigger} of {self.subject}"

    @property
    def trigger(self) -> str:
        """Return what people call the trigger."""
        return short_name(self.classpath)


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What a trigger brought: an event, or the reason why it brought none."""

    work: Work
    event: Any = None  # authoring.triggers.TriggerEvent
    error: str = ""
    traceback: str = ""
    is_written: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Look:
    """What a source wants to be changed."""

    start: Sequence[Work] = ()
    cancel: Mapping[Key, bool] = field(default_factory=dict)  # True: somebody ended its task


class Source(Protocol):
    """Where triggers come from, and where goes what they bring.

    Called from one thread, never twice at the same time. Each method does its own units of work.
    """

    name: str

    def look(self, running: Set[Key], room: int) -> Look:
        """Say what is to be started, at most `room`, and what of `running` is not wanted any more.

        Raises:
            SQLAlchemyError: the metastore is away; asked again later.
        """

    def record(self, results: Sequence[Result]) -> None:
        """Write what triggers brought.

        Raises:
            SQLAlchemyError: nothing was written; given again later.
        """

    def note_trouble(self, work: Work, trouble: str) -> None:
        """Remember that something is wrong with a trigger; from another thread than the others."""

    def leave(self) -> None:
        """Let others have what this process was given."""
