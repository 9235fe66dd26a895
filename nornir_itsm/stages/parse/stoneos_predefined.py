"""What every StoneOS device has and never prints in its configuration.

Assumed from the sample export of one firewall (REST, type "2" is predefined); the device's own statement,
where there is one, goes before this table.
"""

from nornir_itsm.model.firewall import AddressBook, ServiceBook, ServiceEntry, ServiceGroup

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
ANY = ServiceEntry(None)

ADDRESSES = {
    name: AddressBook(name, members, predefined=True)
    for name, members in (
        ("Any", ("0.0.0.0/0",)),
        ("IPv6-any", ("::/0",)),
        # StoneOS CLI manual 5.5R12 names it; its members are assumed.
        ("private_network", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
    )
}

SERVICES = {
    name: ServiceBook(name, entries, predefined=True)
    for name, entries in (
        ("Any", (ANY,)),
        ("HTTP", (ServiceEntry(TCP, 80, 80),)),
        ("HTTPS", (ServiceEntry(TCP, 443, 443),)),
        ("SSH", (ServiceEntry(TCP, 22, 22),)),
        ("DNS", (ServiceEntry(TCP, 53, 53), ServiceEntry(UDP, 53, 53))),
        ("MySQL", (ServiceEntry(TCP, 3306, 3306),)),
        ("SMTP", (ServiceEntry(TCP, 25, 25),)),
        ("TCP-ANY", (ServiceEntry(TCP),)),
        ("ICMP", (ServiceEntry(ICMP),)),
        ("PING", (ServiceEntry(ICMP, 8 * 256, 8 * 256),)),
    )
}

GROUPS = {
    name: ServiceGroup(name, members, predefined=True)
    for name, members in (
        ("SRV_WEB", ("HTTP", "HTTPS")),
        ("SRV_EMAIL", ("SMTP",)),
        ("SRV_DB", ("MySQL",)),
    )
}
