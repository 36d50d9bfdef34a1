"""How does mail leave: which server, from whom, and how often is it tried?

The configuration says it; who runs user code hands it over in `settings`. `send_email` goes through
the configured backend, a function of the site or `send_email_smtp`.
"""

import logging
import os
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowctl.authoring.connection import Connection
from flowctl.authoring.dotted_names import import_string
from flowctl.authoring.exceptions import AirflowConfigException, AirflowNotFoundException
from flowctl.errors import FlowctlError
from flowctl.late import Late

if TYPE_CHECKING:
    import email.mime.application as mime_application
    import email.mime.multipart as mime_multipart
    import email.mime.text as mime_text
    import email.utils as mail_dates
    import smtplib
    import ssl
else:
    mime_application = Late("email.mime.application")
    mime_multipart = Late("email.mime.multipart")
    mime_text = Late("email.mime.text")
    mail_dates = Late("email.utils")
    smtplib = Late("smtplib")
    ssl = Late("ssl")

OWN_BACKEND = "airflow.utils.email.send_email_smtp"
DEFAULT_FROM = "airflow@example.com"
PAUSES_S = (1.0, 4.0, 16.0, 60.0)
"""Between tries: a server that restarts is met again, and a task is not held up for long."""

_log = logging.getLogger("airflow.task")


class MailError(FlowctlError):
    """A mail could not be sent."""


@dataclass
class MailSettings:
    """What the sections email and smtp of the configuration say."""

    backend: str = OWN_BACKEND
    conn_id: str = "smtp_default"
    from_email: str = ""
    subject_template: str = ""  # paths of files, for mails about tasks
    html_content_template: str = ""
    ssl_context: str = "default"
    host: str = "localhost"
    port: int = 25
    starttls: bool = True
    ssl: bool = False
    user: str = ""
    password: str = ""
    mail_from: str = DEFAULT_FROM
    timeout_s: float = 30.0
    retry_limit: int = 5
    pauses_s: tuple[float, ...] = PAUSES_S


settings = MailSettings()


def get_email_address_list(addresses: str | Iterable[str]) -> list[str]:
    """Return addresses as a list; a text may hold several with commas or semicolons between them.

    Raises:
        TypeError: they are neither a text nor several texts.
    """
    if isinstance(addresses, str):
        return [one for one in re.split(r"\s*[,;]\s*", addresses.strip()) if one]
    found = list(addresses) if isinstance(addresses, Iterable) else [addresses]
    if not all(isinstance(one, str) for one in found):
        raise TypeError(f"{addresses!r} are no mail addresses; those are texts")
    return found


