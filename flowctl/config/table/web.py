"""Rows of [webserver] that count now."""

from flowctl.config.kinds import port, text, whole
from flowctl.config.row import Option

ROWS: tuple[Option, ...] = (
    Option(
        "webserver",
        "base_url",
        text("http://localhost:8080"),
        "The address under which people reach the web server; links in messages begin with it.",
    ),
    Option(
        "webserver",
        "web_server_host",
        text("127.0.0.1"),
        "The address the web server listens on. Airflow's default, 0.0.0.0, lets every machine of\n"
        "the network in; flowctl's lets in only this one.",
    ),
    Option(
        "webserver",
        "web_server_port",
        port(8080),
        "The port the web server listens on.",
    ),
    Option(
        "webserver",
        "workers",
        whole(4, low=1),
        "How many processes answer requests.",
    ),
)
