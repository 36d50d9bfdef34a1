"""Wait until a file is there."""

import glob
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from flowctl.authoring.exceptions import AirflowException
from flowctl.authoring.settings import NOTSET, pick
from flowctl.authoring.triggers import StartTriggerArgs
from flowctl.hooks.filesystem import FSHook
from flowctl.sensors.base import BaseSensorOperator
from flowctl.triggers.file import FileTrigger


class FileSensor(BaseSensorOperator):
    """Waits until a file is there, or a folder with a file somewhere in it.

    Args:
        filepath: the file or folder, from the folder of the connection; may be a pattern of `glob`.
        fs_conn_id: a connection of type `fs`, which names a folder; it is asked for relative paths,
            and without `fs_default` they start at "/".
        recursive: `**` in the pattern stands for any folders.
        deferrable: let the triggerer look; default is `[operators] default_deferrable`.
        start_from_trigger: begin in the triggerer, without a process before; needs `deferrable`.
        trigger_kwargs: what the trigger gets then, instead of the above.
    """

    template_fields: Sequence[str] = ("filepath", "fs_conn_id")
    ui_color = "#91818a"
    start_trigger_args = StartTriggerArgs(
        trigger_cls="airflow.triggers.file.FileTrigger",
        trigger_kwargs={},
        next_method="execute_complete",
        next_kwargs=None,
        timeout=None,
    )

    def __init__(
        self,
        *,
        filepath: str,
        fs_conn_id: str = FSHook.default_conn_name,
        recursive: bool = False,
        deferrable: bool = NOTSET,
        start_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filepath = filepath
        self.fs_conn_id = fs_conn_id
        self.recursive = recursive
        self.deferrable = pick(deferrable, "deferrable")
        self.start_from_trigger = self.deferrable and start_from_trigger
        if self.start_from_trigger and self.start_trigger_args is not None:
            self.start_trigger_args.timeout = timedelta(seconds=self.timeout)
            self.start_trigger_args.trigger_kwargs = trigger_kwargs or self._looking

    @cached_property
    def path(self) -> str:
        """Return the file, folder or pattern from the root."""
        if os.path.isabs(self.filepath):  # then no connection can say more
            return self.filepath
        return os.path.join(FSHook(self.fs_conn_id).get_path(), self.filepath)

    @property
    def _looking(self) -> dict[str, Any]:
        """Return what the trigger needs to know."""
        return {
            "filepath": self.path,
            "recursive": self.recursive,
            "poke_interval": self.poke_interval,
        }

    def poke(self, context: Any) -> bool:  # noqa: ARG002 - Airflow's signature
        """Say whether it is there."""
        self.log.info("Looking for %s", self.path)
        for path in glob.iglob(self.path, recursive=self.recursive):
            if os.path.isfile(path):
                changed = datetime.fromtimestamp(os.path.getmtime(path), UTC)
                self.log.info("Found the file %s, changed at %s", path, changed.isoformat())
                return True
            if any(files for _, _, files in os.walk(path)):
                self.log.info("Found the folder %s, which is not empty", path)
                return True
        return False

    def execute(self, context: Any) -> Any:
        """Look until it is there, here or in the triggerer."""
        if not self.deferrable:
            return super().execute(context)
        if not self.poke(context):
            self.defer(
                timeout=timedelta(seconds=self.timeout),
                trigger=FileTrigger(**self._looking),
                method_name="execute_complete",
            )
        return None

    def execute_complete(self, context: Any, event: Any = None) -> None:  # noqa: ARG002 - Airflow's signature
        """Go on when the triggerer has found it.

        Raises:
            AirflowException: it has not.
        """
        if not event:
            raise AirflowException(f"task {self.task_id!r} ended without finding {self.filepath}")
        self.log.info("%s is there", self.filepath)
