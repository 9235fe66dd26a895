"""What every USG has and never prints. Services: those whose content is beyond doubt; one with an
application-layer gateway (``ftp``, ``sip``, ``dns`` ...) is more than its port and stays undecidable.
"""

from nornir_itsm.model.facts import AddressBook, ServiceBook, ServiceEntry

TCP, UDP, ICMP, ICMPV6, SCTP = 6, 17, 1, 58, 132
PROTOCOLS = {"tcp": TCP, "udp": UDP, "icmp": ICMP, "icmpv6": ICMPV6, "sctp": SCTP}
ANY = "Any"
"""How a side without a condition is called here, which matches everything: the device says nothing at all."""

ADDRESSES = {ANY: AddressBook(ANY, ("0.0.0.0/0", "::/0"), predefined=True)}
SERVICES = {
    name: ServiceBook(name, (entry,), predefined=True)
    for name, entry in (
        (ANY, ServiceEntry(None)),
        *((word, ServiceEntry(number)) for word, number in PROTOCOLS.items()),
        *((word, ServiceEntry(TCP, port, port)) for word, port in (("http", 80), ("https", 443))),
        *((word, ServiceEntry(TCP, port, port)) for word, port in (("ssh", 22), ("telnet", 23))),
    )
}
