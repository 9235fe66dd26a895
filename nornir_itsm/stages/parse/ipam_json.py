"""IPAM exports (phpIPAM API shapes, plain lists) -> subnets and addresses, without anybody's name.

Only the keys that are named here are read: ``permissions``, ``owner`` and their like never get in.
"""

import re
from collections.abc import Mapping

from nornir_itsm.model.ipam import IpamFacts, IpamRecord, IpamSubnet
from nornir_itsm.stages.parse.document import Record, records
from nornir_itsm.stages.parse.members import address, network

DOCUMENTS = ("subnets", "addresses")
LABELS = {
    **dict.fromkeys(("ip address", "ip地址", "地址"), "ip"),
    **dict.fromkeys(("主机名", "hostname"), "hostname"),
    **dict.fromkeys(("描述", "说明"), "description"),
    **dict.fromkeys(("备注",), "note"),
    **dict.fromkeys(("子网", "网段"), "subnet"),
    **dict.fromkeys(("掩码", "掩码长度"), "mask"),
    **dict.fromkeys(("section", "区域"), "sectionId"),
}
"""What the columns of a list kept by hand are called -> the key of the API (assumed, but the first)."""

FREE = "空闲"
"""What people write into the IPAM for an address that nobody has."""
_PRIVATE = re.compile(
    r"(?i)((?:密码|口令|密钥|团体字|pass(?:word|wd)?|pwd|secret|token|community"
    r"|(?:联系|负责|申请|经办|责任|使用)人|电话|手机|邮箱|contact|owner|e-?mail|phone)"
    r"\s*(?:[:：=]|是|为)\s*)[^\s,，;；]+"
)
"""What people write into free text: secrets, and each other's names."""
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
    text = "/".join(part for part in (record.text("subnet"), record.text("mask")) if part)
    prefix = network(text)
    if prefix is None:
        raise record.wrong(f"{text[:60]!r} is no subnet")
    return IpamSubnet(prefix, _words(record, "description"), record.number("sectionId", 0))


def _address(record: Record) -> IpamRecord:
    found = address(record.text("ip"))
    if found is None:
        raise record.wrong(f"ip {record.text('ip')[:60]!r} is no address")
    # Of a note only what decisions are made from is kept: people write anything there.
    text = _words(record, "note")
    note = "; ".join([FREE] * (FREE in text) + [said[0].rstrip(".:") for said in _NOTE.finditer(text)])
    return IpamRecord(found, _words(record, "hostname"), _words(record, "description"), note)


def _words(record: Record, key: str) -> str:
    """Return free text on one line, without what reads like a password or a person."""
    return _PRIVATE.sub(r"\1***", " ".join(record.text(key).split()))


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
