"""What is flowctl's configuration here and now?

`load()` finds the home folder, writes airflow.cfg there on first use, reads it together with the
environment, and stops at the first setting that cannot be used. Commands and secrets are only
asked when their option is. It logs and prints nothing: `Config.warnings` has what people should
know, for the edges to print once.
"""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from flowctl.config import kinds
from flowctl.config.checks import nearest, remarks, touched
from flowctl.config.errors import ConfigError
from flowctl.config.example import first_text
from flowctl.config.file import Entries, read, write_once
from flowctl.config.kinds import Kind
from flowctl.config.options import ROWS, named
from flowctl.config.row import Option
from flowctl.config.sources import Found, expand, find, value_text

HIDDEN = "< hidden >"


class Setting(NamedTuple):
    """One option with its value, as `Config.items` lists it."""

    option: Option
    value: Any
    text: str | None
    source: str


class Config:
    """The values of all options; made by `load`, never changed afterwards."""

    def __init__(
        self, home: Path, environ: Mapping[str, str], entries: Entries, file: Path
    ) -> None:
        """Check all settings that are there.

        Raises:
            ConfigError: one of them cannot be used.
        """
        self.home = home
        self.file = file
        self._environ = environ
        self._entries = entries
        self._read: dict[tuple[str, str], Setting] = {}
        for row in touched(environ, entries):
            if row.honoured and not self._found(row).way:
                self._setting(row)
        self.warnings: list[str] = remarks(environ, entries, file, home)

    def get(self, section: str, key: str) -> Any:
        """Return the value in its type; None where the option has no value.

        Older names of an option work. A name that flowctl does not know is looked up as well,
        and is text: people keep settings of their own in airflow.cfg.

        Raises:
            ConfigError: there is no such option, and nobody set it either.
        """
        return self._setting(self._row(section, key)).value

    def text(self, section: str, key: str) -> str:
        """Return the value as text; no value is the empty text."""
        setting = self._setting(self._row(section, key))
        return setting.value if isinstance(setting.value, str) else (setting.text or "")

    def whole(self, section: str, key: str) -> int:
        """Return a whole number. Raises ConfigError when the value is none."""
        return int(self._converted(section, key, kinds.whole(0, low=None)))

    def number(self, section: str, key: str) -> float:
        """Return a number. Raises ConfigError when the value is none."""
        return float(self._converted(section, key, kinds.number(0.0, low=None)))

    def flag(self, section: str, key: str) -> bool:
        """Return True or False. Raises ConfigError when the value is neither."""
        return bool(self._converted(section, key, kinds.flag(False)))

    def words(self, section: str, key: str) -> list[str]:
        """Return the words that stand between commas; there may be none."""
        return list(kinds.parse_words(self.text(section, key)))

    def path(self, section: str, key: str) -> Path:
        """Return an absolute path; a relative one counts from the home folder.

        Raises:
            ConfigError: the value is empty.
        """
        text = self.text(section, key)
        if not text:
            raise ConfigError(f"[{section}] {key} ({self.source(section, key)}) must be a path")
        return self.home / text

    def setting(self, section: str, key: str) -> Setting:
        """Return the option with its value, its text and its source."""
        return self._setting(self._row(section, key))

    def source(self, section: str, key: str) -> str:
        """Say where the value comes from: a variable's name, file and line, or `default`."""
        found = self._found(self._row(section, key))
        how = {"_cmd": ", a command", "_secret": ", a secret"}.get(found.way, "")
        return found.source + how

    def is_set(self, section: str, key: str) -> bool:
        """Say whether somebody set the option, be it to its default."""
        return not self._found(self._row(section, key)).is_default

    def items(self) -> Iterator[Setting]:
        """Yield every option of the table in its order; commands and secrets are asked."""
        return map(self._setting, ROWS)

    def _row(self, section: str, key: str) -> Option:
        section, key = section.lower(), key.lower()
        row = named(section, key)
        if row is not None:
            return row
        foreign = Option(section, key, kinds.text(None), "")
        if self._found(foreign).is_default:
            raise ConfigError(f"there is no option {foreign.name}{nearest((section, key))}")
        return foreign

    def _found(self, row: Option) -> Found:
        return find(row, self._environ, self._entries, self.file)

    def _setting(self, row: Option) -> Setting:
        name = (row.section, row.key)
        if name not in self._read:
            found = self._found(row)
            text = value_text(found, self._environ, self.home)
            self._read[name] = Setting(row, self._parsed(row, row.kind, text), text, found.source)
        return self._read[name]

    def _converted(self, section: str, key: str, kind: Kind) -> Any:
        """Return the value; if the table has it as text, read it as `kind`."""
        row = self._row(section, key)
        value = self._setting(row).value
        if value is None:
            raise ConfigError(f"{row.name} has no value; it must be {kind.allowed}")
        return self._parsed(row, kind, value) if isinstance(value, str) else value

    def _parsed(self, row: Option, kind: Kind, text: str | None) -> Any:
        if text is None:
            return None
        try:
            return kind.parse(text)
        except (ValueError, KeyError):
            shown = HIDDEN if row.sensitive else repr(text)
            where = self.source(row.section, row.key)
            raise ConfigError(
                f"{row.name} is {shown} ({where}), but must be {kind.allowed}"
            ) from None


def home(environ: Mapping[str, str] | None = None) -> Path:
    """Return the home folder: FLOWCTL_HOME, else AIRFLOW_HOME, else ~/flowctl."""
    known = os.environ if environ is None else environ
    text = known.get("FLOWCTL_HOME") or known.get("AIRFLOW_HOME") or "~/flowctl"
    outside = {name: text for name, text in known.items() if not name.endswith("_HOME")}
    return Path(expand(text, {**outside, "HOME": known.get("HOME", "")}, Path())).absolute()


def load(home: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Return the configuration; without arguments that of this process, read once.

    Args:
        home: the home folder instead of what the environment says.
        environ: the environment instead of this process's.

    Raises:
        ConfigError: airflow.cfg cannot be written or read, or has a setting that cannot be used.
    """
    if home is None and environ is None:
        return of_this_process()
    return fresh(home, dict(os.environ if environ is None else environ))


@cache
def of_this_process() -> Config:
    return fresh(None, dict(os.environ))


def forget() -> None:
    """Read anew at the next `load()`."""
    of_this_process.cache_clear()


def fresh(place: Path | None, environ: Mapping[str, str]) -> Config:
    folder = home(environ) if place is None else place.absolute()
    file = folder / "airflow.cfg"
    if not file.exists():
        write_once(file, first_text())
    return Config(folder, environ, read(file), file)
