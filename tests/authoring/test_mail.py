"""Mail is handed to a real server, tried again while that may help, then given up with a reason."""

import socket
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from flowctl.authoring import mail, ports
from flowctl.authoring.mail import MailError, get_email_address_list, send_email
from flowctl.authoring.ports import ConnectionRecord, InMemoryPorts
from tests.support.mailbox import Mailbox, open_mailbox

sent: list[Any] = []


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    """Put back what a test changes."""
    mail.settings.starttls = False
    mail.settings.host = "127.0.0.1"
    mail.settings.pauses_s = (0.0,)
    yield
    fresh = mail.MailSettings()
    for one in fields(fresh):
        setattr(mail.settings, one.name, getattr(fresh, one.name))


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with open_mailbox(auth_require_tls=False) as box:
        mail.settings.port = box.port
        ports.use(InMemoryPorts())
        yield box


def test_a_mail_arrives_with_all_that_belongs_to_it(box: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("1,2\n")

    send_email(
        "a@x.org; b@x.org",
        "Sales\nof today",
        "<b>good</b> ✓",
        files=[str(tmp_path / "sales.csv")],
        cc=["c@x.org"],
        bcc="d@x.org",
        custom_headers={"X-Mine": "1"},
    )

    sender, recipients, message = box.mails[0]
    assert sender == "airflow@example.com"
    assert recipients == ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]
    heads = {name: message[name] for name in ("To", "CC", "BCC", "Subject", "X-Mine", "From")}
    assert heads == {
        "To": "a@x.org, b@x.org",
        "CC": "c@x.org",
        "BCC": None,
        "Subject": "Sales of today",
        "X-Mine": "1",
        "From": "airflow@example.com",
    }
    assert box.html().strip() == "<b>good</b> ✓"
    assert [part.get_filename() for part in message.iter_attachments()] == ["sales.csv"]


def test_a_rehearsal_sends_nothing(box: Mailbox) -> None:
    send_email("a@x.org", "s", "t", dryrun=True)
    assert box.mails == []


@pytest.mark.parametrize(
    ("from_email", "mail_from", "sender"),
    [
        ("", "me@x.org", "me@x.org"),
        ("you@x.org", mail.DEFAULT_FROM, "you@x.org"),
        ("you@x.org", "me@x.org", "me@x.org"),
    ],
)
def test_whom_a_mail_comes_from(box: Mailbox, from_email: str, mail_from: str, sender: str) -> None:
    mail.settings.from_email, mail.settings.mail_from = from_email, mail_from
    send_email("a@x.org", "s", "t")
    assert box.mails[0][0] == sender


def test_the_connection_has_the_login_and_may_name_the_server(box: Mailbox) -> None:
    found = ConnectionRecord("smtp_default", "smtp", "", "localhost", "ann", "pw", port=box.port)
    world = InMemoryPorts()
    world.connections = {"smtp_default": found}
    ports.use(world)
    mail.settings.host, mail.settings.port = "nobody.invalid", 1

    send_email("a@x.org", "s", "t")

    assert box.logins == [("ann", "pw")]


def test_without_a_connection_the_login_is_that_of_the_configuration(box: Mailbox) -> None:
    mail.settings.user, mail.settings.password = "bob", "secret"
    send_email("a@x.org", "s", "t")
    assert box.logins == [("bob", "secret")]


def test_a_temporary_refusal_is_waited_for(box: Mailbox) -> None:
    box.answers = ["451 later", "452 later"]
    send_email("a@x.org", "s", "t")
    assert len(box.mails) == 1


def test_a_refusal_for_good_is_not_repeated(box: Mailbox) -> None:
    box.answers = ["554 never", "554 never"]
    with pytest.raises(MailError, match=r"554.*tried 1 times"):
        send_email("a@x.org", "s", "t")
    assert box.answers == ["554 never"]


def test_a_server_that_is_away_is_given_up_after_the_limit() -> None:
    ports.use(InMemoryPorts())
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        mail.settings.port = nobody.getsockname()[1]
        mail.settings.retry_limit = 3
        with pytest.raises(MailError, match=r"ConnectionRefused.*tried 3 times. See \[smtp\]"):
            send_email("a@x.org", "s", "t")


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    ports.use(InMemoryPorts())
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        mail.settings.port = silent.getsockname()[1]
        mail.settings.retry_limit, mail.settings.timeout_s = 1, 0.05
        with pytest.raises(MailError, match="timed out"):
            send_email("a@x.org", "s", "t")


def test_a_server_without_encryption_is_not_sent_to_in_clear(box: Mailbox) -> None:
    mail.settings.starttls = True
    with pytest.raises(MailError, match="STARTTLS"):
        send_email("a@x.org", "s", "t")
    assert box.mails == []


def keep(*args: Any, **kwargs: Any) -> None:
    """Stand for the backend of a site."""
    sent.append((args, kwargs["conn_id"], kwargs["from_email"]))


def test_the_site_may_have_a_backend_of_its_own() -> None:
    sent.clear()
    mail.settings.backend = f"{__name__}.keep"
    mail.settings.from_email = "me@x.org"

    send_email(["a@x.org", "b@x.org"], "s", "t", conn_id="other")

    assert sent == [(("a@x.org, b@x.org", "s", "t"), "other", "me@x.org")]


@pytest.mark.parametrize(
    ("given", "addresses"),
    [
        ("a@x", ["a@x"]),
        (" a@x ,b@x;c@x ", ["a@x", "b@x", "c@x"]),
        (("a@x", "b@x"), ["a@x", "b@x"]),
        ("", []),
    ],
)
def test_addresses_may_be_written_in_many_ways(given: Any, addresses: list[str]) -> None:
    assert get_email_address_list(given) == addresses


def test_what_is_no_address_is_named() -> None:
    with pytest.raises(TypeError, match=r"\[3\] are no mail addresses"):
        get_email_address_list([3])  # type: ignore[list-item]  # that is the point
