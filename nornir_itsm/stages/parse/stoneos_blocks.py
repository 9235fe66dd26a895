"""The text of ``show configuration`` -> its blocks, so that no line can get lost between them.

Layout (StoneOS CLI manual 5.5R12, three public sample configurations): blocks begin without indentation and
close with ``exit``, their lines are indented; rules stand at top level or inside ``policy-global``; the last
line is ``End``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nornir_itsm.errors import SourceError

KINDS = ("address", "service", "servgroup", "schedule", "rule")
"""First words of the blocks that make up the rule base."""

_NOISE = re.compile(
    # First words of blocks and lines that neither define nor filter what a rule matches (assumed: the list
    # comes from public samples and the manual's table of contents). Anything else is reported.
    r"aaa-server|access|admin|alarm|arp|av-profile|clock|console|contact|dhcp-server|dns|email|ha|hostname"
    r"|https?|interface|ip|ips-profile|ipsec|ipv6|isakmp|language|location|logging|mail|monitor|nbt-cache"
    r"|nat|netflow|network-manager|ntp|password|pbr-policy|pki|qos|radius|role|role-mapping|scvpn|smtp"
    r"|snmp-server|ssh|sslvpn|statistics|syslog|tacacs|tcp-mss|telnet|timezone|track|tunnel|update"
    r"|url-profile|user|user-group|vswitch|web|webauth|zone"
)
_TRANSLATION = re.compile(r"[sdb]natrule(?! move\b)\b")
"""Stands in a block of its virtual router, or in ``nat``, which is the usual one."""
_AMONG = re.compile(r"(?:ip|ipv6|no|router|import|exit|export|vrouter|max-route|bind|description)\b")
"""First words of other lines there; anything else after a translation may be its wrapped rest."""
_OWN_RULES = ("pbr-policy",)
"""Blocks with rules of their own that read like those of the policy."""
_HEADING = re.compile(
    r"!.*|#.*|\S*# ?show configuration.*|Building configuration\.*|正在收集配置\.*|Version .*"
    r"|(?:Running|Startup|Start|Saved|Current) configuration\s*[:：]?|show configuration.*",
    re.IGNORECASE,
)
_PROMPT = re.compile(r"\S+[#>]")
_PAGER = re.compile(r" *--More-- *(?:\x08+ *\x08*)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_RULE_LINE = re.compile(r"action +(?:permit|deny)|(?:src|dst)-(?:addr|ip|range|host) +\S")


@dataclass(frozen=True, slots=True)
class Block:
    """A block as printed: its first word, the rest of that line, and its lines without indentation."""

    kind: str
    header: str
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.header}".strip()


def blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of the rule base in their order.

    Raises SourceError where ``End`` is missing (the text was cut off), or where a block that looks like a
    rule has a first line that does not say so: a rule that is left out would make every proof wrong.
    """
    found = tuple(_blocks(text))
    for block in found:
        if block.kind not in (*KINDS, *_OWN_RULES) and any(map(_RULE_LINE.match, block.lines)):
            raise SourceError(
                "show configuration",
                f"the lines after {str(block)[:80]!r} look like a rule, but its first line does not",
                "take the configuration again",
            )
    return tuple(block for block in found if block.kind in KINDS)


def unparsed(text: str) -> tuple[str, ...]:
    """Return the lines outside the rule base's blocks that are not known to be harmless.

    Lines inside those blocks, and translations, are never among them: they are kept with their object.
    """
    return tuple(
        line
        for block in _blocks(text)
        if block.kind not in KINDS
        for line in (str(block), *block.lines)
        if line and not _is_noise(block) and not _TRANSLATION.match(line)
    )


def translations(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the lines of translations: virtual router (empty: unknown), line, whether it ends there."""
    for block in _blocks(text):
        router = _router(block)
        lines = (*([str(block)] if _TRANSLATION.match(block.kind) else []), *block.lines)
        for line, after in zip(lines, (*lines[1:], "exit"), strict=False):
            if _TRANSLATION.match(line):
                yield router, line, bool(_TRANSLATION.match(after) or _AMONG.match(after))


def _router(block: Block) -> str:
    if block.kind == "nat":
        return "trust-vr"
    kind, _, name = block.header.partition(" ")
    return name.strip().strip('"') if (block.kind, kind) == ("ip", "vrouter") else ""


def interfaces(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the interfaces with their lines."""
    yield from ((block.header, block.lines) for block in _blocks(text) if block.kind == "interface")


def _is_noise(block: Block) -> bool:
    return bool(_NOISE.fullmatch(block.kind)) or (not block.lines and bool(_HEADING.fullmatch(str(block))))


def _blocks(text: str) -> Iterator[Block]:
    head: str | None = None
    lines: list[str] = []
    for line in (*_unwrapped(_configuration(text)), "exit"):
        if line[:1].isspace():
            lines.append(line.strip())
            continue
        if head is not None or lines:
            yield _block(head or "", lines)
        head, lines = (None if line.strip() == "exit" else line.strip()), []


def _block(head: str, lines: list[str]) -> Block:
    kind, _, rest = head.partition(" ")
    return Block(kind, rest.strip(), tuple(lines))


def _configuration(text: str) -> list[str]:
    """Return the lines before ``End``, without what the terminal added to them."""
    tidy = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\t", "  ")
    tidy = _CONTROL.sub("", _PAGER.sub("", tidy))
    lines = [line for line in tidy.split("\n") if line.strip()]
    ends = [index for index, line in enumerate(lines) if line.rstrip() == "End"]
    if not ends:
        raise SourceError(
            "show configuration",
            "the configuration was cut off: its last line End is missing",
            "take it again, with paging off or to the end",
        )
    rest = [line for line in lines[ends[0] + 1 :] if not _PROMPT.fullmatch(line.strip())]
    return lines[: ends[0]] + rest


def _unwrapped(lines: list[str]) -> Iterator[str]:
    """Yield the lines with ``policy-global`` taken off around the rules."""
    wrapped = rule_open = False
    for line in lines:
        bare = line.rstrip()
        if bare == "policy-global":
            wrapped, rule_open, indent = True, False, 0
        elif not wrapped:
            yield line
        elif line[:1].isspace() and not rule_open:
            indent = indent or len(line) - len(line.lstrip())
            yield line[min(indent, len(line) - len(line.lstrip())) :]
        elif bare == "exit" and not rule_open:
            wrapped = False
            yield line
        else:
            # Rules without indentation inside the wrapper, or a wrapper that was never closed.
            rule_open = line[:1].isspace() or bare.startswith("rule ")
            wrapped = rule_open or bare == "exit"
            yield line
