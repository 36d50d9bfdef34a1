"""The secrets of a conf: nobody reads them in the metastore, and the task gets what was given."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.store import confs, crypto
from flowctl.store.crypto import Cipher, CipherError

CIPHER = Cipher(crypto.new_key())
TEXTS = st.text(max_size=8) | st.just("fernet:x")
KEYS = st.text(max_size=5) | st.sampled_from(["password", "my_token", "a"])
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, JSON, max_size=4))
def test_what_was_handed_in_comes_out(conf: dict[str, Any]) -> None:
    kept = confs.sealed(conf, CIPHER)

    assert confs.opened(kept, CIPHER) == conf
    assert confs.opened(confs.resealed(kept, CIPHER), CIPHER) == conf


@pytest.mark.parametrize(
    "conf",
    [
        {"password": "canary"},
        {"deep": [{"api_key": "canary"}]},
        {"secret": {"any": ["canary"]}},
        {"plain": "fernet:canary"},
    ],
)
def test_a_secret_is_not_to_be_read(conf: dict[str, Any]) -> None:
    kept = confs.sealed(conf, CIPHER)
    assert "canary" not in str(kept)
    assert "fernet:" not in str(confs.shown(kept))
    with pytest.raises(CipherError, match="no key"):
        confs.sealed(conf, None)


def test_what_is_no_secret_stays_to_be_read() -> None:
    conf = {"path": "/tmp/x", "n": 1, "list": ["a", None]}

    assert confs.sealed(conf, None) == conf


def test_another_key_opens_nothing() -> None:
    kept = confs.sealed({"password": "canary"}, CIPHER)

    with pytest.raises(CipherError, match="conf"):
        confs.opened(kept, Cipher(crypto.new_key()))
