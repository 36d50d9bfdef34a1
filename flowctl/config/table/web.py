"""Rows of [webserver] and [api] that count now."""

from flowctl.config.kinds import choice, flag, port, text, ways_in, whole
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
    Option(
        "webserver",
        "session_lifetime_minutes",
        whole(43200, low=1),
        "For how long a login in the browser lasts, in minutes. One that was not used for seven\n"
        "days ends before that.",
    ),
    Option(
        "webserver",
        "expose_config",
        choice("False", "True", "non-sensitive-only", any_case=True),
        "Whether those who may read the configuration see it through the API. What is secret is\n"
        "masked in any case, so True and non-sensitive-only show the same.",
    ),
    Option(
        "api",
        "auth_backends",
        ways_in("airflow.api.auth.backend.session", "session", "basic_auth", "deny_all"),
        "How programs may say to the API who they are: airflow.api.auth.backend.basic_auth takes\n"
        "user name and password. With airflow.api.auth.backend.deny_all only the pages may use\n"
        "the API. Sessions of the browser and, without deny_all, tokens are always taken.\n"
        "Airflow's `default`, which lets everybody in, and Kerberos do not exist here.",
        old=(("api", "auth_backend"),),
    ),
    Option(
        "api",
        "maximum_page_limit",
        whole(100, low=1),
        "How many entries of a list one request can get.",
    ),
    Option(
        "api",
        "fallback_page_limit",
        whole(100, low=1),
        "How many entries it gets if it does not say.",
    ),
    Option(
        "webserver",
        "enable_proxy_fix",
        flag(False),
        "Whether to believe what a proxy in front says of the client, in X-Forwarded headers.\n"
        "Without such a proxy everybody could say anything: then leave it False.",
    ),
    Option(
        "webserver",
        "proxy_fix_x_for",
        whole(1),
        "How many proxies add addresses of clients (X-Forwarded-For) that are believed.",
    ),
    Option(
        "webserver",
        "proxy_fix_x_proto",
        whole(1),
        "How many proxies add schemes (X-Forwarded-Proto) that are believed.",
    ),
    Option(
        "webserver",
        "proxy_fix_x_host",
        whole(1),
        "How many proxies add hosts (X-Forwarded-Host) that are believed.",
    ),
    Option(
        "webserver",
        "proxy_fix_x_port",
        whole(1),
        "How many proxies add ports (X-Forwarded-Port) that are believed.",
    ),
    Option(
        "webserver",
        "proxy_fix_x_prefix",
        whole(1),
        "How many proxies add prefixes of paths (X-Forwarded-Prefix) that are believed.",
    ),
)
