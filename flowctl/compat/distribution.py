"""What does a program learn that asks for the version of the package apache-airflow?

Some providers and dag-factory do, by `importlib.metadata`. In a process that has Airflow's names
they get flowctl's answer, without a file in site-packages that would deceive pip.
"""

from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from flowctl import config

NAME = "apache-airflow"

TAKEN_FOR_GRANTED = (
    "anyio",
    "asgiref",
    "attrs",
    "deprecated",
    "lazy-object-proxy",
    "packaging",
    "tabulate",
    "tenacity",
    "typing-extensions",
)
"""What provider packages of 2025 and 2026 import without requiring it (found by importing all)."""


def metadata(version: str) -> str:
    """Return what the package says of itself."""
    required = "".join(f"Requires-Dist: {name}\n" for name in TAKEN_FOR_GRANTED)
    return f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n{required}"


class Airflow(Distribution):
    """The package apache-airflow, as far as there is one."""

    def read_text(self, filename: Any) -> str | None:
        """Return its metadata; it has no other file."""
        version = config.load().text("compat", "airflow_version")
        return metadata(version) if filename == "METADATA" else None

    def locate_file(self, path: Any) -> Any:
        """Return where a file would be."""
        return Path(path)


def found(name: str | None) -> list[Distribution]:
    """Return the package when it is asked for by its name."""
    is_meant = (name or "").lower().replace("_", "-") == NAME
    return [Airflow()] if is_meant else []
