"""Huawei USG firewalls and S-series switches, where a line takes effect at once. Sources: public drivers and
their tests, transcripts and sample configurations, unless said. With two stages (``[~SW]``) a device is
``huawei_vrpv8``.
"""

import re

from nornir_itsm.platforms.platform import Catalogue, CliPlatform, Platform

# ``<FW-A>``, ``[FW-A]``, ``[FW-A-policy-security-rule-web in]``; an HA pair shows ``HRP_M<FW-A>`` on the
# active member and ``HRP_S`` on the other. A question's ``[Y/N]`` is no prompt.
_PROMPT = re.compile(
    # A name in a view may hold brackets itself. Whose prompt it is, the name at its beginning says.
    r"(?P<mark>HRP_[A-Z]+)?(?:<(?P<exec>[^<>\[\]\s]+)>|\[(?![Yy]/[Nn])(?P<view>[^<>\[\]~*\s].*)\]) ?"
)

_SAVE_DIALOGUE: Catalogue = (
    (re.compile(r".*current configuration will be written to the device\. *Continue\? *\[Y/N\] *:?"), "y"),
    (re.compile(r"(?:Warning *: *)?Are you sure to (?:continue|save)\b.*\[Y/N\] *:?"), "y"),
    # What was sent is mirrored to the standby member, and lost there at its restart if it is not saved, too.
    (re.compile(r".*startup saved-configuration file on peer device\? *\[Y/N\] *:?"), "y"),
)

_REFUSALS: Catalogue = (
    (
        re.compile(r"^\^$|(?:Unrecognized|Ambiguous|Incomplete|Wrong parameter|Too many parameters)\b.*'\^'"),
        "syntax",
    ),
    (
        re.compile(r"authorization failed|permission denied|no right|not authori[sz]ed", re.IGNORECASE),
        "rights",
    ),
    (re.compile(r"\block(?:ed)?\b|occupied|exclusive", re.IGNORECASE), "locked by another administrator"),
    (re.compile(r"maximum number of (?:users|sessions)|sessions? .*limit", re.IGNORECASE), "session limit"),
    (re.compile(r"(?:is|being) (?:used|referenced|in use)|in use\b|has an? L3 interface", re.I), "in use"),
    (re.compile(r"conflicts|already (?:exists?|been configured)", re.IGNORECASE), "exists already"),
    (re.compile(r"does not exist|not exist yet|not created|not exist\b", re.IGNORECASE), "missing"),
    (re.compile(r"exceed|illegal|invalid|out of range", re.IGNORECASE), "bad value"),
    (re.compile(r"^Error *:", re.IGNORECASE), "error"),
)

PLATFORM = Platform(
    name="huawei_vrp",
    port=22,
    cli=CliPlatform(
        # netmiko's own driver reads the first prompt away and answers questions at login by itself.
        device_type="generic",
        prompt=_PROMPT,
        pager=re.compile(r" *---- More ----"),
        question=re.compile(r".*\[(?:[Yy]/[Nn]|[Nn]/[Yy])\] *[:：?]? *"),
        terminal=("screen-length 0 temporary",),
        show_configuration="display current-configuration",
        show_running="display current-configuration",
        show_saved="display saved-configuration",
        end_of_configuration="return",
        # Of switches; that a USG has it is assumed. Where it has not, nothing is known to be locked.
        show_lock="display configuration-occupied user",
        locked=re.compile(r"^ *User(?: Name| Index)? *: *\S", re.IGNORECASE | re.MULTILINE),
        enter="system-view",
        leave="return",
        save="save",
        save_dialogue=_SAVE_DIALOGUE,
        saved=re.compile(r".*(?:sav(?:e|ed|ing)\b.*successfully|successfully\b.*\bsaved).*", re.IGNORECASE),
        save_benign=(
            re.compile(r"(?:Warning *: *)?The current configuration will be written to .*"),
            re.compile(
                r"(?:Info *: *)?(?:It will take|Please wait|Now saving|Saving|Note *:).*", re.IGNORECASE
            ),
            re.compile(r"\(\+B\)"),
        ),
        refusals=_REFUSALS,
        benign=(
            (re.compile(r"system-view"), re.compile(r"Enter system view, return user view with .*\.")),
            (re.compile(r".*"), re.compile(r"\(\+B\)")),  # the active member mirrored the line
            (
                re.compile(r"rule move .*|security-policy|action .*"),
                re.compile(r"Info *: .*accelerat.*", re.I),
            ),
            (
                re.compile(r"ip binding vpn-instance .*"),
                re.compile(
                    r"Info: All IPv[46](?: and IPv6)? related configurations on this interface .*removed[.!]"
                ),
            ),
            (
                re.compile(r"undo interface Vlanif.*"),
                re.compile(
                    r"Info: This operation may take a few seconds\. Please wait for a moment\.+ *succeeded\."
                ),
            ),
        ),
        dialogue=(
            (
                re.compile(r"disable"),
                re.compile(r"Warning: This command will invalidate the rule\. *Continue\? *\[Y/N\] *:?"),
                "y",
            ),
        ),
        headers=(re.compile(r"!.*"), re.compile(r"return")),
        not_now=(
            (
                re.compile(r"HRP_(?!M )"),
                "this is the standby member of the HA pair: its master takes changes",
            ),
        ),
        # Assumed: "?" asks for help at once and a tab completes, inside quotes too.
        unsendable=re.compile(r"[\x00-\x1f\x7f-\x9f?]"),
        descend=("system-view", "switch vsys {system}"),
    ),
)
