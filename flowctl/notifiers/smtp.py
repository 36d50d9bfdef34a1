"""A mail as notification, where the provider package smtp is not installed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flowctl.authoring import mail
from flowctl.notifiers.base import BaseNotifier

SUBJECT = "{{ dag.dag_id }}.{{ task.task_id }}: {{ ti.state }}"
TEXT = """\
<p>Task <b>{{ task.task_id | e }}</b> of DAG <b>{{ dag.dag_id | e }}</b>, run {{ run_id | e }}:
{{ ti.state }}, try {{ ti.try_number }}</p><p><a href="{{ ti.log_url | e }}">Log</a></p>
"""


class SmtpNotifier(BaseNotifier):
    """Sends a mail through the server of [smtp].

    Args:
        to: addresses.
        from_email: whom it comes from; default is the configured sender.
        subject: its subject; default names task and state.
        html_content: its text, HTML.
        files: paths of attachments.
        cc: who gets a copy.
        bcc: who gets a copy that the others do not see.
        mime_subtype: of the message.
        mime_charset: of its text.
        custom_headers: further headers.
        smtp_conn_id: the connection with login and password.
    """

    template_fields: Sequence[str] = (
        "from_email",
        "to",
        "subject",
        "html_content",
        "files",
        "cc",
        "bcc",
        "mime_subtype",
        "mime_charset",
        "custom_headers",
    )

    def __init__(
        self,
        to: str | Iterable[str],
        from_email: str | None = None,
        subject: str | None = None,
        html_content: str | None = None,
        files: list[str] | None = None,
        cc: str | Iterable[str] | None = None,
        bcc: str | Iterable[str] | None = None,
        mime_subtype: str = "mixed",
        mime_charset: str = "utf-8",
        custom_headers: Mapping[str, Any] | None = None,
        smtp_conn_id: str = "smtp_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.from_email = from_email
        self.subject = subject or SUBJECT
        self.html_content = html_content or TEXT
        self.files = files
        self.cc = cc
        self.bcc = bcc
        self.mime_subtype = mime_subtype
        self.mime_charset = mime_charset
        self.custom_headers = custom_headers
        self.smtp_conn_id = smtp_conn_id

    def notify(self, context: Any) -> None:  # noqa: ARG002 - the contract
        """Send the mail."""
        sender = self.from_email or mail.settings.from_email or mail.settings.mail_from
        message, recipients = mail.build_mime_message(
            sender,
            self.to,
            self.subject,
            self.html_content,
            self.files,
            self.cc,
            self.bcc,
            self.mime_subtype,
            self.mime_charset,
            self.custom_headers,
        )
        mail.send_mime_email(sender, recipients, message, conn_id=self.smtp_conn_id)
