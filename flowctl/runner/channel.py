"""Messages over a stream socket: four bytes of length, then JSON.

A `Channel` is used blocking (zygotes, attempts) or from a selector loop (the runner, the executor):
`send` never blocks there, what the peer does not take at once is kept and sent when it is ready.
"""

import socket
import struct
from typing import Any, Generic, TypeVar

import msgspec

Message = TypeVar("Message")

_LENGTH = struct.Struct("!I")
CHUNK_BYTES = 1 << 18
_ENCODER = msgspec.json.Encoder()


class Closed(Exception):
    """The peer is gone."""


class Channel(Generic[Message]):
    """One end of a conversation; `decoder` reads what the peer says."""

    def __init__(self, sock: socket.socket, decoder: "msgspec.json.Decoder[Message]") -> None:
        self.sock = sock
        self._decoder = decoder
        self._incoming = bytearray()
        self._outgoing = bytearray()

    def fileno(self) -> int:
        """Return the descriptor to select on."""
        return self.sock.fileno()

    def close(self) -> None:
        """Hang up."""
        self.sock.close()

    def send(self, message: Any) -> None:
        """Send a message, or keep it until `flush`.

        Raises:
            Closed: the peer is gone.
        """
        self.put(message)
        self.flush()

    def put(self, message: Any) -> None:
        """Keep a message until `flush`."""
        body = _ENCODER.encode(message)
        self._outgoing += _LENGTH.pack(len(body))
        self._outgoing += body

    def flush(self) -> None:
        """Send what is kept, as far as the peer takes it."""
        while self._outgoing:
            try:
                sent = self.sock.send(self._outgoing)
            except BlockingIOError:
                return
            except OSError as error:
                raise Closed(str(error)) from error
            del self._outgoing[:sent]

    @property
    def has_more_to_send(self) -> bool:
        """Say whether the loop should wait until the peer can take more."""
        return bool(self._outgoing)

    def receive(self) -> list[Message]:
        """Return the messages that have arrived; a blocking socket waits for at least one.

        Raises:
            Closed: the peer is gone, and everything it said was returned before.
        """
        messages: list[Message] = []
        while not messages:
            try:
                data = self.sock.recv(CHUNK_BYTES)
            except BlockingIOError:
                return messages
            except OSError as error:
                raise Closed(str(error)) from error
            if not data:
                raise Closed("end of file")
            self._incoming += data
            try:
                messages += self._complete()
            except msgspec.DecodeError as error:  # not one of us, or of another version
                raise Closed(f"it is not understood: {error}") from error
        return messages

    def _complete(self) -> list[Message]:
        messages = []
        at = 0
        while len(self._incoming) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._incoming, at)
            end = at + _LENGTH.size + length
            if len(self._incoming) < end:
                break
            messages.append(self._decoder.decode(bytes(self._incoming[at + _LENGTH.size : end])))
            at = end
        del self._incoming[:at]
        return messages
