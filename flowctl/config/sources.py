"""Where does the value of an option come from?

The first that is there wins: the environment variable, its `_CMD`, its `_SECRET`, the key in the
file, `key_cmd` there, `key_secret` there, the default. In each place the present name of an option
comes before its older names, and in the environment `FLOWCTL__` before `AIRFLOW__`. Commands and
secrets are for sensitive options only, as in Airflow 2.10.
"""

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from flowctl.config import command
from flowctl.config.errors import ConfigError
from flowctl.config.file import Entries
from flowctl.config.row import Option

PREFIXES = ("FLOWCTL__", "AIRFLOW__")
WAYS = ("", "_cmd", "_secret")
VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})")
EXPANSIONS_MAX = 10  # a variable may hold another one; one that holds itself must end

GENERATED = frozenset({"{FERNET_KEY}", "{SECRET_KEY}"})
"""Defaults that stand for a key which is made when airflow.cfg is first written."""

SecretsReader = Callable[[str], str | None]


class Found(NamedTuple):
    """Where an option is set; `way` says if `text` is the value, a command, or a secret's path."""

    text: str | None
    way: str
    source: str
    name: tuple[str, str]

    @property
    def is_default(self) -> bool:
        return self.source == "default"


SECRETS = "flowctl.compat.secret_options"
"""Who asks the secrets backend; loaded by name when an option wants it, as it is a layer above."""


class Secrets:
    """The secrets backend of tests, once somebody has set one."""

    reader: SecretsReader | None = None


def set_secrets_reader(reader: SecretsReader | None) -> None:
    """Let `reader` answer for `..._SECRET` settings: it gets the path and returns the value."""
    Secrets.reader = reader


def variable(prefix: str, name: tuple[str, str], way: str = "") -> str:
    """Return the environment variable for an option's name."""
    section, key = name
    return f"{prefix}{section.replace('.', '_')}__{key}{way}".upper()


def find(row: Option, environ: Mapping[str, str], entries: Entries, file: Path) -> Found:
    """Return the place that decides about `row`."""
    for found in settings(row, environ, entries, file):
        return found
    return Found(row.kind.default, "", "default", (row.section, row.key))


def settings(
    row: Option, environ: Mapping[str, str], entries: Entries, file: Path
) -> Iterator[Found]:
    """Yield every place that sets `row`, the winner first."""
    names = ((row.section, row.key), *row.old)
    ways = WAYS if row.sensitive else ("",)
    for name in names:
        for way in ways:
            for prefix in PREFIXES:
                variable_name = variable(prefix, name, way)
                if variable_name in environ:
                    yield Found(environ[variable_name], way, variable_name, name)
    for way in ways:
        for section, key in names:
            entry = entries.get((section, key + way))
            if entry is not None:
                yield Found(entry.text, way, f"{file} line {entry.line}", (section, key))


def value_text(found: Found, environ: Mapping[str, str], home: Path) -> str | None:
    """Return the text that `found` stands for; run its command or ask for its secret.

    Raises:
        ConfigError: the command fails or prints nothing, or nobody knows the secret.
    """
    if found.text is None or found.text in GENERATED:
        return None if found.text is None else ""
    if found.way == "_cmd":
        return output(found, environ)
    if found.way == "_secret":
        return secret(found)
    return expand(found.text, environ, home)


def expand(text: str, environ: Mapping[str, str], home: Path) -> str:
    """Replace {AIRFLOW_HOME}, $VARIABLE, ${VARIABLE} and a leading ~; unknown variables stay."""
    known = {**environ, "AIRFLOW_HOME": str(home), "FLOWCTL_HOME": str(home)}
    for place in ("{AIRFLOW_HOME}", "{FLOWCTL_HOME}"):
        text = text.replace(place, str(home))
    for _ in range(EXPANSIONS_MAX):
        before = text
        text = VARIABLE.sub(lambda found: known.get(found[1] or found[2], found[0]), text)
        if text == "~" or text.startswith("~/"):
            text = environ.get("HOME", os.path.expanduser("~")) + text[1:]
        if text == before:
            break
    return text


def output(found: Found, environ: Mapping[str, str]) -> str:
    """Run the command, without a shell, and return what it prints, without its last line end."""
    what = f"the command of [{found.name[0]}] {found.name[1]} ({found.source})"
    try:
        code, printed = command.output(shlex.split(found.text or ""), environ)
    except (OSError, ValueError, IndexError) as error:
        reason = getattr(error, "strerror", None) or "it is no command"
        raise ConfigError(f"{what} cannot be run: {reason}") from None
    if code:
        raise ConfigError(f"{what} failed with exit code {code}; run it by hand")
    text = printed.rstrip("\r\n")
    if not text:
        raise ConfigError(f"{what} printed nothing; it must print the value")
    return text


def secret(found: Found) -> str:
    """Ask the secrets backend."""
    what = f"[{found.name[0]}] {found.name[1]} ({found.source})"
    reader = Secrets.reader or import_module(SECRETS).option
    text = reader(found.text or "")
    if text is None:
        raise ConfigError(f"{what}: the secrets backend has no value at {found.text!r}")
    return text
