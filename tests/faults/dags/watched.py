"""An asset that a file-like trigger watches; each run of its DAG notes what the events brought."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import DAG, Asset, AssetWatcher, task
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

FOLDER = Path(os.environ["FAULTS_FOLDER"])


class Arrived(BaseEventTrigger):
    """Fires for each file in a folder, and lets go of it once that is written."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def serialize(self):
        return f"{type(self).__module__}.Arrived", {"folder": self.folder}

    async def run(self):
        with (FOLDER / "looks").open("a") as file:
            file.write(f"{os.getpid()}\n")
        while True:
            for path in sorted(Path(self.folder).glob("*.in")):
                yield TriggerEvent({"file": path.name})
                path.unlink()
            await asyncio.sleep(0.05)


inbox = Asset("inbox", watchers=[AssetWatcher("files", trigger=Arrived(str(FOLDER)))])

with DAG("watched", start_date=datetime(2026, 1, 1, tzinfo=UTC), schedule=[inbox]):

    @task(inlets=[inbox])
    def note(triggering_asset_events=None):
        files = [e.extra["payload"]["file"] for e in triggering_asset_events[inbox]]
        with (FOLDER / "taken").open("a") as file:
            file.write("".join(f"{name}\n" for name in files))

    note()
