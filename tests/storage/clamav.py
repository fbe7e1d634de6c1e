"""A small clamd on a loopback socket: the real protocol, and one virus that it knows."""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The harmless text that every scanner finds, in two halves so that none finds this file.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


class Daemon:
    """What a test tells the scanner to be: how much it takes, whether it breaks off."""

    def __init__(self) -> None:
        self.most = 10_000_000
        self.breaks_off = False
        self.says: str | None = None
        self.scanned: list[bytes] = []

    def answer(self, connection: socket.socket) -> None:
        file = connection.makefile("rb")
        command = file.read(10)
        if command != b"zINSTREAM\0":
            connection.sendall(b"UNKNOWN COMMAND\0")
            return
        found = b""
        while length := struct.unpack(">L", file.read(4))[0]:
            found += file.read(length)
            if self.breaks_off:
                return
            if len(found) > self.most:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.scanned.append(found)
        verdict = b"Win.Test.EICAR_HDB-1 FOUND" if EICAR in found else b"OK"
        connection.sendall((self.says or "").encode() or b"stream: " + verdict + b"\0")


@contextmanager
def clamd(socket_at: Path | None = None) -> Iterator[tuple[str, Daemon]]:
    """Yields the address of a running daemon, on TCP or on a Unix socket."""
    daemon = Daemon()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            daemon.answer(self.request)

    kind: Any = (
        socketserver.ThreadingUnixStreamServer if socket_at else socketserver.ThreadingTCPServer
    )
    with kind(str(socket_at) if socket_at else ("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        address = (
            f"unix://{socket_at}" if socket_at else f"tcp://127.0.0.1:{server.server_address[1]}"
        )
        try:
            yield address, daemon
        finally:
            server.shutdown()
            thread.join()
