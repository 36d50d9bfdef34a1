"""Hooks find their connection, and log under a name of their own."""

import pytest

from flowctl.authoring.exceptions import AirflowNotFoundException
from flowctl.authoring.ports import ConnectionRecord, InMemoryPorts, use
from flowctl.hooks.base import BaseHook


def test_a_hook_finds_its_connection() -> None:
    """By its id, wherever connections are kept."""
    ports = InMemoryPorts()
    ports.connections["db"] = ConnectionRecord("db", "postgres", host="example.org")
    use(ports)

    assert BaseHook.get_connection("db").host == "example.org"
    with pytest.raises(AirflowNotFoundException, match="nowhere"):
        BaseHook.get_connection("nowhere")


def test_a_hook_logs_under_the_name_it_is_given() -> None:
    """Or under that of its class."""
    assert BaseHook("mine").log.name == "mine"
    assert BaseHook().log.name == "flowctl.hooks.base.BaseHook"


def test_a_hook_without_a_way_to_connect_says_so() -> None:
    """The message names the class that lacks it."""
    with pytest.raises(NotImplementedError, match="BaseHook does not say how"):
        BaseHook().get_conn()
