"""What is written in airflow.cfg, and how is it written for the first time?

Knows the form of the file: sections, keys, continued lines, `%`. What the keys mean is not its
business.
"""

import configparser
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from flowctl.config.errors import ConfigError

ESCAPE = re.compile(r"%%|%\(([^)]+)\)s")
SECTION_LINE = re.compile(r"\[(.+)\]")
KEY_LINE = re.compile(r"\s*([^#;=:\s][^=:]*?)\s*[=:]")
NO_DEFAULTS = "\0"  # no section of this name exists, so that [DEFAULT] is read like any other


class Entry(NamedTuple):
    """One setting of the file."""

    text: str
    line: int


Entries = dict[tuple[str, str], Entry]


def read(path: Path) -> Entries:
    """Return all settings of the file by lower-case section and key.

    `%%` stands for one `%`, and `%(key)s` for another setting of the section or of [DEFAULT], as in
    Airflow. A lone `%`, at which Airflow stops, stands for itself, so that passwords may have one.

    Raises:
        ConfigError: the file cannot be read, or a line of it is no setting.
    """
    parser = configparser.RawConfigParser(default_section=NO_DEFAULTS)
    try:
        content = path.read_text(encoding="utf-8-sig")
        parser.read_string(content, source=str(path))
    except configparser.Error as error:
        raise ConfigError(complaint(path, error)) from None  # its text may hold a password
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    lines = line_numbers(content)
    raw = {
        (section.lower(), key.lower()): value
        for section in parser.sections()
        for key, value in parser.items(section)
    }
    return {name: Entry(unescape(name, raw), lines.get(name, 0)) for name in raw}


def complaint(path: Path, error: configparser.Error) -> str:
    """Say which line is wrong without repeating what is in it."""
    if isinstance(error, configparser.DuplicateOptionError):
        return f"{path} line {error.lineno}: [{error.section}] {error.option} is there twice"
    if isinstance(error, configparser.DuplicateSectionError):
        return f"{path} line {error.lineno}: section [{error.section}] is there twice"
    if isinstance(error, configparser.MissingSectionHeaderError):
        return f"{path} line {error.lineno}: a [section] must come before the first setting"
    bad = error.errors[0][0] if isinstance(error, configparser.ParsingError) else "?"
    return f"{path} line {bad}: this is neither a [section] nor `key = value`"


def line_numbers(content: str) -> dict[tuple[str, str], int]:
    """Return on which line each setting begins."""
    return {name: line for line, name in named_lines(content)}


def named_lines(content: str) -> Iterator[tuple[int, tuple[str, str]]]:
    section = ""
    for line, text in enumerate(content.splitlines(), start=1):
        if header := SECTION_LINE.match(text):
            section = header[1].lower()
        elif not text[:1].isspace() and (key := KEY_LINE.match(text)):
            yield line, (section, key[1].lower())


def unescape(name: tuple[str, str], raw: Mapping[tuple[str, str], str], depth: int = 10) -> str:
    """Return the value of `name` with `%%` and `%(key)s` replaced, at most `depth` deep."""
    section = name[0]

    def replace(found: re.Match[str]) -> str:
        if found[1] is None:
            return "%"
        for other in ((section, found[1].lower()), ("default", found[1].lower())):
            if other in raw and depth:
                return unescape(other, raw, depth - 1)
        return found[0]

    return ESCAPE.sub(replace, raw[name])


def write_once(path: Path, content: str) -> None:
    """Write the file, for its owner only, unless it is there.

    It appears with all its content or not at all. Of several processes that come at the same
    time one writes; the others find what it wrote.

    Raises:
        ConfigError: the folder or the file cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(
            f"{path} cannot be written ({reason}); set FLOWCTL_HOME to a folder that can"
        ) from error
