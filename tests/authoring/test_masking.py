"""Secrets are hidden wherever they would be shown."""

import io
import logging
from collections.abc import Iterator

import pytest

from flowctl.authoring.masking import (
    SecretsFilter,
    SecretsStream,
    forget,
    is_sensitive,
    mask_conf,
    mask_secret,
    redact,
)


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    forget()


@pytest.mark.parametrize("name", ["password", "DB_PASSWORD", "my_api_key", "Secret", "token2"])
def test_sensitive_names(name: str) -> None:
    assert is_sensitive(name)
    assert not is_sensitive("host")
    assert not is_sensitive(3)


def test_a_secret_is_hidden_in_its_usual_disguises() -> None:
    mask_secret('a"b/c d')

    text = redact('a"b/c d | a\\"b/c d | a%22b%2Fc%20d | YSJiL2MgZA==')
    assert text == "*** | *** | *** | ***=="


def test_the_longer_secret_goes_first() -> None:
    mask_secret("pass")
    mask_secret("password123")

    assert redact("password123 pass") == "*** ***"


def test_values_under_sensitive_names_are_hidden_unseen() -> None:
    mask_secret("known")
    value = {"password": ["a", 1], "more": ("known", {"token": "t"}), "n": 5}

    assert redact(value) == {"password": ["***", 1], "more": ("***", {"token": "***"}), "n": 5}


def test_only_secrets_of_a_mapping_are_taken() -> None:
    mask_secret({"user": "open", "password": "closed"})

    assert redact("open closed") == "open ***"


def test_logs_and_prints_lose_their_secrets_tracebacks_too() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(SecretsFilter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    mask_secret("hunter2")

    try:
        raise ValueError("wrong: hunter2")
    except ValueError:
        logger.exception("tried %s", "hunter2")
    print("hunter2", file=SecretsStream(out))

    assert "hunter2" not in out.getvalue()
    assert "tried ***" in out.getvalue()
    assert "ValueError: wrong: ***" in out.getvalue()
    assert out.getvalue().endswith("\n***\n")


def test_a_log_without_room_loses_lines_and_stops_nobody() -> None:
    """What was printed is lost; the task that printed it goes on."""
    full = open("/dev/full", "w", buffering=1)  # noqa: SIM115 - closing it is what says so
    stream = SecretsStream(full)

    print("one", file=stream)
    stream.flush()

    with pytest.raises(OSError, match="No space left"):
        full.close()


def test_a_log_that_cannot_be_written_for_another_reason_says_so() -> None:
    with open("/dev/null") as readable, pytest.raises(OSError, match="not writable"):
        SecretsStream(readable).write("one")


def test_what_a_run_was_given_under_sensitive_names_is_hidden() -> None:
    mask_conf({"deep": [{"password": "conf-secret"}], "token": "abc", "plain": "word-kept"})

    assert redact("conf-secret abc word-kept") == "*** abc word-kept"


def test_all_parts_of_a_value_with_a_sensitive_name_are_hidden() -> None:
    mask_secret({"deep": ["part-secret"]}, "private_key")

    assert redact("['part-secret']") == "['***']"
