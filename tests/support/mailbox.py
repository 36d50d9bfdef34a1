"""A real mail server on this machine, which keeps what it is sent."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.support.processes import PATIENCE_S


class Mailbox:
    """What arrived: sender, recipients and message of each mail."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], EmailMessage]] = []
        self.answers: list[str] = []  # given to the next mails instead of taking them
        self.logins: list[tuple[str, str]] = []
        self.port = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a mail, or answer as told."""
        if self.answers:
            return self.answers.pop(0)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 taken"

    def authenticate(
        self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        """Let everybody in, and note who it was."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=True)

    @property
    def subjects(self) -> list[str]:
        """Return the subjects of what arrived, sorted."""
        return sorted(str(message["Subject"]) for _, _, message in self.mails)

    def html(self, number: int = -1) -> str:
        """Return the text of a mail, the last one by default."""
        body = self.mails[number][2].get_body(("html",))
        assert body is not None
        return str(body.get_content())


@contextmanager
def open_mailbox(context: ssl.SSLContext | None = None, **options: Any) -> Iterator[Mailbox]:
    """Serve until the block ends; with `context` the connection is encrypted from its beginning."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    server = Controller(
        box,
        hostname="127.0.0.1",
        port=box.port,
        ssl_context=context,
        authenticator=box.authenticate,
        ready_timeout=PATIENCE_S,
        **options,
    )
    server.start()
    try:
        yield box
    finally:
        server.stop()
