"""A Linux firewall: nftables behind an SSH login shell (bash). Seen on nftables 1.0.6, Linux 6.x, Debian 12.

The account may run ``nft`` (root, or a ``nft`` of its own in its PATH) and write below ``/etc/nftables.d``.
What is typed in configuration mode is a here-document: a file, without any effect. It is then checked as
a whole (``nft -c``) and put in force as one transaction of the kernel: all of it, or nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nornir_itsm.errors import ChangeError
from nornir_itsm.platforms.platform import NEVER, Catalogue, CliPlatform, Platform

TABLE = "inet filter"
CHAIN = f"{TABLE} forward"
"""Family, table and chain that rules are written to, as Debian's own example names them; translations go to
``prerouting`` and ``postrouting`` of the same table."""
SAVED = "/etc/nftables.d/site.nft"
_BOOT = "/etc/nftables.conf"
_INCLUDED = f'include "{SAVED}"'
_CANDIDATE = "~/.nornir-itsm.nft"
_END_OF_CANDIDATE = "END-OF-CANDIDATE"
_END = "# end of configuration"

# Without line editing, history and expansion of "!" the shell takes lines as they are. Both prompts get
# a form of ours: user and host, then "(config)" while a here-document is open.
_SHELL = (
    r"set +H; set +o emacs +o vi; unset HISTFILE; PS1='\u@\h:\w\$ ' PS2='\u@\h(config)> '",
    "umask 077; export LC_ALL=C.UTF-8",
)

_REFUSALS: Catalogue = (
    (re.compile(r"Operation not permitted|Permission denied", re.IGNORECASE), "rights"),
    (re.compile(r"command not found", re.IGNORECASE), "rights"),
    (re.compile(r"does not include", re.IGNORECASE), "not loaded at boot"),
    (re.compile(r"Device or resource busy", re.IGNORECASE), "in use"),
    (re.compile(r"File exists|overlaps", re.IGNORECASE), "exists already"),
    (re.compile(r"No such file or directory|does not exist", re.IGNORECASE), "missing"),
    (re.compile(r"syntax error", re.IGNORECASE), "syntax"),
    (re.compile(r"\bError:", re.IGNORECASE), "error"),
)

_COMMENT = r'(?: comment "(?P<name>[^"\n]*)")?'
_LISTED = re.compile(rf"\t\t.*?{_COMMENT} # handle (?P<handle>\d+)")
_HEADED = re.compile(r"\tchain (?P<chain>[a-z]+) \{.*")
_IN = rf"rule (?P<chain>{TABLE} (?:forward|prerouting|postrouting))"
_PLACED = re.compile(
    rf'add {_IN}(?: (?P<place>first|before|after)(?: "(?P<anchor>[^"]*)")?)? :: (?P<rule>.*)'
)
_REMOVED = re.compile(rf'delete {_IN} (?:named "(?P<name>[^"]*)"|handle (?P<handle>\d+))')


@dataclass(slots=True)
class _Rule:
    """A rule of a chain; one that the same transaction makes has no handle yet."""

    name: str
    handle: str = ""


def located(lines: Sequence[str], listing: str) -> tuple[str, ...]:
    """Return *lines* with the handles that the kernel gave in the place of names.

    ``add rule CHAIN before "N" :: RULE`` becomes ``insert rule CHAIN handle 7 RULE``, ``delete rule CHAIN
    named "N"`` one line for each rule of that name; everything else stays. *listing* is the answer to
    ``nft -a list table``. Raises ChangeError for a name that is not there.
    """
    chains: dict[str, list[_Rule]] = {}
    chain = ""
    for line in listing.splitlines():
        if head := _HEADED.fullmatch(line.rstrip()):
            chain = f"{TABLE} {head['chain']}"
        elif found := _LISTED.fullmatch(line.rstrip()):
            chains.setdefault(chain, []).append(_Rule(found["name"] or "", found["handle"]))
    return tuple(said for line in lines for said in _said(line.strip(), chains))


def _said(line: str, chains: dict[str, list[_Rule]]) -> Iterator[str]:
    if found := _REMOVED.fullmatch(line):
        chain, rules = found["chain"], chains.setdefault(found["chain"], [])
        handle = found["handle"]
        gone = [r for r in rules if r.handle == handle] if handle else _named(found["name"], rules, chain)
        yield from (f"delete rule {chain} handle {rule.handle}" for rule in gone)
        rules[:] = [rule for rule in rules if rule not in gone]
    elif found := _PLACED.fullmatch(line):
        chain, rules = found["chain"], chains.setdefault(found["chain"], [])
        at = _index(found["place"] or "last", found["anchor"] or "", rules, chain)
        yield _insertion(at, rules, found["rule"], chain)
        comment = re.search(r' comment "([^"]*)"$', found["rule"])
        rules.insert(at, _Rule(comment[1] if comment else ""))
    else:
        yield line


def _named(name: str, rules: Sequence[_Rule], chain: str) -> list[_Rule]:
    """Return the rules of a name that are in the kernel, not those that this transaction makes."""
    found = [rule for rule in rules if rule.name == name and rule.handle]
    if not found:
        raise ChangeError(chain, f"there is no rule {name!r}", "somebody removed it: plan again")
    return found


def _index(place: str, anchor: str, rules: Sequence[_Rule], chain: str) -> int:
    if place in ("first", "last"):
        return 0 if place == "first" else len(rules)
    places = [at for at, rule in enumerate(rules) if rule.name == anchor]
    if not places:
        raise ChangeError(
            chain, f"there is no rule {anchor!r} to stand {place}", "somebody removed it: plan again"
        )
    return places[0] if place == "before" else places[-1] + 1


def _insertion(at: int, rules: Sequence[_Rule], rule: str, chain: str) -> str:
    """Say where a rule goes by a neighbour that has a handle; at either end none is needed."""
    if at == len(rules):
        return f"add rule {chain} {rule}"
    if rules[at].handle:
        return f"insert rule {chain} handle {rules[at].handle} {rule}"
    if at == 0:
        return f"insert rule {chain} {rule}"
    if rules[at - 1].handle:
        return f"add rule {chain} handle {rules[at - 1].handle} {rule}"
    raise ChangeError(chain, "a rule would stand between two that are new as well", "make one of them first")


PLATFORM = Platform(
    name="linux_nftables",
    port=22,
    cli=CliPlatform(
        device_type="linux",
        # "fw-a@host:~$ ", "[root@host ~]# ", and in a here-document "fw-a@host(config)> ".
        prompt=re.compile(r"\[?(?P<base>[\w.-]+@[\w.-]+)(?:(?P<config>\(config\))> ?|[: ][^#$>\n]*[#$] ?)"),
        pager=NEVER,
        question=re.compile(r".*(?:[Pp]assword.*|\[[yY]/[nN]\]) *[:?] *"),
        terminal=_SHELL,
        show_configuration=f"nft -j list ruleset && printf '\\n{_END}\\n'",
        show_running=f"nft -s list ruleset && echo '{_END}'",
        show_saved=(
            f"grep -qx '{_INCLUDED}' {_BOOT} && cat {SAVED} && echo '{_END}' || "
            f"echo 'Error: {_BOOT} does not include {SAVED}, or it cannot be read'"
        ),
        end_of_configuration=_END,
        enter=f"cat > {_CANDIDATE} <<'{_END_OF_CANDIDATE}'",
        leave=_END_OF_CANDIDATE,
        show_places=f"nft -a list table {TABLE} && echo '{_END}'",
        locate=located,
        commit=(f"nft -c -f {_CANDIDATE}", f"nft -f {_CANDIDATE}"),
        # Whole or not at all: a file beside it takes its place.
        save=(
            f"nft -s list ruleset > {SAVED}.new && nft -c -f {SAVED}.new && sync {SAVED}.new && "
            f"mv {SAVED}.new {SAVED} && echo 'rule set saved'"
        ),
        save_dialogue=(),
        saved=re.compile(r"rule set saved"),
        save_benign=(),
        refusals=_REFUSALS,
        benign=(),
        headers=(re.compile(r"#.*"), re.compile(r"flush ruleset")),
        not_now=(),
        # A terminal line holds 4095 bytes; 1000 characters are at most 4000.
        unsendable=re.compile(rf"[\x00-\x1f\x7f-\x9f]|.{{1000}}|^{_END_OF_CANDIDATE}$"),
    ),
)
