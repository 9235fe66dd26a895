"""H3C and HPE Comware 7: switches, and SecPath firewalls. Sources: public drivers and their tests, H3C and
HPE command references, unless said.
"""

import re

from nornir_itsm.platforms.comware_numbers import numbered, others_at_work
from nornir_itsm.platforms.platform import Catalogue, CliPlatform, Platform

# ``<SW-A>``, ``[SW-A]``, ``[SW-A-Vlan-interface10]``; a pair of firewalls shows ``RBM_P<FW-A>`` on the member
# that takes changes and ``RBM_S`` on the other. A question's ``[Y/N]`` is no prompt.
_PROMPT = re.compile(
    r"(?P<mark>RBM_[A-Z]+)?(?:<(?P<exec>[^<>\[\]\s]+)>|\[(?![Yy]/[Nn])(?P<view>[^<>\[\]~*\s].*)\]) ?"
)

# "save force" asks nothing on switches; firewalls were seen to ask all the same, or to ask as "save" does.
_SAVE_DIALOGUE: Catalogue = (
    (re.compile(r"(?:.*current configuration will be written.*)?Are you sure\b.*\[Y/N\] *:?", re.I), "y"),
    (re.compile(r"\(To leave the existing filename unchanged, press the enter key\) *:"), ""),
    (re.compile(r"\S+ exists, overwrite\? *\[Y/N\] *:?"), "y"),
    # What was sent is mirrored to the other member, and lost there at its restart if it is not saved, too.
    (re.compile(r".*\bpeer device\b.*\[Y/N\] *:?", re.I), "y"),
)

_REFUSALS: Catalogue = (
    (
        re.compile(r"^\^$|(?:Unrecognized|Ambiguous|Incomplete|Wrong|Too many)\b.*'\^'", re.IGNORECASE),
        "syntax",
    ),
    (re.compile(r"permission denied|no right|not authori[sz]ed|authorization failed", re.I), "rights"),
    (re.compile(r"\block(?:ed)?\b|occupied|exclusive", re.IGNORECASE), "locked by another administrator"),
    (re.compile(r"All user interfaces are used|maximum .*(?:users|sessions)", re.I), "session limit"),
    (re.compile(r"(?:is|being|are) (?:used|referenced|in use|bound)|in use\b", re.IGNORECASE), "in use"),
    (re.compile(r"already|exists with different type|conflict|overlap", re.IGNORECASE), "exists already"),
    (re.compile(r"(?:does|do) not exist|doesn't exist|not found|no such", re.IGNORECASE), "missing"),
    (re.compile(r"exceed|illegal|invalid|out of range|must be", re.IGNORECASE), "bad value"),
    (re.compile(r"^%|^Error\b|failed", re.IGNORECASE), "error"),
)

PLATFORM = Platform(
    name="hp_comware",
    port=22,
    cli=CliPlatform(
        # netmiko's own driver reads the first prompt away and does not wait for the echo of a line.
        device_type="generic",
        prompt=_PROMPT,
        pager=re.compile(r" *---- More ----"),
        question=re.compile(r".*(?:\[(?:[Yy]/[Nn]|[Nn]/[Yy])\]|press the enter key\)) *[:：?]? *"),
        terminal=("screen-length disable",),
        show_configuration="display current-configuration",
        show_running="display current-configuration",
        show_saved="display saved-configuration",
        end_of_configuration="return",
        show_lock="display users",
        others=others_at_work,
        enter="system-view",
        leave="return",
        save="save force",
        save_dialogue=_SAVE_DIALOGUE,
        saved=re.compile(r".*\bsaved?\b.*successfully.*", re.IGNORECASE),
        save_benign=(
            re.compile(r"(?:The )?current configuration will be written .*", re.IGNORECASE),
            re.compile(r"Validating file\. Please wait\.*|Please wait\.*|Slot \d+:?", re.IGNORECASE),
            re.compile(r"Please input the file name.*", re.IGNORECASE),
        ),
        refusals=_REFUSALS,
        benign=(
            (re.compile(r"system-view"), re.compile(r"System View: return to User View with .*\.")),
            (
                re.compile(r"ip binding vpn-instance .*"),
                re.compile(r"Some configurations on the interface are removed\."),
            ),
        ),
        headers=(re.compile(r"return"),),
        not_now=(
            (re.compile(r"RBM_S\b"), "this is the standby member of the HA pair: its master takes changes"),
        ),
        # Log lines reach a session where somebody switched "terminal monitor" on.
        noise=re.compile(
            r"%[A-Z][a-z]{2} {1,2}\d{1,2} \d{2}:\d{2}:\d{2}:\d{3} \d{4} \S+ [A-Z0-9_]+/\d/[A-Z0-9_]+: .*"
        ),
        show_places="display current-configuration",
        locate=numbered,
        # Assumed: "?" asks for help at once and a tab completes, inside quotes too.
        unsendable=re.compile(r"[\x00-\x1f\x7f-\x9f?]"),
    ),
)
