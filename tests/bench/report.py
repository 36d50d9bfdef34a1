"""What a benchmark run leaves: a table for people, JSON for comparisons."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.bench.figures import FOREIGN_CORES_MAX, Row

HEADINGS = ("figure", "database", "ours", "limit", "ratio", "budget", "reached")
REACHED = {True: "yes", False: "NO", None: ""}


def table(rows: Sequence[Row]) -> str:
    """Return the rows as aligned text, with a mark at those that are not to be trusted."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(HEADINGS))]
    lines = [
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True))
        for line in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    if any(row.figure.is_noisy for row in rows):
        lines += [
            "",
            f"! others used more than {FOREIGN_CORES_MAX} cores meanwhile: not to be"
            " trusted, measure again on a quiet machine",
        ]
    return "\n".join(line.rstrip() for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    figure = row.figure
    return (
        ("! " if figure.is_noisy else "  ") + figure.name,
        figure.database,
        f"{_short(figure.value)} {figure.unit}".strip(),
        "" if row.limit is None else _short(row.limit),
        "" if row.ratio is None else _short(row.ratio),
        "" if row.budget is None else str(row.budget),
        REACHED[row.is_reached],
    )


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def document(rows: Sequence[Row], now: datetime, options: dict[str, Any]) -> dict[str, Any]:
    """Return everything as plain data."""
    return {
        "at": now.isoformat(),
        "machine": machine(),
        "options": options,
        "figures": [
            {
                **asdict(row.figure),
                "value": row.figure.value,
                "is_noisy": row.figure.is_noisy,
                "limit": row.limit,
                "ratio": row.ratio,
                "budget": None if row.budget is None else asdict(row.budget),
                "is_reached": row.is_reached,
            }
            for row in rows
        ],
    }


def machine() -> dict[str, Any]:
    """Describe the machine that was measured."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1 << 20),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def write(folder: Path, rows: Sequence[Row], now: datetime, options: dict[str, Any]) -> Path:
    """Write the JSON of a run to `<folder>/<date>.json`; a second run of a day gets its time."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{now:%Y-%m-%d}.json"
    if path.exists():
        path = folder / f"{now:%Y-%m-%dT%H%M%S}.json"
    path.write_text(json.dumps(document(rows, now, options), indent=1) + "\n")
    return path