def send_email(
    to: str | Iterable[str],
    subject: str,
    html_content: str,
    files: Sequence[str] | None = None,
    dryrun: bool = False,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    conn_id: str | None = None,
    custom_headers: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> None:
    """Send a mail through the backend that the configuration names.

    Args:
        to: addresses, as a list or in one text.
        subject: its subject.
        html_content: its text, HTML.
        files: paths of attachments.
        dryrun: do everything but send it.
        cc: who gets a copy.
        bcc: who gets a copy that the others do not see.
        mime_subtype: of the message.
        mime_charset: of its text.
        conn_id: the connection with login and password; default is [email] email_conn_id.
        custom_headers: further headers.
        kwargs: handed on to the backend.
    """
    backend = send_email_smtp
    if settings.backend != OWN_BACKEND:
        backend = import_string(settings.backend)
    backend(
        ", ".join(get_email_address_list(to)),
        subject,
        html_content,
        files=files,
        dryrun=dryrun,
        cc=cc,
        bcc=bcc,
        mime_subtype=mime_subtype,
        mime_charset=mime_charset,
        conn_id=conn_id or settings.conn_id,
        from_email=settings.from_email or None,
        custom_headers=custom_headers,
        **kwargs,
    )


def send_email_smtp(
    to: str | Iterable[str],
    subject: str,
    html_content: str,
    files: Sequence[str] | None = None,
    dryrun: bool = False,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    conn_id: str = "smtp_default",
    from_email: str | None = None,
    custom_headers: Mapping[str, Any] | None = None,
    **_: Any,
) -> None:
    """Send a mail through the server of [smtp]; arguments as for `send_email`.

    Raises:
        MailError: it could not be sent.
    """
    sender = from_email if from_email and settings.mail_from == DEFAULT_FROM else settings.mail_from
    message, recipients = build_mime_message(
        sender,
        to,
        subject,
        html_content,
        files,
        cc,
        bcc,
        mime_subtype,
        mime_charset,
        custom_headers,
    )
    send_mime_email(sender, recipients, message, conn_id=conn_id, dryrun=dryrun)


def build_mime_message(
    mail_from: str | None,
    to: str | Iterable[str],
    subject: str,
    html_content: str,
    files: Sequence[str] | None = None,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    custom_headers: Mapping[str, Any] | None = None,
) -> tuple[Any, list[str]]:
    """Return a message and all of its recipients; arguments as for `send_email`."""
    message = mime_multipart.MIMEMultipart(mime_subtype)
    seen = {"To": get_email_address_list(to), "CC": get_email_address_list(cc or ())}
    message["Subject"] = " ".join(subject.split())  # a header is one line
    if mail_from:
        message["From"] = mail_from
    for name, addresses in seen.items():
        if addresses:
            message[name] = ", ".join(addresses)
    message["Date"] = mail_dates.formatdate(localtime=True)
    message.attach(mime_text.MIMEText(html_content, "html", mime_charset))
    for path in files or ():
        message.attach(_attachment(path))
    for name, value in (custom_headers or {}).items():
        message[name] = value
    return message, [*seen["To"], *seen["CC"], *get_email_address_list(bcc or ())]


def _attachment(path: str) -> Any:
    name = os.path.basename(path)
    with open(path, "rb") as file:
        part = mime_application.MIMEApplication(file.read(), Name=name)
    part["Content-Disposition"] = f'attachment; filename="{name}"'
    part["Content-ID"] = f"<{name}>"
    return part


def send_mime_email(
    e_from: str,
    e_to: str | Iterable[str],
    mime_msg: Any,
    conn_id: str | None = "smtp_default",
    dryrun: bool = False,
) -> None:
    """Hand a message to the server; trouble that may pass is waited for and tried again.

    Raises:
        MailError: the server refused it, or could not be reached [smtp] smtp_retry_limit times.
    """
    recipients = get_email_address_list(e_to)
    server = _server(conn_id)
    tries = max(1, settings.retry_limit)
    for number in range(1, tries + 1) if not dryrun else ():
        try:
            _hand_over(server, e_from, recipients, mime_msg)
            return
        except (OSError, ValueError) as error:  # every SMTPException is an OSError
            problem = f"the mail server {server.host}:{server.port} failed: {error!r}"
            if number == tries or not _may_pass(error):
                raise MailError(f"{problem}; tried {number} times. {_cure(error)}") from error
        pause_s = settings.pauses_s[min(number, len(settings.pauses_s)) - 1]
        _log.warning("%s; trying again in %g s", problem, pause_s)
        threading.Event().wait(pause_s)


@dataclass(frozen=True)
class _Server:
    host: str
    port: int
    user: str
    password: str


def _server(conn_id: str | None) -> _Server:
    """Return the server: what the connection says of it, the rest from [smtp]."""
    own = _Server(settings.host, settings.port, settings.user, settings.password)
    if conn_id is None:
        return own
    try:
        found = Connection.get_connection_from_secrets(conn_id)
    except (AirflowNotFoundException, FlowctlError):  # there is none, or nobody to ask
        return own
    has_login = found.login is not None and found.password is not None
    return _Server(
        found.host or own.host,
        (found.port or own.port) if found.host else own.port,
        found.login or "" if has_login else own.user,
        found.password or "" if has_login else own.password,
    )


def _hand_over(server: _Server, sender: str, recipients: list[str], message: Any) -> None:
    with _connected(server) as smtp:
        if settings.starttls and not settings.ssl:
            smtp.starttls(context=_context())
        if server.user and server.password:
            smtp.login(server.user, server.password)
        refused = smtp.sendmail(sender, recipients, message.as_string())
    for address, why in refused.items():
        _log.warning("the mail server refused the recipient %s: %s", address, why)
    _log.info("Sent a mail to %s", ", ".join(recipients))


def _connected(server: _Server) -> Any:
    if settings.ssl:
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=settings.timeout_s, context=_context()
        )
    return smtplib.SMTP(server.host, server.port, timeout=settings.timeout_s)


def _context() -> Any:
    """Return how certificates are checked.

    Raises:
        AirflowConfigException: [email] ssl_context is none of the two words.
    """
    if settings.ssl_context == "default":
        return ssl.create_default_context()
    if settings.ssl_context != "none":
        raise AirflowConfigException(
            f"[email] ssl_context is 'default' or 'none', not {settings.ssl_context!r}"
        )
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    return unchecked


def _cure(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "Let the variable SSL_CERT_FILE of the environment name a file with the certificate"
            " to trust, or set [email] ssl_context = none to trust every server"
        )
    return "See [smtp]"


def _may_pass(error: Exception) -> bool:
    """Say whether the next try may do better: no connection, or a temporary refusal (4xx)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPServerDisconnected):
        return True
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    is_certificate = isinstance(error, ssl.SSLCertVerificationError)
    is_smtp = isinstance(error, smtplib.SMTPException)
    return isinstance(error, OSError) and not (is_smtp or is_certificate)
