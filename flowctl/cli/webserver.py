"""`flowctl webserver`: becomes gunicorn."""

import os
import sys
from pathlib import Path

import click

import flowctl
from flowctl.cli import daemon as daemons
from flowctl.cli.options import not_here
from flowctl.cli.settings import settings
from flowctl.scheduler import ports


@click.command
@click.option("-p", "--port", type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("-H", "--hostname", help="The address to listen on.")
@click.option("-w", "--workers", type=click.IntRange(1), help="How many processes answer.")
@click.option("-t", "--worker-timeout", type=click.IntRange(0), help="Seconds for an answer.")
@click.option("-A", "--access-logfile", help="Where each request is noted; `-` is the output.")
@click.option("-L", "--access-logformat", help="How, in gunicorn's notation.")
@click.option("-E", "--error-logfile", help="Where errors go; the same as --log-file.")
@click.option("--ssl-cert", type=click.Path(exists=True), help="Answer by HTTPS, with this.")
@click.option("--ssl-key", type=click.Path(exists=True), help="The key to --ssl-cert.")
@not_here("-k", "--workerclass", because="the workers are threads in processes (gthread)")
@not_here("-d", "--debug", is_flag=True, because="the web server has no debug mode")
@daemons.options
def webserver(
    port: int | None,
    hostname: str | None,
    workers: int | None,
    worker_timeout: int | None,
    access_logfile: str | None,
    access_logformat: str | None,
    error_logfile: str | None,
    ssl_cert: str | None,
    ssl_key: str | None,
    daemon: bool,
    files: daemons.Files,
) -> None:
    """Run the web server. What is not said here, [webserver] of airflow.cfg says."""
    conf = settings()
    address = (
        hostname or conf.text("webserver", "web_server_host"),
        port or conf.whole("webserver", "web_server_port"),
    )
    ports.require_free(*address)
    if daemon:
        daemons.start("webserver", files)
        return
    daemons.begin("webserver", files)
    os.environ["FLOWCTL_HOME"] = str(conf.home)
    if files.pid is not None:
        os.environ[daemons.PID_FILE] = str(files.pid.absolute())
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    asked = {
        "--bind": f"{host}:{address[1]}",
        "--workers": workers or conf.whole("webserver", "workers"),
        "--timeout": worker_timeout,
        "--access-logfile": _whole(access_logfile),
        "--access-logformat": access_logformat,
        "--log-file": _whole(error_logfile or files.log),
        "--certfile": _whole(ssl_cert),
        "--keyfile": _whole(ssl_key),
    }
    words = [f"{name}={value}" for name, value in asked.items() if value is not None]
    os.execv(sys.executable, [sys.executable, "-P", "-m", "gunicorn", *GUNICORN, *words])


GUNICORN = (
    "flowctl.web.app:create_app()",
    "--config",
    "python:flowctl.web.gunicorn_settings",
    # gunicorn imports from the folder it works in: the one it was started from may hold anything
    f"--chdir={Path(flowctl.__file__).parent.parent}",
)


def _whole(path: str | Path | None) -> str | None:
    """Return a path that means the same from another folder; `-` stays the output."""
    if path is None:
        return None
    return "-" if str(path) == "-" else os.path.abspath(path)
