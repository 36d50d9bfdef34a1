"""Is a port of this machine free? Asked before something long is started that needs it."""

import socket

from flowctl.errors import FlowctlError


class PortError(FlowctlError):
    """Nothing can listen there."""


def require_free(host: str, port: int) -> None:
    """Let somebody listen only where it will work.

    Raises:
        PortError: the port is taken, or the address is not one of this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _name, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise PortError(
            f"nothing can listen on port {port} of {host}: {error.strerror or error}; choose"
            " another with --port, or with [webserver] web_server_port"
        ) from error
