"""User code's questions, answered from the metastore in this very process.

For test commands, and for triggers: there, an outage of the metastore is waited for.
"""

import threading

import msgspec

from flowctl import clock
from flowctl.runner import messages
from flowctl.runner.data import Desk
from flowctl.runner.remote_ports import Asking
from flowctl.store.engine import retrying

ATTEMPTS_MAX = 100  # some minutes: an outage of the metastore should not fail what waits


class DirectPorts(Asking):
    """Asks the desk itself, in the form that questions have on their way through the socket."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def _answer(self, question: messages.Ask) -> messages.Answer:
        asked = msgspec.convert(msgspec.to_builtins(question), messages.Ask)
        answer = self._desk.answer(asked, clock.utcnow())
        return messages.ANSWER.decode(msgspec.json.encode(answer))


class PatientPorts(DirectPorts):
    """Asks again while the metastore is away."""

    def _answer(self, question: messages.Ask) -> messages.Answer:
        ask = super()._answer
        return retrying(lambda: ask(question), threading.Event().wait, attempts_max=ATTEMPTS_MAX)
