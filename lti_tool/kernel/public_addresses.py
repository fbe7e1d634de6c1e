"""Which IP addresses are those of the public Internet, whatever they are wrapped in."""

import ipaddress

# What is given out for hosts of the public Internet; mapped, translated and local ones are not.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# RFC 6052, §2.1: IPv4 within IPv6, by a translator.
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
# Addresses that great clouds answer at from within, though no list of private ones has them.
_INSIDE_CLOUDS = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24")))


def is_public(address: str) -> bool:
    """Says whether an IP address is a public one; IPv4 within IPv6 is unwrapped."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _ipv4_within(ip)
        if inner is None:
            return ip.is_global and ip in _GLOBAL_UNICAST
        ip = inner
    is_inside = any(ip in network for network in _INSIDE_CLOUDS)
    return ip.is_global and not ip.is_multicast and not is_inside


def _ipv4_within(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _TRANSLATED:
        return ipaddress.IPv4Address(ip.packed[-4:])
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
