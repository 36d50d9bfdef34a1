"""How commands show rows: as a table, plain columns, JSON or YAML, in Airflow's forms.

In a terminal a table fits into its width; elsewhere each row is one line, however long.
In JSON and YAML all values but lists, objects and nothing are texts, as Airflow's scripts expect.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import click

from flowctl.cli import fitting
from flowctl.cli.columns import width, widths_of

Row = Mapping[str, Any]
F = TypeVar("F", bound=Callable[..., Any])


def show(rows: Sequence[Row], output: str, *, columns: Sequence[str] = ()) -> None:
    """Print rows in the form that was asked for.

    Args:
        output: "table", "json", "yaml" or "plain".
        columns: heads of the table when there may be no row.
    """
    for line in PRINTERS[output](rows, columns or list(rows[0] if rows else ())):
        click.echo(line)


def _table(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[str]:
    if not rows:
        yield "No data found"
        return
    lines = [list(columns), *([_cell(row[name], ",") for name in columns] for row in rows)]
    room = fitting.room()
    shown = lines if room is None else fitting.fitted(lines, room)
    if shown is None:
        yield from _records(lines)
        return
    widths = widths_of(shown)
    yield from _lines(shown[0], widths)
    yield "=+=".join("=" * width for width in widths)
    for line in shown[1:]:
        yield from _lines(line, widths)


def _records(lines: Sequence[list[str]]) -> Iterator[str]:
    """Yield each row of a table that is too wide below the other, a line for each column."""
    heads = lines[0]
    for row in lines[1:]:
        pairs = [[head, cell] for head, cell in zip(heads, row, strict=True)]
        widths = [max(map(width, heads)), 0]
        for pair in pairs:
            yield from (line.rstrip() for line in _lines(pair, widths))
        yield ""


def _lines(row: list[str], widths: list[int]) -> Iterator[str]:
    """Yield the lines of one row; a cell may have several."""
    parts = [cell.split("\n") for cell in row]
    for number in range(max(map(len, parts))):
        texts = [part[number] if number < len(part) else "" for part in parts]
        yield _line(texts, widths, " | ")


def _plain(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[str]:
    if not rows:
        yield "No data found"
        return
    cells = [[_cell(row[name], None) for name in columns] for row in rows]
    lines = [list(columns), *cells]
    widths = widths_of(lines)
    for line in lines:
        yield _line([text.replace("\n", " ") for text in line], widths, "  ").rstrip()


def _json(rows: Sequence[Row], _columns: Sequence[str]) -> Iterator[str]:
    yield json.dumps([_as_data(dict(row)) for row in rows], ensure_ascii=not is_utf8())


def _yaml(rows: Sequence[Row], _columns: Sequence[str]) -> Iterator[str]:
    for row in rows:
        yield from _yaml_lines(dict(sorted(_as_data(dict(row)).items())))
    if not rows:
        yield "[]"


def _yaml_lines(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield one entry of a list; JSON is YAML, so nothing needs a library to be quoted."""
    mark = "- "
    for name, value in row.items():
        if isinstance(value, list) and value:
            yield f"{mark}{_scalar(name)}:"
            yield from (f"  - {_scalar(item)}" for item in value)
        else:
            yield f"{mark}{_scalar(name)}: {_scalar(value)}"
        mark = "  "


def _scalar(value: Any) -> str:
    is_simple = isinstance(value, str) and value.replace("_", "").replace("-", "").isalpha()
    is_word = is_simple and value.lower() not in YAML_WORDS and value[0].isalpha()
    return value if is_word else json.dumps(value, ensure_ascii=not is_utf8())


YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan"})

PRINTERS: dict[str, Callable[[Sequence[Row], Sequence[str]], Iterator[str]]] = {
    "table": _table,
    "json": _json,
    "yaml": _yaml,
    "plain": _plain,
}


def option(command: F) -> F:
    """Give a command the option -o."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(tuple(PRINTERS)),
        default="table",
        show_default=True,
        help="How to show the rows.",
    )(command)


def _as_data(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _as_data(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_data(one) for one in value]
    return None if value is None else str(value)


def _cell(value: Any, joint: str | None) -> str:
    if isinstance(value, list | tuple) and joint is not None:
        value = joint.join(str(one) for one in value)
    return printable(str(value).expandtabs(1))


def printable(text: str) -> str:
    """Return a text whose control characters, if it is a hostile one, reach no terminal."""
    return "".join(c if c in "\n\t" or c.isprintable() else REPLACED for c in text)


REPLACED = "\N{REPLACEMENT CHARACTER}"


def _line(cells: Sequence[str], widths: Sequence[int], joint: str) -> str:
    return joint.join(
        cell + " " * (wanted - width(cell)) for cell, wanted in zip(cells, widths, strict=True)
    )


def is_utf8() -> bool:
    """Say whether what is printed may have more than ASCII in it."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
