"""`flowctl info`."""

import getpass
import os
import platform
import shutil
import sys
from importlib import metadata
from typing import Any

import click
from sqlalchemy import make_url

from flowctl.cli import output as outputs
from flowctl.cli.options import not_here
from flowctl.cli.settings import executor_note, settings
from flowctl.config import Config
from flowctl.core import retention
from flowctl.store import rules
from flowctl.version import VERSION

TOOLS = ("git", "sqlite3", "psql", "ssh", "docker", "kubectl")
PACKAGES = ("SQLAlchemy", "psycopg", "Flask", "gunicorn", "pendulum", "Jinja2", "croniter")


@click.command
@click.option("--anonymize", is_flag=True, help="Without names of users and folders.")
@not_here("--file-io", is_flag=True, because="flowctl sends nothing away; copy what it prints")
@outputs.option
def info(anonymize: bool, output: str) -> None:
    """Say what is installed here, and where; for bug reports."""
    conf = settings()
    sections = {
        "flowctl": _flowctl(conf),
        "system_info": _system(),
        "tools_info": {name: shutil.which(name) or "not found" for name in TOOLS},
        "paths_info": {"python": sys.executable, "home": str(conf.home)},
        "retention": retention.shown(None, rules.limits(conf)),
        "packages": {name: _version(name) for name in PACKAGES},
    }
    if anonymize:
        sections = {name: _without_names(part) for name, part in sections.items()}
    if output in ("json", "yaml"):
        outputs.show([{name: part} for name, part in sections.items()], output)
        return
    for name, part in sections.items():
        click.echo(f"\n{name}")
        outputs.show([{"what": key, "value": value} for key, value in part.items()], output)


def _flowctl(conf: Config) -> dict[str, Any]:
    address = make_url(conf.text("database", "sql_alchemy_conn"))
    return {
        "version": VERSION,
        "behaves_as_airflow": conf.text("compat", "airflow_version"),
        "executor": _executor(conf),
        "sql_alchemy_conn": address.render_as_string(hide_password=True),
        "dags_folder": str(conf.path("core", "dags_folder")),
        "plugins_folder": str(conf.path("core", "plugins_folder")),
        "base_log_folder": str(conf.path("logging", "base_log_folder")),
    }


def _executor(conf: Config) -> str:
    note = executor_note(conf)
    return conf.text("core", "executor") + (f" ({note})" if note else "")


def _system() -> dict[str, Any]:
    return {
        "OS": platform.system(),
        "architecture": platform.machine(),
        "kernel": platform.release(),
        "cpus": os.cpu_count(),
        "locale": os.environ.get("LC_ALL") or os.environ.get("LANG") or "not set",
        "python_version": platform.python_version(),
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _without_names(part: dict[str, Any]) -> dict[str, Any]:
    user, home = getpass.getuser(), os.path.expanduser("~")
    return {
        name: str(value).replace(home, "${HOME}").replace(f"/{user}", "/${USER}")
        for name, value in part.items()
    }
