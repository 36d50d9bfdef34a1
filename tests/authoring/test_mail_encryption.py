"""Mail goes through encrypted connections only to servers whose certificate is trusted."""

import ssl
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from flowctl import clock
from flowctl.authoring import mail, ports
from flowctl.authoring.mail import MailError, send_email
from flowctl.authoring.ports import InMemoryPorts
from tests.support.mailbox import Mailbox, open_mailbox

Served = tuple[ssl.SSLContext, Path]


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    """Put back what a test changes."""
    mail.settings.host, mail.settings.retry_limit = "127.0.0.1", 1
    mail.settings.user, mail.settings.password = "ann", "pw"
    ports.use(InMemoryPorts())
    yield
    fresh = mail.MailSettings()
    for one in fields(fresh):
        setattr(mail.settings, one.name, getattr(fresh, one.name))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Return what a server encrypts with, and its certificate, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
    now = clock.utcnow()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    folder = tmp_path_factory.mktemp("certificates")
    path, key_path = folder / "mail.pem", folder / "mail.key"
    path.write_bytes(certificate.public_bytes(pem))
    key_path.write_bytes(key.private_bytes(pem, *plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_path)
    return context, path


@pytest.fixture(params=["starttls", "from the beginning"])
def box(request: pytest.FixtureRequest, served: Served) -> Iterator[Mailbox]:
    """Give a server that takes nothing in clear."""
    is_late = request.param == "starttls"
    mail.settings.ssl = not is_late
    with (
        open_mailbox(tls_context=served[0], require_starttls=True)
        if is_late
        else open_mailbox(served[0], auth_require_tls=False)
    ) as box:
        mail.settings.port = box.port
        yield box


def test_a_trusted_server_gets_login_and_mail(
    box: Mailbox, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is trusted, OpenSSL's own variables say."""
    monkeypatch.setenv("SSL_CERT_FILE", str(served[1]))
    send_email("a@x.org", "s", "t")
    assert (box.subjects, box.logins) == (["s"], [("ann", "pw")])


def test_an_untrusted_server_gets_neither(box: Mailbox) -> None:
    with pytest.raises(MailError, match=r"CERTIFICATE_VERIFY_FAILED.*tried 1 times.*SSL_CERT_FILE"):
        send_email("a@x.org", "s", "t")
    assert (box.subjects, box.logins) == ([], [])


def test_a_site_may_trust_every_server(box: Mailbox) -> None:
    mail.settings.ssl_context = "none"
    send_email("a@x.org", "s", "t")
    assert box.subjects == ["s"]
