"""A load generator: a few connections that are kept, one request in flight on each, in one light process."""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"


@dataclass(slots=True)
class Outcome:
    """What came back in a cell."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    def per_second(self, *statuses: int) -> float:
        """Return the rate of the answers with these statuses."""
        return sum(self.statuses[status] for status in statuses) / self.seconds

    def p50(self) -> float:
        """Return the time in milliseconds within which half of the answers came."""
        return self._within(0.5)

    def p95(self) -> float:
        """Return the time in milliseconds within which 95 of 100 answers came."""
        return self._within(0.95)

    def _within(self, part: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[int(len(ordered) * part)] * 1000 if ordered else 0.0


def request(method: str, path: str, *, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """Return the bytes of a request."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{k}: {v}" for k, v in (headers or {}).items()),
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + HEAD_END + body


class _Client:
    """One connection and the answer it is waiting for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begun = 0.0
        self.received = b""

    def send(self, data: bytes) -> None:
        self.received, self.begun = b"", time.perf_counter()
        self.socket.sendall(data)

    def receive(self) -> bool:
        """Read what has arrived and tell whether the answer is whole."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("The server closed the connection.")
        self.received += piece
        head, end, body = self.received.partition(HEAD_END)
        if not end:
            return False
        lower = head.lower()
        place = lower.find(b"content-length:")
        if place < 0:
            return body.endswith(b"0\r\n\r\n") or lower.find(b"chunked") < 0
        return len(body) >= int(lower[place + 15 :].split(b"\r\n", 1)[0])

    @property
    def status(self) -> int:
        return int(self.received[9:12])


def drive(
    port: int,
    requests: Iterator[bytes],
    *,
    clients: int = 16,
    seconds: float,
    answered: Callable[[int, bytes], None] | None = None,
) -> Outcome:
    """Send requests one after the other on each of the connections, until the time or the requests are over.

    `answered` gets every status and body.
    """
    outcome = Outcome()
    with selectors.DefaultSelector() as waiting:
        for _ in range(clients):
            client = _Client(port)
            waiting.register(client.socket, selectors.EVENT_READ, client)
        begun = time.perf_counter()
        open_until = begun + seconds
        for key in list(waiting.get_map().values()):
            if data := next(requests, None):
                key.data.send(data)
            else:
                waiting.unregister(key.fileobj).data.socket.close()
        while waiting.get_map():
            for key, _ in waiting.select(timeout=30) or _nothing_came():
                client = key.data
                if not client.receive():
                    continue
                now = time.perf_counter()
                outcome.statuses[client.status] += 1
                outcome.latencies.append(now - client.begun)
                if answered:
                    answered(client.status, client.received.partition(HEAD_END)[2])
                data = next(requests, None) if now < open_until else None
                if data:
                    client.send(data)
                else:
                    waiting.unregister(client.socket)
                    client.socket.close()
        outcome.seconds = time.perf_counter() - begun
    return outcome


def _nothing_came() -> list[tuple[selectors.SelectorKey, int]]:
    raise TimeoutError("No answer for 30 seconds.")
