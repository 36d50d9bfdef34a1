"""How do DAG files and providers read options? (`airflow.configuration.conf`)

Under Airflow's method names, they read what `flowctl.config` has.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowctl import config
from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowConfigException
from flowctl.config import Config, ConfigError

_NOTHING = object()


class Configuration:
    """Reads options; each `get...` takes `fallback`, for an option that has no value.

    Raises:
        AirflowConfigException: there is no such option or value, and no fallback was given; or the
            value is not of the kind that was asked for.
    """

    def get(self, section: str, key: str, fallback: Any = _NOTHING, **_: Any) -> Any:
        """Return the value as text."""
        return self._read(Config.text, section, key, fallback)

    def getint(self, section: str, key: str, fallback: Any = _NOTHING, **_: Any) -> Any:
        """Return a whole number."""
        return self._read(Config.whole, section, key, fallback)

    def getfloat(self, section: str, key: str, fallback: Any = _NOTHING, **_: Any) -> Any:
        """Return a number."""
        return self._read(Config.number, section, key, fallback)

    def getboolean(self, section: str, key: str, fallback: Any = _NOTHING, **_: Any) -> Any:
        """Return True or False."""
        return self._read(Config.flag, section, key, fallback)

    def getlist(self, section: str, key: str, fallback: Any = _NOTHING, **_: Any) -> Any:
        """Return the words between commas."""
        return self._read(Config.words, section, key, fallback)

    def gettimedelta(self, section: str, key: str, fallback: Any = _NOTHING, **_: Any) -> Any:
        """Return a number of seconds as a duration."""
        return self._made(section, key, fallback, lambda text: timedelta(seconds=float(text)))

    def getjson(self, section: str, key: str, fallback: Any = _NOTHING, **_: Any) -> Any:
        """Return what the JSON in the value says."""
        return self._made(section, key, fallback, json.loads)

    def getimport(self, section: str, key: str, fallback: Any = _NOTHING, **_: Any) -> Any:
        """Return the object whose dotted name is the value."""
        return self._made(section, key, fallback, import_string)

    def has_option(self, section: str, option: str) -> bool:
        """Say whether there is such an option with a value."""
        return self.get(section, option, fallback=None) is not None

    def _made(self, section: str, key: str, fallback: Any, make: Callable[[str], Any]) -> Any:
        text = self.get(section, key, fallback=None if fallback is not _NOTHING else _NOTHING)
        try:
            return fallback if text is None else make(text)
        except (ValueError, ImportError) as error:
            raise AirflowConfigException(f"[{section}] {key} is {text!r}: {error}") from error

    def _read(
        self, how: Callable[[Config, str, str], Any], section: str, key: str, fallback: Any
    ) -> Any:
        try:
            options = config.load()
            if fallback is not _NOTHING and not _has_value(options, section, key):
                return fallback
            return how(options, section, key)
        except ConfigError as error:
            raise AirflowConfigException(str(error)) from error


def _has_value(options: Config, section: str, key: str) -> bool:
    """Say whether the option exists and is not empty by default."""
    try:
        return options.is_set(section, key) or options.get(section, key) not in (None, "")
    except ConfigError:
        return False


conf = Configuration()
