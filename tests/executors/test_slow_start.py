"""A runner that takes its time keeps nobody from leading."""

from pathlib import Path

from flowctl.executors.local import LocalExecutor
from flowctl.runner import messages, sockets
from flowctl.runner.channel import Channel
from flowctl.version import VERSION

CALLS = 2


def test_the_scheduler_does_something_else_while_the_runner_starts(tmp_path: Path) -> None:
    """A lease ends meanwhile on a machine under load, were it not renewed."""
    (tmp_path / "run").mkdir()
    server = sockets.listen(tmp_path / "run" / "runner.sock")
    calls = []

    def meanwhile() -> None:
        calls.append(1)
        if len(calls) == CALLS:  # only now does the runner answer
            channel = Channel(server.accept()[0], messages.TO_RUNNER)
            assert channel.receive() == [messages.Hello(7, VERSION, 3)]
            channel.send(messages.Welcome(VERSION, 1, [(5, 1)]))
            channels.append(channel)

    channels: list[Channel[messages.ToRunner]] = []
    executor = LocalExecutor(tmp_path, 3)
    assert executor.connect(7, meanwhile) == {(5, 1)}
    assert len(calls) == CALLS
    server.close()
    for channel in channels:
        channel.close()
    executor.leave()
