"""What do DAG files ask Airflow about the machine they are on?"""

import getpass
import os
import socket
import sys
from functools import cache

IS_WINDOWS = sys.platform == "win32"


def is_tty() -> bool:
    """Say whether somebody looks at what is printed."""
    return sys.stdout.isatty()


def is_terminal_support_colors() -> bool:
    """Say whether what is printed may have colours."""
    return is_tty() and os.environ.get("TERM", "dumb") != "dumb"


def getuser() -> str:
    """Return the name of the user who runs this process."""
    return getpass.getuser()


@cache
def getfqdn(name: str = "") -> str:
    """Return the full name of a host, of this machine without one."""
    return socket.getfqdn(name)


def get_host_ip_address() -> str:
    """Return the address of this machine."""
    return socket.gethostbyname(getfqdn())


def get_hostname() -> str:
    """Return the name of this machine."""
    return getfqdn()
