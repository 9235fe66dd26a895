"""IPAM exports (phpIPAM API shapes, plain lists) -> subnets and addresses, without anybody's name.

Only the keys that are named here are read: ``permissions``, ``owner`` and their like never get in.
"""

import re
from collections.abc import Mapping

from nornir_itsm.model.facts import IpamFacts, IpamRecord, IpamSubnet
from nornir_itsm.stages.parse.document import Record, records
from nornir_itsm.stages.parse.members import address, network

DOCUMENTS = ("subnets", "addresses")

_NOTE = re.compile(r"(?<![A-Za-z])(?P<kind>PIP|EIP)\s*[:：]\s*(?P<address>[0-9A-Fa-f:.]+)")


def ipam_facts(documents: Mapping[str, object]) -> IpamFacts:
    """Return the facts of the IPAM from its documents by name, see DOCUMENTS.

    Folders are left out. Of two records of one address, that with a host name is kept. Raises SourceError.
    """
    found: dict[str, IpamRecord] = {}
    for record in records(documents, "addresses", "data"):
        entry = _address(record)
        if entry.address not in found or (entry.hostname and not found[entry.address].hostname):
            found[entry.address] = entry
    folders = records(documents, "subnets", "data")
    return IpamFacts(tuple(_subnet(r) for r in folders if r.text("isFolder") != "1"), found)


def _subnet(record: Record) -> IpamSubnet:
    text = f"{record.text('subnet')}/{record.text('mask')}"
    prefix = network(text)
    if prefix is None:
        raise record.wrong(f"{text[:60]!r} is no subnet")
    return IpamSubnet(prefix, _words(record, "description"), record.number("sectionId", 0))


def _address(record: Record) -> IpamRecord:
    text = record.text("ip")
    found = address(text)
    if found is None:
        raise record.wrong(f"ip {text[:60]!r} is no address")
    return IpamRecord(
        found, _words(record, "hostname"), _words(record, "description"), _words(record, "note")
    )


def _words(record: Record, key: str) -> str:
    """Return free text on one line."""
    return " ".join(record.text(key).split())


def noted_bindings(facts: IpamFacts) -> tuple[tuple[str, str], ...]:
    """Return (private, EIP) pairs from notes: ``PIP: x`` on an EIP, ``EIP: y`` on a private address.

    This mapping is kept by hand: it is a second opinion, never the first.
    """
    found: set[tuple[str, str]] = set()
    for record in facts.records.values():
        for note in _NOTE.finditer(record.note):
            if other := address(note["address"].rstrip(".:")):
                pair = (other, record.address) if note["kind"] == "PIP" else (record.address, other)
                found.add(pair)
    return tuple(sorted(found))
