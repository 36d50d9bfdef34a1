"""How do DAG files and providers read options? (`airflow.configuration.conf`)

Under Airflow's method names, they read what `flowctl.config` has.
"""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowctl import config
from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowConfigException
from flowctl.compat.defaults import mask_option
from flowctl.config import Config, ConfigError
from flowctl.config.options import in_section

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

    def getenum(self, section: str, key: str, enum_class: Any, fallback: Any = _NOTHING) -> Any:
        """Return the member of an enum whose name is the value."""
        return self._made(section, key, fallback, lambda text: _member(enum_class, text))

    def getsection(self, section: str) -> dict[str, Any] | None:
        """Return all options of a section as text; None when there is no such section."""
        return {
            row.key: self.get(section, row.key, fallback=None) for row in in_section(section)
        } or None

    def get_mandatory_value(self, section: str, key: str, **_: Any) -> str:
        """Return the value as text."""
        return str(self.get(section, key))

    def get_mandatory_list_value(self, section: str, key: str, **_: Any) -> list[str]:
        """Return the words between commas."""
        return list(self.getlist(section, key))

    def has_section(self, section: str) -> bool:
        """Say whether there is such a section."""
        return bool(in_section(section))

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
            return mask_option(section, key, how(options, section, key))
        except ConfigError as error:
            raise AirflowConfigException(str(error)) from error


def _has_value(options: Config, section: str, key: str) -> bool:
    """Say whether the option exists and is not empty by default."""
    try:
        return options.is_set(section, key) or options.get(section, key) not in (None, "")
    except ConfigError:
        return False


def _member(enum_class: Any, text: str) -> Any:
    try:
        return enum_class[text]
    except KeyError:
        raise ValueError(f"not one of {', '.join(enum_class.__members__)}") from None


conf = Configuration()

get = conf.get
getboolean = conf.getboolean
getfloat = conf.getfloat
getint = conf.getint
getsection = conf.getsection
has_option = conf.has_option


def expand_env_var(env_var: str | None) -> str | None:
    """Return a text with the variables of the environment and ~ filled in."""
    return env_var if env_var is None else os.path.expanduser(os.path.expandvars(env_var))


def get_airflow_home() -> str:
    """Return the folder of the configuration."""
    return str(config.load().home)
