"""Configuration: one table of options, one file, and the environment.

`options` is the table: every option of Airflow 2.10, with what flowctl does about it. `sources`
knows which place wins, `file` the form of airflow.cfg, `checks` what people should be told, and
`reader` puts them together. A bad value stops flowctl before it does anything; a name that means
nothing, or an option that changes nothing here, is a warning. Nothing is read again while a
process lives.
"""

from flowctl.config.errors import ConfigError
from flowctl.config.example import example_text
from flowctl.config.reader import Config, Setting, forget, home, load
from flowctl.config.sources import set_secrets_reader

__all__ = [
    "Config",
    "ConfigError",
    "Setting",
    "example_text",
    "forget",
    "home",
    "load",
    "set_secrets_reader",
]
