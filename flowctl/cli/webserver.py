"""`flowctl webserver`: becomes gunicorn."""

import os
import sys
from pathlib import Path

import click

from flowctl.cli import daemon as daemons
from flowctl.cli.settings import settings
from flowctl.scheduler import ports


@click.command
@click.option("-p", "--port", type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("-H", "--hostname", help="The address to listen on.")
@click.option("-w", "--workers", type=click.IntRange(1), help="How many processes answer.")
@daemons.options
def webserver(
    port: int | None,
    hostname: str | None,
    workers: int | None,
    daemon: bool,
    pid: Path | None,
    log_file: Path | None,
    stdout: Path | None,
    stderr: Path | None,
) -> None:
    """Run the web server. What is not said here, [webserver] of airflow.cfg says."""
    conf = settings()
    files = daemons.Files(pid, log_file, stdout, stderr)
    address = (
        hostname or conf.text("webserver", "web_server_host"),
        port or conf.whole("webserver", "web_server_port"),
    )
    ports.require_free(*address)
    if daemon:
        daemons.start("webserver", files)
        return
    daemons.begin("webserver", files)
    number = workers or conf.whole("webserver", "workers")
    os.environ["FLOWCTL_HOME"] = str(conf.home)
    os.execv(sys.executable, [sys.executable, *_gunicorn(address, number, files.log)])


def _gunicorn(address: tuple[str, int], workers: int, log: Path | None) -> list[str]:
    host, port = address
    shown = f"[{host}]" if ":" in host else host
    return [
        *("-m", "gunicorn", "flowctl.web.app:create_app()"),
        *("--config", "python:flowctl.web.gunicorn_settings"),
        *("--bind", f"{shown}:{port}"),
        *("--workers", str(workers)),
        *(("--log-file", str(log)) if log else ()),
    ]
