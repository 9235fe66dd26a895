"""FRRouting: vtysh as login shell. Seen on FRR 8.4.4 (Debian 12).

``show startup-config`` prints nothing there (FRR issue 5032), so the saved configuration is read as the
file that it is, over SFTP: the server needs ``Subsystem sftp internal-sftp``, the account group ``frrvty``.
"""

import re

from nornir_itsm.platforms.platform import Catalogue, CliPlatform, Platform

_REFUSALS: Catalogue = (
    (re.compile(r"Unknown command|Command incomplete|Ambiguous command"), "syntax"),
    (re.compile(r"non-existent|does not exist|Can't find", re.IGNORECASE), "missing"),
    (re.compile(r"already", re.IGNORECASE), "exists already"),
    (re.compile(r"lock", re.IGNORECASE), "locked"),
    (re.compile(r"^%"), "error"),
)

PLATFORM = Platform(
    name="frr",
    port=22,
    cli=CliPlatform(
        device_type="cisco_ios",
        prompt=re.compile(r"(?P<base>[\w.-]+)(?P<config>\(config[^()\s]*\))?# ?"),
        pager=re.compile(r" ?--More-- ?|\(END\)"),
        question=re.compile(r".*(?:\[[yY]/[nN]\]|\(y/n\)|[Pp]assword) *[:?]? *"),
        terminal=("terminal length 0",),
        show_configuration="show running-config",
        show_running="show running-config",
        saved_file="/etc/frr/frr.conf",
        end_of_configuration="end",
        enter="configure terminal",
        leave="end",
        save="write memory",
        save_dialogue=(),
        # "[OK]" is missing where the file's owner could not be set; that it was saved is read back.
        saved=re.compile(r"Integrated configuration saved to /\S+"),
        save_benign=(
            re.compile(r"Note: this version of vtysh never writes vtysh\.conf"),
            re.compile(r"Building Configuration\.\.\."),
            re.compile(r"Warning: attempting direct configuration write without watchfrr\."),
            re.compile(r"File permissions and ownership may be incorrect, or write may fail\."),
            re.compile(r"% Warning: can't chown configuration file /\S+: Operation not permitted"),
            re.compile(r"\[OK\]"),
        ),
        refusals=_REFUSALS,
        benign=(),
        headers=tuple(
            re.compile(pattern)
            for pattern in (
                r"Building configuration\.\.\.",
                r"Current configuration:",
                r"!.*",
                r"\s*exit",
                "end",
            )
        ),
        not_now=(),
        unsendable=re.compile(r"[\x00-\x1f\x7f-\x9f?]"),
    ),
)
