"""A runner of another version hands its attempts over to one of ours."""

import threading
from pathlib import Path

import pytest

from flowctl.executors.local import LocalExecutor
from flowctl.runner import messages, sockets
from flowctl.runner.channel import Channel


def test_a_runner_of_another_version_is_told_to_leave_at_once(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    listener = sockets.listen(tmp_path / "run" / "runner.sock")
    listener.setblocking(True)
    heard: list[object] = []

    def be_old() -> None:
        channel = Channel(listener.accept()[0], messages.TO_RUNNER)
        heard.extend(channel.receive())
        channel.send(messages.Welcome("0.0.1", 1, []))
        heard.extend(channel.receive())
        channel.close()

    old = threading.Thread(target=be_old)
    old.start()
    with pytest.raises(ConnectionError):
        LocalExecutor(tmp_path, slots=1)._greet(term=3)
    old.join(10)
    listener.close()

    assert heard[1:] == [messages.Leave(at_once=True)]
