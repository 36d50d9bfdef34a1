"""User code's questions, answered from the metastore in this very process; for test commands."""

import msgspec

from flowctl import clock
from flowctl.runner import messages
from flowctl.runner.data import Desk
from flowctl.runner.remote_ports import Asking


class DirectPorts(Asking):
    """Asks the desk itself, in the form that questions have on their way through the socket."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def _answer(self, question: messages.Ask) -> messages.Answer:
        asked = msgspec.convert(msgspec.to_builtins(question), messages.Ask)
        answer = self._desk.answer(asked, clock.utcnow())
        return messages.ANSWER.decode(msgspec.json.encode(answer))
