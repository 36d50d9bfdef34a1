"""What do DAG files take out of `airflow.settings`? Each value is read when it is asked for."""

from collections.abc import Callable
from typing import Any

from flowctl import config
from flowctl.authoring.moments import default_zone

_READERS: dict[str, Callable[[], Any]] = {
    "AIRFLOW_HOME": lambda: str(config.load().home),
    "DAGS_FOLDER": lambda: str(config.load().path("core", "dags_folder")),
    "PLUGINS_FOLDER": lambda: str(config.load().path("core", "plugins_folder")),
    "TIMEZONE": default_zone,
}


def __getattr__(name: str) -> Any:
    if name not in _READERS:
        raise AttributeError(f"there is no setting {name!r}")
    return _READERS[name]()
