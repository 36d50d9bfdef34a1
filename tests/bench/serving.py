"""A web server under measurement."""

import urllib.error
import urllib.request

from tests.bench.site import Site
from tests.bench.waiting import wait_until
from tests.support.processes import free_port

START_S = 30.0


def serve(site: Site) -> int:
    """Start the web server of a site; return its port once it answers."""
    port = free_port()
    site.start("webserver", "--port", str(port))

    def is_up() -> bool:
        site.check()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return True
        except urllib.error.URLError:
            return False

    wait_until(is_up, START_S, "the web server")
    return port
