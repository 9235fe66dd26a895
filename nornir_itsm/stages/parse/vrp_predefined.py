"""What every USG has and never prints. Services: those whose content is beyond doubt; one with an
application-layer gateway (``ftp``, ``sip``, ``dns`` ...) is more than its port and stays undecidable.
"""

from nornir_itsm.model.firewall import AddressBook, ServiceBook, ServiceEntry

TCP, UDP, ICMP, ICMPV6, SCTP = 6, 17, 1, 58, 132
PROTOCOLS = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMPV6, "sctp": SCTP}
ANY, ANY_V6 = "Any", "IPv6-any"
"""What a side without a condition is called here: everything; and one that says ``:: 0``."""

ADDRESSES = {
    name: AddressBook(name, members, predefined=True)
    for name, members in ((ANY, ("0.0.0.0/0", "::/0")), (ANY_V6, ("::/0",)))
}
SERVICES = {
    name: ServiceBook(name, (entry,), predefined=True)
    for name, entry in (
        (ANY, ServiceEntry(None)),
        *((word, ServiceEntry(number)) for word, number in PROTOCOLS.items()),
        *((word, ServiceEntry(TCP, port, port)) for word, port in (("http", 80), ("https", 443))),
        *((word, ServiceEntry(TCP, port, port)) for word, port in (("ssh", 22), ("telnet", 23))),
    )
}
