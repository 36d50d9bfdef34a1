"""Files that commands import and export."""

import json
import os
from pathlib import Path
from typing import Any

import click

from flowctl.cli.lazy import Failure


def read_object(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises:
        Failure: the file cannot be read, or holds something else.
    """
    found = _read(path)
    if not isinstance(found, dict):
        raise Failure(f"{path} must hold an object with names, not a {type(found).__name__}")
    return found


def read_list(path: Path) -> list[Any]:
    """Return the list in a JSON file.

    Raises:
        Failure: the file cannot be read, or holds something else.
    """
    found = _read(path)
    if not isinstance(found, list):
        raise Failure(f"{path} must hold a list, not a {type(found).__name__}")
    return found


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise Failure(f"{path} is not JSON: {error}") from error


def write_object(path: Path, text: str, *, is_secret: bool = False) -> None:
    """Write a text to a file, or to the terminal when the path is `-`.

    Args:
        is_secret: only its owner may read a new file.

    Raises:
        Failure: the file cannot be written.
    """
    text = text if text.endswith("\n") or not text else text + "\n"
    if str(path) == "-":
        click.echo(text, nl=False)
        return
    mode = 0o600 if is_secret else 0o644
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
            file.write(text)
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror or error}") from error
