"""Connections to addresses that others named: the one that was checked is the one connected to."""

import socket
from collections.abc import Callable

from lti_tool.kernel.public_addresses import is_public


class AddressRefused(OSError):
    """The name leads to an address that this installation must not call."""


def connect_checked(
    host: str, port: int, *, allow_private: bool, left: Callable[[], float]
) -> socket.socket:
    """Returns a connection to a public address of the host; `left` says how many seconds remain.

    There is no second look-up, which could answer otherwise. Raises `AddressRefused` where every
    address is private and those are not allowed, and else what the last connection failed with.
    """
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    last: OSError = AddressRefused("no address")
    for family, kind, protocol, _name, address in infos:
        if not allow_private and not is_public(str(address[0])):
            last = AddressRefused("private address")
            continue
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(left())
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
        except OSError as error:
            sock.close()
            last = error
        else:
            return sock
    raise last
