"""What `flowctl config list` shows."""

import pytest

from flowctl.config import ConfigError
from flowctl.config.listing import Show, listing
from tests.config.conftest import Reading

FILE = "[core]\nparallelism = 3\nfernet_key = canary\n"


def test_the_plain_listing_is_an_airflow_cfg_that_reads_back(reading: Reading) -> None:
    conf = reading("[core]\ndefault_timezone = a%%b\n")
    text = listing(conf, Show(exclude_providers=True))

    again = reading(text)

    assert "[fab]" not in text
    assert again.text("core", "default_timezone") == "a%b"
    assert [s.value for s in again.items()] == [s.value for s in conf.items()]


def test_secrets_are_hidden_and_their_commands_not_run(reading: Reading) -> None:
    text = listing(reading(FILE, AIRFLOW__SMTP__SMTP_PASSWORD_CMD="/no/such"), Show())

    assert "canary" not in text
    assert "\nfernet_key = < hidden >\n" in text
    assert "\nsmtp_password = < hidden >\n" in text


def test_notes_come_on_request(reading: Reading) -> None:
    conf = reading(FILE)
    show = Show("core", include_descriptions=True, include_env_vars=True, include_sources=True)

    text = listing(conf, show)

    assert "[database]" not in text
    assert (
        "over all DAGs. 0 means without limit.\n"
        "# Variable: AIRFLOW__CORE__PARALLELISM\n"
        f"# Source: {conf.file} line 2\n"
        "parallelism = 3\n"
    ) in text
    assert "# Without effect: plug-ins are not built yet.\n" in text


def test_defaults_ignore_what_is_set_and_are_commented_out(reading: Reading) -> None:
    text = listing(reading(FILE), Show("core", defaults=True, include_sources=True))

    assert "# parallelism = 32\n" in text
    assert "# fernet_key =\n" in text
    assert "Source" not in text
    assert all(line[:1] in ("", "#", "[") for line in text.splitlines())


def test_everything_can_be_commented_out(reading: Reading) -> None:
    assert "\n# parallelism = 3\n" in listing(reading(FILE), Show(comment_out_everything=True))


def test_an_unknown_section_is_refused(reading: Reading) -> None:
    with pytest.raises(ConfigError, match="no section 'croe'"):
        listing(reading(), Show("croe"))
