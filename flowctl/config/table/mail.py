"""Rows of [email] and [smtp]."""

from flowctl.config.kinds import choice, flag, port, seconds, text, whole
from flowctl.config.row import Option

ROWS = (
    Option(
        "email",
        "email_backend",
        text("airflow.utils.email.send_email_smtp"),
        "The function that sends mail, by its dotted name.",
    ),
    Option(
        "email",
        "email_conn_id",
        text("smtp_default"),
        "The connection with the login of the mail server, and its host if it names one.",
    ),
    Option(
        "email",
        "default_email_on_retry",
        flag(True),
        "Whether a mail is sent when a try of a task with `email` fails and is repeated, if the\n"
        "task does not say it with `email_on_retry`.",
    ),
    Option(
        "email",
        "default_email_on_failure",
        flag(True),
        "Whether a mail is sent when a task with `email` fails, if the task does not say it with\n"
        "`email_on_failure`.",
    ),
    Option(
        "email",
        "subject_template",
        text(None),
        "A file with the template of the subject of such mails.",
    ),
    Option(
        "email",
        "html_content_template",
        text(None),
        "A file with the template of their text, HTML.",
    ),
    Option(
        "email",
        "from_email",
        text(None),
        "Whom mails come from, unless [smtp] smtp_mail_from is set.",
    ),
    Option(
        "email",
        "ssl_context",
        choice("default", "none"),
        "How the mail server's certificate is checked: as the system does it, or not at all.",
    ),
    Option("smtp", "smtp_host", text("localhost"), "The mail server."),
    Option(
        "smtp",
        "smtp_starttls",
        flag(True),
        "Whether the connection is encrypted after it is made.",
    ),
    Option(
        "smtp",
        "smtp_ssl",
        flag(False),
        "Whether the connection is encrypted from its beginning.",
    ),
    Option("smtp", "smtp_user", text(None), "The login, where no connection has it."),
    Option(
        "smtp",
        "smtp_password",
        text(None),
        "The password, where no connection has it.",
        sensitive=True,
    ),
    Option("smtp", "smtp_port", port(25), "The port of the mail server."),
    Option("smtp", "smtp_mail_from", text("airflow@example.com"), "Whom mails come from."),
    Option(
        "smtp",
        "smtp_timeout",
        seconds(30, low=1),
        "How many seconds the mail server may take for an answer.",
    ),
    Option(
        "smtp",
        "smtp_retry_limit",
        whole(5, low=1),
        "How often a mail is tried to be sent before it is given up.",
    ),
)
