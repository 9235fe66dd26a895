"""Numbers that only a Comware device knows: of rules and of members of object groups; and who else is on it.

Plans say names. What is documented beyond doubt are the forms with numbers (``move rule 7 before 3``, ``undo
20``), so names become numbers just before they are typed; new things get the number after the highest in use.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nornir_itsm.errors import ChangeError

_NAME = r'(?:"[^"]*"|\S+)'
_POLICY = "security-policy ip"
_GROUP = re.compile(rf"(?P<undo>undo )?object-group (?P<kind>ip address|service) (?P<name>{_NAME})")
_PRINTED = re.compile(rf"rule (?P<id>\d+) name (?P<name>{_NAME})")
_RULE = re.compile(rf"(?P<undo>undo )?rule name (?P<name>{_NAME})")
_MOVE = re.compile(
    rf"move rule name (?P<name>{_NAME}) (?:(?P<place>before|after) name (?P<anchor>{_NAME})|top)"
)
_MEMBER = re.compile(r"(?P<undo>undo )?(?P<said>(?:network|service) .*)")
_HELD = re.compile(r"(?P<id>\d+) (?P<said>(?:network|service) .*)")
_STEP = 10
"""Members are numbered 0, 10, 20 ... where nobody says otherwise (H3C object group commands)."""


@dataclass(slots=True)
class _Held:
    """What is on the device: rules in their order, and the members of each group by what they say."""

    rules: list[tuple[str, int]] = field(default_factory=list)
    groups: dict[str, dict[str, int]] = field(default_factory=dict)
    highest: int = -1
    """The highest number that a rule had, those that go among them."""


def numbered(lines: Sequence[str], listing: str) -> tuple[str, ...]:
    """Return *lines* with the numbers that the device gave, or that new things get, in the place of names.

    *listing* is its configuration. Raises ChangeError for a rule or a member that is not there.
    """
    held = _held(listing)
    return tuple(_said(lines, held))


def _held(listing: str) -> _Held:
    held, members, inside = _Held(), dict[str, int](), False
    for line in (raw.strip() for raw in listing.splitlines()):
        if group := _GROUP.fullmatch(line):
            members = held.groups.setdefault(_key(group["kind"], group["name"]), {})
        elif line in ("#", _POLICY):
            members, inside = {}, line == _POLICY
        elif inside and (rule := _PRINTED.fullmatch(line)):
            held.rules.append((_bare(rule["name"]), int(rule["id"])))
        elif member := _HELD.fullmatch(line):
            members[member["said"]] = int(member["id"])
    held.highest = max((number for _, number in held.rules), default=-1)
    return held


def _said(lines: Sequence[str], held: _Held) -> Iterator[str]:
    members: dict[str, int] | None = None
    inside = False
    for line in lines:
        if group := _GROUP.fullmatch(line):
            key, members = _key(group["kind"], group["name"]), None
            if group["undo"]:
                held.groups.pop(key, None)
            else:
                members = held.groups.setdefault(key, {})
            yield line
        elif line == "quit" and members is not None:
            members = None
            yield line
        elif members is not None and (member := _MEMBER.fullmatch(line)):
            yield _member(member, members)
        elif line == _POLICY:
            inside = True
            yield line
        elif inside and (found := _RULE.fullmatch(line)):
            yield _rule(found, held)
        elif inside and (found := _MOVE.fullmatch(line)):
            yield from _moved(found, held)
        else:
            yield line


def _member(found: re.Match[str], members: dict[str, int]) -> str:
    said = found["said"]
    if found["undo"]:
        if said not in members:
            raise ChangeError(f"member {said!r}", "it is not in its object group", "plan again")
        return f"undo {members.pop(said)}"
    if said not in members:
        members[said] = (max(members.values(), default=-_STEP) // _STEP + 1) * _STEP
    return f"{members[said]} {said}"


def _rule(found: re.Match[str], held: _Held) -> str:
    name = _bare(found["name"])
    at = _place(name, held)
    if found["undo"]:
        if at is None:
            raise ChangeError(f"rule {name!r}", "there is no such rule", "plan again")
        return f"undo rule {held.rules.pop(at)[1]}"
    if at is None:
        held.highest += 1
        held.rules.append((name, held.highest))
        at = -1
    return f"rule {held.rules[at][1]} name {found['name']}"


def _moved(found: re.Match[str], held: _Held) -> Iterator[str]:
    """Yield the line that puts a rule in its place, always before another one; none where it is last."""
    at = _place(_bare(found["name"]), held)
    if at is None:
        raise ChangeError(f"rule {found['name']}", "there is no such rule", "plan again")
    moved, to = held.rules.pop(at), 0
    if found["anchor"]:
        beside = _place(_bare(found["anchor"]), held)
        if beside is None:
            raise ChangeError(f"rule {found['anchor']}", "there is no such rule to stand by", "plan again")
        to = beside + (found["place"] == "after")
    if to < len(held.rules):
        yield f"move rule {moved[1]} before {held.rules[to][1]}"
    elif at != len(held.rules):
        raise ChangeError(f"rule {found['name']}", "it cannot be moved to the bottom", "do it by hand")
    held.rules.insert(to, moved)


def _place(name: str, held: _Held) -> int | None:
    return next((at for at, (one, _) in enumerate(held.rules) if one == name), None)


def _key(kind: str, name: str) -> str:
    return f"{kind} {_bare(name)}"


def _bare(name: str) -> str:
    """Return a name as the device compares it: without quotes, upper and lower case alike."""
    return name.strip('"').casefold()


_SESSION = re.compile(r"(?P<own>\+)? *F? *\d+ +(?P<line>[A-Z]+ \d+) +(?P<idle>\d+:\d\d:\d\d|\S+) +.*")
_LINE = re.compile(r"(?P<line>[A-Z]+ \d+) *: *")
_USER = re.compile(r"User name *: *(?P<user>\S+)")
_LATELY = re.compile(r"0+:0[0-4]:\d\d")
"""Whoever typed something within five minutes may be in the middle of a change."""


def others_at_work(answer: str) -> str:
    """Return who else typed something lately, by ``display users``; empty for nobody.

    Nothing on the device says who is in system view. Sessions of our own account are not told apart.
    """
    active: dict[str, str] = {}
    users: dict[str, str] = {}
    mine = line = ""
    for text in (raw.strip() for raw in answer.splitlines()):
        if found := _SESSION.fullmatch(text):
            active[found["line"]] = found["idle"]
            mine = found["line"] if found["own"] else mine
        elif found := _LINE.fullmatch(text):
            line = found["line"]
        elif found := _USER.fullmatch(text):
            users[line] = found["user"]
    theirs = [
        f"{users.get(one, 'somebody')} ({one}, idle {idle})"
        for one, idle in active.items()
        if one != mine and users.get(one, "") != users.get(mine) and _LATELY.fullmatch(idle)
    ]
    return f"somebody else is at work on it: {', '.join(theirs)}" if mine and theirs else ""
