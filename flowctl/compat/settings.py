"""What do DAG files learn of this installation, from `airflow.settings` and `airflow.__version__`?

Each value is read when it is asked for.
"""

from collections.abc import Callable
from typing import Any

from flowctl import config
from flowctl.authoring.moments import default_zone

_READERS: dict[str, Callable[[], Any]] = {
    "AIRFLOW_CONFIG": lambda: str(config.load().file),
    "AIRFLOW_HOME": lambda: str(config.load().home),
    "AIRFLOW_VERSION": lambda: config.load().text("compat", "airflow_version"),
    "DAGS_FOLDER": lambda: str(config.load().path("core", "dags_folder")),
    "PLUGINS_FOLDER": lambda: str(config.load().path("core", "plugins_folder")),
    "TIMEZONE": default_zone,
}


def __getattr__(name: str) -> Any:
    if name not in _READERS:
        raise AttributeError(f"there is no setting {name!r}")
    return _READERS[name]()
