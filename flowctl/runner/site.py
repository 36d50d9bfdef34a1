"""What does the site's configuration say about running a task?

Read once in a process; the warm parent of attempts reads it before it forks.
"""

from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from flowctl import config
from flowctl.compat import defaults
from flowctl.config import Config, ConfigError
from flowctl.core.retries import DELAY_MAX
from flowctl.runner import hiding

_UNSET = object()


class ConfReader:
    """What user code finds under `conf`: Airflow's ways to ask for an option."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def get(self, section: str, key: str, *, fallback: Any = _UNSET, **_: Any) -> Any:
        """Return an option as text.

        Args:
            section: its section.
            key: its name there.
            fallback: what to return if there is no such option.

        Raises:
            ConfigError: there is no such option, and no fallback was given.
        """
        return self._asked(self._config.text, section, key, fallback)

    def getint(self, section: str, key: str, *, fallback: Any = _UNSET, **_: Any) -> Any:
        """Return an option as a whole number."""
        return self._asked(self._config.whole, section, key, fallback)

    def getfloat(self, section: str, key: str, *, fallback: Any = _UNSET, **_: Any) -> Any:
        """Return an option as a number."""
        return self._asked(self._config.number, section, key, fallback)

    def getboolean(self, section: str, key: str, *, fallback: Any = _UNSET, **_: Any) -> Any:
        """Return an option as True or False."""
        return self._asked(self._config.flag, section, key, fallback)

    def has_option(self, section: str, option: str) -> bool:
        """Say whether there is such an option."""
        return self.get(section, option, fallback=None) is not None

    def _asked(self, question: Any, section: str, key: str, fallback: Any) -> Any:
        try:
            return defaults.mask_option(section, key, question(section, key))
        except ConfigError:
            if fallback is _UNSET:
                raise
            return fallback


class Site(NamedTuple):
    """The settings that matter inside an attempt."""

    conf: Any = None  # what user code finds under `conf`
    base_url: str = ""  # of the web server
    templated_field_length_max: int = 4096  # characters of a rendered field that are kept
    conf_overrides_params: bool = True
    retry_delay_max: timedelta = DELAY_MAX
    map_length_max: int = 1024  # elements of a result that tasks are mapped over


@cache
def here() -> Site:
    """Return the settings of this process; hand their defaults to authoring and to masking."""
    conf = config.load()
    defaults.apply(conf)
    hiding.by(conf)
    return Site(
        conf=ConfReader(conf),
        base_url=conf.text("webserver", "base_url"),
        templated_field_length_max=conf.whole("core", "max_templated_field_length"),
        conf_overrides_params=conf.flag("core", "dag_run_conf_overrides_params"),
        retry_delay_max=timedelta(seconds=conf.number("core", "max_task_retry_delay")),
        map_length_max=conf.whole("core", "max_map_length"),
    )
