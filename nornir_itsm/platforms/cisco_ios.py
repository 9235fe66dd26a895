"""Cisco IOS XE routers and switches (17), where a line takes effect at once. Sources: the command reference,
public drivers and measured outputs, unless said. The account logs in at privilege level 15 (``R1#``).
"""

import re

from nornir_itsm.platforms.cisco_places import located
from nornir_itsm.platforms.platform import Catalogue, CliPlatform, Platform

_SAVE_DIALOGUE: Catalogue = (
    # Asked where another release wrote the startup configuration; Enter confirms.
    (re.compile(r"Overwrite the previous NVRAM configuration\? *\[confirm\]"), ""),
    (re.compile(r"Destination filename \[startup-config\]\?"), ""),
)

_REFUSALS: Catalogue = (
    (re.compile(r"^\^$|% ?(?:Invalid input|Incomplete|Ambiguous|Unrecognized)|Unknown command"), "syntax"),
    (
        re.compile(r"authorization failed|permission denied|not authori[sz]ed", re.IGNORECASE),
        "rights",
    ),
    (re.compile(r"Configuration mode (?:is )?locked", re.IGNORECASE), "locked by another administrator"),
    (re.compile(r"connections? .*limit|no (?:free|available) (?:vty|line)", re.IGNORECASE), "session limit"),
    (re.compile(r"duplicate|already (?:exists?|configured)", re.IGNORECASE), "exists already"),
    (re.compile(r"failed to add ace", re.IGNORECASE), "exists already"),
    (re.compile(r"in use|being used|referenced", re.IGNORECASE), "in use"),
    (
        re.compile(r"no matching|no such|not (?:exist|found|configured)|does ?n.t exist", re.IGNORECASE),
        "missing",
    ),
    (re.compile(r"inconsistent|bad mask|illegal|invalid|out of range|exceed", re.IGNORECASE), "bad value"),
    (re.compile(r"^%"), "error"),
)

PLATFORM = Platform(
    name="cisco_ios",
    port=22,
    cli=CliPlatform(
        # netmiko's own driver sends commands of its own at login.
        device_type="generic",
        # In configuration mode IOS cuts a long name (public drivers compare 16 characters).
        prompt=re.compile(r"(?P<base>[\w.-]{1,16})[\w.-]*(?P<config>\(config[^()\s]*\))?# ?"),
        pager=re.compile(r" ?--More-- ?"),
        question=re.compile(r".*(?:\[[^\[\]]*\]\??|\([yY](?:es)?/[nN]o?\)|[Pp]assword|\?) *:? *"),
        terminal=("terminal length 0", "terminal width 0"),
        show_configuration="show running-config",
        show_running="show running-config",
        show_saved="show startup-config",
        end_of_configuration="end",
        # Of "configuration mode exclusive"; where it is not known, nothing is taken to be locked.
        show_lock="show configuration lock",
        locked=re.compile(r"^State *: *LOCKED", re.MULTILINE),
        show_places="show running-config",
        locate=located,
        enter="configure terminal",
        leave="end",
        save="write memory",
        save_dialogue=_SAVE_DIALOGUE,
        saved=re.compile(r"(?:Building configuration\.\.\.)? *\[OK\]"),
        save_benign=(
            re.compile(r"Building configuration\.\.\."),
            re.compile(r"Warning: Attempting to overwrite an NVRAM configuration previously written"),
            re.compile(r"by a different version of the system image\."),
            re.compile(r"Compressed configuration from \d+ bytes to \d+ bytes"),
        ),
        refusals=_REFUSALS,
        benign=(
            (
                re.compile(r"configure terminal"),
                re.compile(r"Enter configuration commands, one per line\. +End with CNTL/Z\."),
            ),
        ),
        headers=tuple(
            re.compile(pattern)
            for pattern in (
                r"Building configuration\.\.\.",
                r"Current configuration ?: \d+ bytes",
                r"Using \d+ out of \d+ bytes.*",
                r"!.*",
                r"ntp clock-period \d+",
                # A certificate is printed by its bytes when running, by its file when saved.
                r" certificate .*",
                r"\s+[0-9A-F]{2,8}(?: [0-9A-F]{2,8})*",
                r"\s+quit",
                "end",
            )
        ),
        not_now=(),
        # "?" asks for help wherever it is typed; a line holds 254 characters (inferred). "<" begins a place
        # that was not found out.
        unsendable=re.compile(r"[\x00-\x1f\x7f-\x9f?]|.{250}"),
    ),
)
