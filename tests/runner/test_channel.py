"""Conversations over sockets: what is not understood ends the conversation and nothing else."""

import os
import socket
from pathlib import Path

import pytest

from flowctl.runner import messages, sockets
from flowctl.runner.channel import Channel, Closed
from flowctl.runner.data import Desk
from flowctl.runner.remote_ports import RemotePorts
from flowctl.store.crypto import Cipher, new_key
from flowctl.store.engine import create
from tests.store.rows import NOW


def test_a_stranger_is_hung_up_on() -> None:
    ours, theirs = socket.socketpair()
    channel = Channel(ours, messages.TO_RUNNER)
    with ours, theirs:
        theirs.sendall(b"\x00\x00\x00\x05hello")

        with pytest.raises(Closed, match="not understood"):
            channel.receive()


@pytest.mark.parametrize(
    "question",
    [
        messages.Ask("format_disk", []),
        messages.Ask("variable", []),
        messages.Ask("xcoms", ["all"]),
        messages.Ask("previous_run", ["d", "yesterday", None]),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_an_error(
    sqlite_url: str, question: messages.Ask
) -> None:
    answer = Desk(create(sqlite_url), Cipher(new_key())).answer(question, NOW)

    assert answer.error is not None
    assert question.op in answer.error


def test_a_process_that_a_task_forked_asks_on_a_line_of_its_own(tmp_path: Path) -> None:
    listener = sockets.listen(tmp_path / "sock")
    listener.setblocking(True)
    ports = RemotePorts(tmp_path / "sock")
    ports._channel = channel = Channel(socket.socketpair()[0], messages.ANSWER)

    pid = os.fork()
    if pid == 0:
        ports.variable("of the child")
        os._exit(0)
    line, _ = listener.accept()
    Channel(line, messages.TO_RUNNER).send(messages.Answer("yes"))

    assert os.waitpid(pid, 0)[1] == 0
    assert ports._channel is channel
